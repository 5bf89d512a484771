"""Making a survey on its pages, without a script: as a CX manager, and as somebody hostile."""

import io
import re
import struct
import zlib
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image, PngImagePlugin
from tests.app.surveys.forms import form_with

from percorso.app.audit.models import Entry
from percorso.app.surveys import queries as doors
from percorso.app.surveys.building import edits, logos, theme_form
from percorso.app.surveys.building.words import type_names
from percorso.surveys import READY, Survey, Surveys, Theme, contrast, problems, ready, state
from percorso.surveys.model import Colours, Jump
from percorso.workspace import Workspace

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]


@pytest.fixture
def manager(client_of: As) -> Client:
    return client_of("cx_manager")


@pytest.fixture
def kept(company: Workspace) -> Surveys:
    return Surveys(company)


def said(answer: Any) -> str:
    words = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return re.sub(r"\s+", " ", words)


def make(manager: Client, start: str = "nps", **given: Any) -> str:
    form = {"start": start, "title": "", "languages": ["it", "en"], "id": "tried", **given}
    answer = manager.post(reverse("surveys:new"), form)
    assert answer.status_code == 302, said(answer)
    return str(answer["Location"]).split("/")[2]


def question(survey: str, name: str) -> str:
    return reverse("surveys:question", args=[survey, name])


def edited(manager: Client, address: str, **given: Any) -> Any:
    """Send the form of a page as it is shown, with some of it changed."""
    form: dict[str, Any] = form_with(manager.get(address), "was")
    return manager.post(address, {**form, "do": "save", **given})


def test_from_a_ready_survey_to_one_that_is_asked(manager: Client, kept: Surveys) -> None:
    assert "Make a survey" in said(manager.get(reverse("surveys:list")))
    survey = make(manager, title="After the delivery", id="")
    assert survey == "after-the-delivery"
    page = manager.get(reverse("surveys:one", args=[survey]))
    assert "Nothing is in the way" in said(page)
    answer = edited(manager, question(survey, "why"), **{"text.en": "What for?"})
    assert answer["Location"].endswith("#question-why")
    acted = manager.post(reverse("surveys:act", args=[survey]), {"do": "publish"})
    assert acted["Location"] == reverse("surveys:ask", args=[survey])
    published = kept.get(survey)
    assert (published.published, published.version) == (True, 1)
    assert published.questions[1].text["en"] == "What for?"
    listed = said(manager.get(reverse("surveys:list")))
    assert "After the delivery" in listed
    assert "version 1: asked nowhere now" in listed
    trail = Entry.objects.filter(subject=survey).order_by("id")
    assert list(trail.values_list("action", flat=True)) == [
        "survey.made",
        "survey.changed",
        "survey.published",
    ]
    # What is published stays; the next change begins a version of its own.
    edited(manager, question(survey, "why"), **{"text.en": "And why?"})
    assert kept.published(survey) == published
    assert (kept.get(survey).version, kept.get(survey).published) == (2, False)
    assert "changed: “And why?”" in said(manager.get(reverse("surveys:versions", args=[survey])))


@pytest.mark.parametrize("kind", list(type_names()))
def test_a_question_of_every_type_is_written_and_its_form_keeps_it_as_it_is(
    manager: Client, kept: Surveys, kind: str
) -> None:
    survey = make(manager)
    added = manager.post(reverse("surveys:one", args=[survey]), {"do": "add", "type": kind})
    address = added["Location"].partition("?")[0]
    before = kept.get(survey)
    assert len(before.questions) == 3
    # Sent back as it is shown, the form changes nothing.
    edited(manager, address)
    assert kept.get(survey) == before
    # Every text that it has can be written, and then nothing is in the way.
    form: dict[str, Any] = form_with(manager.get(address), "was")
    texts = {
        name: ["Words"]
        for name, values in form.items()
        if re.search(r"\.(it|en)$", name) and not values[0] and not name.startswith("help")
    }
    answer = manager.post(address, {**form, **texts, "do": "save"})
    assert answer["Location"].startswith(reverse("surveys:one", args=[survey])), said(answer)
    assert problems(kept.get(survey)) == ()


def test_answers_to_choose_from_are_added_moved_and_taken_out_before_anything_is_saved(
    manager: Client, kept: Surveys
) -> None:
    survey = make(manager)
    address = reverse("surveys:one", args=[survey])
    manager.post(address, {"do": "add", "type": "choice"})
    address = question(survey, "choice")
    before = kept.get(survey)
    form: dict[str, Any] = form_with(manager.get(address), "was")
    form |= {"option-0.text.en": ["Too late"], "option-0.text.it": ["Tardi"], "option-0.id": [""]}
    for press in ("add-option", "up-option-2", "remove-option-2", "down-option-0"):
        answer = manager.post(address, {**form, "do": press})
        assert answer.status_code == 200
        form = form_with(answer, "was")
    assert form["options"] == ["2"]
    assert [form[f"option-{n}.text.it"] for n in range(2)] == [[""], ["Tardi"]]
    assert kept.get(survey) == before, "nothing is saved until it is"
    manager.post(address, {**form, "do": "save"})
    saved: Any = kept.get(survey).question("choice")
    assert [each.id for each in saved.options] == ["option_1", "tardi"]


def test_questions_are_moved_copied_removed_and_keep_their_pages(
    manager: Client, kept: Surveys
) -> None:
    survey = make(manager)
    address = reverse("surveys:one", args=[survey])
    for kind in ("open", "rating"):
        manager.post(address, {"do": "add", "type": kind, "after": "nps"})
    assert [each.id for each in kept.get(survey).questions] == ["nps", "rating", "open", "why"]
    edited(manager, reverse("surveys:settings", args=[survey]), layout="pages")
    for press in ("page:open", "up:why", "copy:nps"):
        assert manager.post(address, {"do": press}).status_code == 302
    pages = [each.questions for each in kept.get(survey).pages]
    assert pages == [("nps", "nps_2", "rating"), ("why", "open")]
    for press in ("remove:open", "remove:why", "remove:gone", "up:nps", "nonsense"):
        assert manager.post(address, {"do": press}).status_code == 302
    pages = [each.questions for each in kept.get(survey).pages]
    assert pages == [("nps", "nps_2", "rating")]
    where = {each.where for each in problems(kept.get(survey))}
    assert "pages" not in where


def test_what_is_to_be_mended_is_listed_in_the_order_of_the_survey_and_all_of_it(
    manager: Client, kept: Surveys
) -> None:
    survey = make(manager)
    address = reverse("surveys:one", args=[survey])
    manager.post(address, {"do": "add", "type": "choice", "after": "why"})
    made = kept.get(survey)
    first, why, choice = made.questions
    jump = Jump(when="nps >= 9", to="gone")
    pale = Colours(background="#ffffff", text="#dddddd", accent="#eeeeee", on_accent="#ffffff")
    kept.save(
        msgspec.structs.replace(
            made,
            title={"it": "Prova", "en": ""},
            questions=(
                msgspec.structs.replace(first, low={"it": "", "en": ""}, jumps=(jump,)),
                msgspec.structs.replace(why, help={"it": "", "en": "Please"}),
                msgspec.structs.replace(choice, options=()),
            ),
            theme=Theme(light=pale, dark=pale),
        ),
        instead_of=state(made),
    )
    listed = said(manager.get(address)).partition("things to mend")[2]
    told = [
        "Title · English",
        "Question 1",
        "Jump 1 · Goes to “gone” is no later question",
        "Question 2",
        "Answers to choose from at least 2 are needed",
        "Look · By day",
        "Look · By night",
    ]
    places = [listed.find(each) for each in told]
    assert -1 not in places, [each for each in told if each not in listed]
    assert places == sorted(places)
    page = said(manager.get(question(survey, "choice")))
    assert page.index("Answers to choose from") < page.index("At least 2 are needed")


def test_a_condition_that_cannot_be_read_says_where_and_what_was_meant(
    manager: Client, kept: Surveys
) -> None:
    survey = make(manager)
    address = question(survey, "why")
    answer = edited(manager, address, show_if="npss <= 6")
    assert answer["Location"] == address, "one stays where there is something to mend"
    page = manager.get(address)
    assert "<mark>npss</mark> &lt;= 6" in page.content.decode()
    assert "Did you mean “nps”?" in said(page)
    listed = said(manager.get(reverse("surveys:one", args=[survey])))
    assert "1 thing to mend before it can be published" in listed
    assert "Question 2 “What is the main reason for your score?” · Who is asked" in listed
    manager.post(reverse("surveys:act", args=[survey]), {"do": "publish"})
    assert not kept.get(survey).published
    told = said(manager.get(reverse("surveys:one", args=[survey])))
    assert "It cannot be published yet. Question 2" in told
    # A usual condition that is chosen takes its place, and is said in words.
    edited(manager, address, **{"show_if-pick": "nps <= 6"})
    assert kept.get(survey).questions[1].show_if == "nps <= 6"
    assert "is at most 6" in said(manager.get(address))
    # The choice stands as it was: then what is written counts.
    edited(manager, address, show_if="nps >= 9")
    assert kept.get(survey).questions[1].show_if == "nps >= 9"
    edited(manager, address, **{"show_if-pick": "always"})
    assert kept.get(survey).questions[1].show_if == ""


def test_a_jump_leads_on_and_one_that_leads_nowhere_is_told(manager: Client, kept: Surveys) -> None:
    survey = make(manager)
    address = question(survey, "nps")
    form: dict[str, Any] = form_with(manager.get(address), "was")
    form = form_with(manager.post(address, {**form, "do": "add-jump"}), "was")
    given = {"jump-0.when-pick": "nps >= 9", "jump-0.to": "end", "do": "save"}
    assert manager.post(address, {**form, **given}).status_code == 302
    (jump,) = kept.get(survey).questions[0].jumps
    assert (jump.when, jump.to) == ("nps >= 9", "end")
    listed = said(manager.get(reverse("surveys:one", args=[survey])))
    assert "→ the end" in listed
    edited(manager, address, **{"jump-0.to": "whyy"})
    page = said(manager.get(address))
    assert "“whyy” is no later question" in page


def test_another_name_is_followed_by_all_that_uses_it(manager: Client, kept: Surveys) -> None:
    survey = make(manager)
    edited(manager, question(survey, "why"), show_if="nps <= 6 or not nps")
    edited(manager, question(survey, "nps"), id="score")
    renamed = kept.get(survey)
    assert renamed.questions[1].show_if == "score <= 6 or not score"
    assert renamed.endings[0].show_if == "score <= 6"
    assert problems(renamed) == ()
    answer = edited(manager, question(survey, "score"), id="And")
    assert answer.status_code == 422
    assert "not a word such as and" in said(answer)
    # Once it was asked, results are joined by it: it stays.
    manager.post(reverse("surveys:act", args=[survey]), {"do": "publish"})
    edited(manager, question(survey, "score"), id="other")
    assert kept.get(survey).questions[0].id == "score"


def test_an_option_of_the_same_name_is_none_of_the_question() -> None:
    written = "late <= 3 and reason is late, damaged or not late and matrix.late = 2"
    assert edits.renamed(written, "late", "hours") == (
        "hours <= 3 and reason is late, damaged or not hours and matrix.late = 2"
    )


def test_two_people_change_one_survey_and_nothing_is_lost(manager: Client, kept: Surveys) -> None:
    survey = make(manager)
    why, nps = question(survey, "why"), question(survey, "nps")
    mine: dict[str, Any] = form_with(manager.get(why), "was")
    theirs: dict[str, Any] = form_with(manager.get(why), "was")
    other: dict[str, Any] = form_with(manager.get(nps), "was")
    manager.post(why, {**theirs, "do": "save", "text.en": "Theirs"})
    # Another question: both hold.
    assert (
        manager.post(nps, {**other, "do": "save", "help.en": "H", "help.it": "H"}).status_code
        == 302
    )
    answer = manager.post(why, {**mine, "do": "save", "text.en": "Mine"})
    assert answer.status_code == 422
    assert "Somebody else changed this question" in said(answer)
    assert "Mine</textarea>" in answer.content.decode()
    assert kept.get(survey).questions[1].text["en"] == "Theirs"
    again: dict[str, Any] = form_with(answer, "was")
    assert manager.post(why, {**again, "do": "save"}).status_code == 302
    assert kept.get(survey).questions[1].text["en"] == "Mine"
    assert kept.get(survey).questions[0].help["en"] == "H"


def test_what_is_hostile_in_words_names_and_numbers_does_no_harm(
    manager: Client, kept: Surveys
) -> None:
    nasty = '"><script>alert(1)</script>{{ settings.SECRET_KEY }}'
    survey = make(manager, "csat", title=nasty[:60])
    edited(manager, question(survey, "csat"), **{"text.en": nasty, "low.en": nasty[:50]})
    manager.post(reverse("surveys:one", args=[survey]), {"do": "add", "type": "rating"})
    rating = question(survey, "rating")
    for given in (
        {"points": "10; DROP"},
        {"points": "9" * 40},
        {"id": "../../etc"},
        {"id": "é"},
        {"jumps": "99999"},
        {"text.en": "x" * 100_000},
        {"show_if": "(" * 900},
        {"show_if": "\x00nps"},
    ):
        assert edited(manager, rating, **given).status_code in (302, 422), given
    for page in ("one", "settings", "endings", "look", "try", "ask", "versions"):
        answer = manager.get(reverse(f"surveys:{page}", args=[survey]))
        assert answer.status_code == 200
        assert "<script>alert" not in answer.content.decode(), page
    assert any("tag such as <b>" in str(each.rule) for each in problems(kept.get(survey)))
    for name in ("..", "x" * 60, "Tried", "%00", "new.json"):
        assert manager.get(f"/surveys/{name}/").status_code in (404, 302)
    for taken in ("new", "rules", "tried"):
        form = {"start": "nps", "id": taken, "languages": ["it"]}
        assert manager.post(reverse("surveys:new"), form).status_code == 422, taken
    assert kept.ids() == ("tried",)


def test_a_language_more_is_empty_and_one_less_is_gone(manager: Client, kept: Surveys) -> None:
    survey = make(manager, "pyramid")
    address = reverse("surveys:settings", args=[survey])
    edited(manager, address, languages=["en", "fr"], main="fr")
    made = kept.get(survey)
    assert made.languages == ("fr", "en")
    assert all("it" not in each.text and each.text["fr"] == "" for each in made.questions)
    missing = {str(each.rule) for each in problems(made)}
    assert missing == {"the text is missing"}
    # Who takes all of them away keeps what there was.
    edited(manager, address, languages=[])
    assert kept.get(survey).languages == ("fr", "en")


@pytest.mark.parametrize("name", list(READY))
def test_every_ready_survey_is_the_same_in_its_own_languages(name: str) -> None:
    survey = ready(name)
    assert edits.in_languages(survey, ("it", "en")) == survey
    dark = msgspec.structs.replace(
        survey, theme=Theme(dark=Colours(), light=Colours(text="#000000"))
    )
    assert edits.in_languages(dark, ("it", "en")) == dark


def test_thanks_depend_on_answers_and_links_are_for_everybody(
    manager: Client, kept: Surveys
) -> None:
    survey = make(manager)
    address = reverse("surveys:endings", args=[survey])
    form: dict[str, Any] = form_with(manager.get(address), "was")
    for press in ("add-ending", "add-link"):
        form = form_with(manager.post(address, {**form, "do": press}), "was")
    # The new one comes before that for everybody else, which takes no condition.
    assert form["endings"] == ["3"]
    assert "ending-2.show_if" not in form
    given = {
        "ending-1.text.it": "Che bello!",
        "ending-1.text.en": "How nice!",
        "ending-1.show_if-pick": "nps >= 9",
        "link-0.kind": "review",
        "link-0.text.it": "Scrivi una recensione",
        "link-0.text.en": "Write a review",
        "link-0.address": "javascript:alert(1)",
        "do": "save",
    }
    assert manager.post(address, {**form, **given}).status_code == 302
    assert "Must be an address that begins with https://" in said(manager.get(address))
    edited(manager, address, **{"link-0.address": "https://reviews.example.org/aurora"})
    made = kept.get(survey)
    assert [each.show_if for each in made.endings] == ["nps <= 6", "nps >= 9", ""]
    assert made.links[0].kind == "review"
    assert problems(made) == ()


def test_the_ready_draft_is_deleted_and_what_was_published_taken_up_again(
    manager: Client, kept: Surveys
) -> None:
    survey = make(manager)
    act = reverse("surveys:act", args=[survey])
    first = kept.get(survey)
    manager.post(act, {"do": "publish"})
    edited(manager, question(survey, "why"), **{"text.en": "Other words"})
    manager.post(act, {"do": "publish"})
    manager.post(act, {"do": "take-up", "version": "1"})
    draft = kept.get(survey)
    assert (draft.version, draft.published, draft.questions) == (3, False, first.questions)
    manager.post(act, {"do": "delete"})
    assert kept.versions(survey) == (1, 2)
    manager.post(act, {"do": "delete"})
    assert kept.versions(survey) == (1, 2), "what is published stays"
    # Who looked before somebody changed it publishes nothing unseen.
    edited(manager, question(survey, "why"), **{"text.en": "New words"})
    manager.post(act, {"do": "publish", "seen": state(first)})
    assert kept.published(survey).version == 2  # type: ignore[union-attr]  # it is there


def test_a_viewer_reads_the_questions_and_finds_nothing_to_press(
    manager: Client, client_of: As
) -> None:
    survey = make(manager)
    viewer = client_of("viewer")
    page = viewer.get(reverse("surveys:one", args=[survey]))
    assert "What is the main reason" in said(page)
    words = page.content.decode()
    assert 'name="do"' not in words
    assert reverse("surveys:settings", args=[survey]) not in words
    assert question(survey, "why") not in words


# The look


def test_colours_that_are_hard_to_see_are_told_mended_and_not_published(
    manager: Client, kept: Surveys
) -> None:
    survey = make(manager)
    address = reverse("surveys:look", args=[survey])
    pale = {"light.background": "#ffffff", "light.text": "#cccccc", "light.accent": "#ffee00"}
    assert edited(manager, address, **pale).status_code == 302
    page = manager.get(address)
    assert "1.6 : 1" in said(page)
    assert "hard to see: at least 4.5 is needed" in said(page)
    manager.post(reverse("surveys:act", args=[survey]), {"do": "publish"})
    assert not kept.get(survey).published
    mended = manager.post(address, {**form_with(page, "was"), "do": "mend"})
    assert "hard to see: at least" not in said(mended)
    manager.post(address, {**form_with(mended, "was"), "do": "save"})
    assert problems(kept.get(survey)) == ()
    assert kept.get(survey).theme.light.background == "#ffffff"


@pytest.mark.parametrize("accent", ["#ffffff", "#000000", "#777777", "#ff0000", "#fffffe"])
@pytest.mark.parametrize("background", ["#ffffff", "#000000", "#808080"])
def test_the_nearest_colours_can_always_be_seen(accent: str, background: str) -> None:
    given = Colours(background=background, text="#808080", accent=accent, on_accent=accent)
    found = theme_form.mended(Theme(light=given)).light
    assert contrast(found.text, found.background) >= 4.5
    assert contrast(found.on_accent, found.accent) >= 4.5
    assert contrast(found.accent, found.background) >= 3
    assert theme_form.mended(Theme(light=found)).light == found


def picture(kind: str = "PNG", size: tuple[int, int] = (900, 300), **more: Any) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 80).convert("RGB").save(out, kind, **more)
    return out.getvalue()


def upload(data: bytes, name: str = "logo.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_logo_is_made_anew_small_and_without_what_was_hidden_in_it(
    manager: Client, kept: Surveys, kind: str
) -> None:
    survey = make(manager)
    address = reverse("surveys:look", args=[survey])
    hidden = b"<script>alert('SECRET')</script>"
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", hidden.decode())
    more: dict[str, Any] = {"pnginfo": info} if kind == "PNG" else {"exif": b"Exif\0\0" + hidden}
    sent = picture(kind, **(more if kind != "WEBP" else {})) + hidden
    given = {"logo_text.it": "Bottega", "logo_text.en": "Shop"}
    # Its name says nothing of what it is.
    answer = edited(manager, address, logo=upload(sent, "../../x.svg"), **given)
    assert answer.status_code == 302
    theme = kept.get(survey).theme
    data = logos.find(theme.logo)
    assert data is not None
    assert len(data) <= 20_000
    assert b"SECRET" not in data
    with Image.open(io.BytesIO(data)) as opened:
        assert opened.width <= 480
        assert opened.height <= 160
        assert opened.width / opened.height == pytest.approx(3, rel=0.05)
    assert problems(kept.get(survey)) == ()
    edited(manager, address, **{"no-logo": "yes"})
    assert kept.get(survey).theme.logo == ""


def _bomb() -> bytes:
    """Return a PNG that says it has 60,000 by 60,000 pixels, of a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + data + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "data",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"GIF89a" + b"\0" * 100,
        b"\x89PNG\r\n\x1a\n" + b"\0" * 50,
        b"%PDF-1.7",
        b"",
        _bomb(),
        picture("TIFF"),
        picture()[:2000],
        b"x" * 2_000_001,
    ],
    ids=["svg", "gif", "broken", "pdf", "empty", "bomb", "tiff", "cut", "huge"],
)
def test_what_is_no_picture_is_refused_and_nothing_is_kept(
    manager: Client, kept: Surveys, company: Workspace, data: bytes
) -> None:
    survey = make(manager)
    address = reverse("surveys:look", args=[survey])
    given: dict[str, Any] = form_with(manager.get(address), "was")
    answer = manager.post(address, {**given, "do": "save", "logo": upload(data)})
    if data:
        assert answer.status_code == 422
        assert re.search("picture", said(answer))
    assert kept.get(survey).theme.logo == ""
    assert not list((company.surveys / ".logos").glob("*"))


@pytest.mark.parametrize("name", ["../1.json", "x.png", "0" * 32 + ".svg", "0" * 32 + ".png\n"])
def test_only_logos_are_found_among_logos(company: Workspace, name: str) -> None:
    assert logos.find(name) is None


# Where it is asked


def test_doors_are_opened_closed_and_opened_again(manager: Client, company: Workspace) -> None:
    survey = make(manager)
    address = reverse("surveys:ask", args=[survey])
    assert "Nobody can be asked before a version is published" in said(manager.get(address))
    refused = manager.post(address, {"do": "open", "kind": "qr", "touchpoint": "Shop"})
    assert refused.status_code == 422
    manager.post(reverse("surveys:act", args=[survey]), {"do": "publish"})
    given = {"do": "open", "kind": "qr", "touchpoint": "Shop", "place": "Via <b>Dante</b>"}
    assert manager.post(address, given).status_code == 302
    (door,) = doors.doors(survey)
    page = manager.get(address)
    assert f"http://testserver{door.path}" in page.content.decode()
    assert "<b>Dante" not in page.content.decode()
    wrong = {"do": "open", "kind": "widget", "touchpoint": "Site", "websites": "javascript:x"}
    again = manager.post(address, wrong)
    assert again.status_code == 422
    assert "javascript:x" in said(again), "what was written is not lost"
    # A door of another survey is none of this one's.
    manager.post(reverse("surveys:new"), {"start": "csat", "id": "other", "languages": ["it"]})
    manager.post(reverse("surveys:ask", args=["other"]), {"do": f"close:{door.code}"})
    assert doors.doors(survey)[0].is_open
    manager.post(address, {"do": f"close:{door.code}"})
    assert not doors.doors(survey)[0].is_open
    manager.post(address, {"do": f"reopen:{door.code}"})
    assert doors.doors(survey)[0].is_open


def test_the_helper_says_how_many_answers_a_figure_takes(manager: Client) -> None:
    survey = make(manager)
    address = reverse("surveys:ask", args=[survey])
    plan = {"measure": "share", "people": "1000", "rate": "25", "width": "5", "was": "share"}
    page = said(manager.get(address, plan))
    # The published table: 385 answers for ± 5 points at 95%, whatever they are.
    assert "it takes 385 answers" in page
    assert "ask 1,540 people" in page
    assert "about 250 will answer" in page
    few = said(manager.get(address, {**plan, "all": "1000"}))
    assert "it takes 278 answers" in few
    for wrong in ({"people": "no"}, {"rate": "101"}, {"width": "0"}, {"all": "3"}, {"rate": "nan"}):
        answer = manager.get(address, {**plan, **wrong})
        assert answer.status_code == 200
        assert "it takes" not in said(answer), wrong


def test_a_copy_is_a_survey_of_its_own(manager: Client, kept: Surveys) -> None:
    make(manager)
    other = make(manager, "copy", copy_of="tried", id="copied", title="Again")
    assert kept.get(other).questions == kept.get("tried").questions
    edited(manager, question(other, "why"), **{"text.en": "Only here"})
    assert kept.get("tried").questions[1].text["en"] != "Only here"
    form = {"start": "copy", "copy_of": "nothing", "languages": ["it"]}
    assert manager.post(reverse("surveys:new"), form).status_code == 422


def test_a_blank_survey_begins_with_nothing_and_says_so(manager: Client, kept: Surveys) -> None:
    form = {"start": "blank", "title": "", "languages": ["it"]}
    assert manager.post(reverse("surveys:new"), form).status_code == 422
    survey = make(manager, "blank", title="Tutto nuovo", id="", languages=["it"])
    assert survey == "tutto-nuovo"
    made: Survey = kept.get(survey)
    assert made.questions == ()
    page = said(manager.get(reverse("surveys:one", args=[survey])))
    assert "at least one question is needed" in page
