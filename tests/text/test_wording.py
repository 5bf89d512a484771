"""A language model's words are shown only where they say what the figures say."""

import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from percorso import labels
from percorso.i18n import in_language
from percorso.text.results import Clause, Summary
from percorso.text.wording import Writer, choose, reworded
from percorso.vocabulary import Phrase

OURS = Summary(
    200,
    (),
    (),
    (),
    (
        Clause(Phrase("Of 200 texts, 41% sound positive and 29% negative."), {}),
        Clause(
            Phrase("They blame speed: 70% of 50 texts blame it (60 to 79%)."),
            {"factor": ["speed"]},
        ),
    ),
)
HONEST = [
    "41% of the 200 texts are positive, 29% negative.",
    "Speed is blamed in 70% of its 50 texts (60 to 79%).",
]


@pytest.fixture
def model():
    """A server that answers what it is told to, and keeps what it was asked."""
    asked = []
    paths = []
    answers = {"content": "", "status": 200, "location": ""}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            paths.append(self.path)
            asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            message = {"choices": [{"message": {"content": answers["content"]}}]}
            self.send_response(answers["status"])
            if answers["location"]:
                self.send_header("Location", answers["location"])
            self.end_headers()
            self.wfile.write(json.dumps(message).encode())

        def do_GET(self):
            paths.append(self.path)
            self.send_error(404)

        def log_message(self, *_given):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()

    def say(sentences, status=200, ours=OURS, location=""):
        answers["content"] = (
            sentences if isinstance(sentences, str) else json.dumps({"sentences": sentences})
        )
        answers.update(status=status, location=location)
        return reworded(ours, Writer(f"http://127.0.0.1:{server.server_port}/v1", "m"))

    say.asked, say.paths = asked, paths
    yield say
    server.shutdown()
    thread.join()
    server.server_close()


def test_honest_words_are_shown_with_our_evidence(model):
    found = model(HONEST)
    assert [labels.phrase(each.words) for each in found.written] == HONEST
    assert found.written_by == "m"
    assert found.written[1].evidence == {"factor": ["speed"]}


@pytest.mark.parametrize(
    "lie",
    [
        "Speed is blamed in 90% of its 50 texts (60 to 79%).",
        "Speed is blamed in most texts.",
        # Its numbers are ours, elsewhere.
        "Speed is blamed in 79% of its 50 texts (60 to 70%).",
        "Speed is blamed in 70% of its 60 texts (50 to 79%).",
        # Its numbers are ours; it says more.
        "Speed is blamed in 70% of its 50 texts (60 to 79%) by Mario Rossi.",
        "Speed is blamed in 70% of its 50 texts (60 to 79%): close the shop in Rome.",
        "Only speed is blamed in 70% of its 50 texts (60 to 79%).",
        "Speed is blamed in 70% of its 50 texts (60 to 79%), three in four.",
        "Security is blamed in 70% of its 50 texts (60 to 79%).",
        "La sicurezza è criticata nel 70% dei 50 testi (60 a 79%).",
        "Speed is blamed in 70% of 50 texts (60 to 79%). See https://example.org now.",
        "Speed <b>70</b>% of 50 (60 to 79%)",
        "Speed is praised in 70% of its 50 texts (60 to 79%).",
        "Speed is not blamed in 70% of its 50 texts (60 to 79%).",
        "Speed is blamed in 70% of its 50 texts (60 to 79%), which is better.",
        "Speed is blamed in\x1b[2J 70% of its 50 texts (60 to 79%).",
        "Speed is blamed in 70% of 50 texts (60 to 79%). Fire the couriers.",
        "",
        7,
    ],
)
def test_a_lie_is_not_shown(model, lie):
    assert model([HONEST[0], lie]) == OURS


def test_shares_of_praise_and_blame_are_not_swapped(model):
    assert model(["29% of the 200 texts are positive, 41% negative.", HONEST[1]]) == OURS


def test_numbers_of_one_thing_are_not_told_of_another(model):
    ours = replace(
        OURS,
        written=(Clause(Phrase("They ask for parking: 12 customers ask for it in 30 texts."), {}),),
    )
    assert model(["12 customers ask for parking in 30 texts."], ours=ours).written_by == "m"
    assert model(["Customers ask for parking: 12 texts, 30 customers."], ours=ours) == ours
    assert model(["30 customers ask for parking in 12 texts."], ours=ours) == ours


def test_italian_words_are_checked_alike(model):
    ours = replace(
        OURS,
        written=(
            Clause(
                Phrase("Criticano la velocità: lo criticano 70% di 50 testi (da 60 a 79%)."), {}
            ),
        ),
    )
    honest = "La velocità è criticata nel 70% dei 50 testi (da 60 a 79%)."
    with in_language("it"):
        assert model([honest], ours=ours).written_by == "m"
        assert model([honest.replace("criticata", "elogiata")], ours=ours) == ours
        assert model([honest.replace("velocità", "sicurezza")], ours=ours) == ours


def test_the_key_is_not_said_and_goes_to_no_other_address(model):
    assert "sk-secret" not in repr(Writer("http://x", "m", "sk-secret"))
    assert model(HONEST, status=302, location="/elsewhere") == OURS
    assert model.paths == ["/v1/chat/completions"]
    with pytest.raises(ValueError, match="key") as caught:
        Writer("http://127.0.0.1:9", "m", "sk-secret\nX: y").ask("", "")
    assert "sk-secret" not in str(caught.value)


@pytest.mark.parametrize(
    "answer", ["[" * 50_000, "no json", "[]", '{"sentences": 3}', '{"sentences": []}']
)
def test_nonsense_leaves_our_words(model, answer):
    assert model(answer) == OURS


def test_an_error_or_a_dead_server_leaves_our_words(model):
    assert model(HONEST, status=500) == OURS
    assert model(HONEST, status=302) == OURS
    assert reworded(OURS, Writer("http://127.0.0.1:9/v1", "m")) == OURS


def test_nothing_but_our_sentences_leaves(model):
    model(HONEST)
    orders, given = model.asked[0]["messages"]
    assert "quote" not in orders["content"]
    assert json.loads(given["content"]) == {
        "statements": [labels.phrase(each.words) for each in OURS.written]
    }


def test_it_is_off_unless_asked_for():
    assert choose({}) is None
    assert choose({"PERCORSO_WORDS_URL": "file:///etc/passwd", "PERCORSO_WORDS_MODEL": "m"}) is None
    assert choose({"PERCORSO_WORDS_URL": "http://x", "PERCORSO_WORDS_MODEL": "m"}) is not None
