"""Tokens with enough contrast, vendored files as they were published, addresses of files."""

import hashlib
import re
from pathlib import Path

import pytest
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory

import percorso.app.ui
from percorso.app.ui import static_files
from percorso.app.ui.components import Change, IntervalBar
from percorso.app.ui.pages import Pages
from percorso.app.ui.templatetags.words import unbroken
from percorso.vocabulary import Estimate

STATIC = Path(percorso.app.ui.__file__).parent / "static" / "ui"
TEMPLATES = Path(percorso.app.ui.__file__).parents[1]


def tokens() -> dict[str, tuple[str, str]]:
    text = (STATIC / "tokens.css").read_text(encoding="utf-8")
    found = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", text)
    return {name: (light, dark) for name, light, dark in found}


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


WORDS = [
    *[(ink, ground) for ink in ("ink", "ink-2") for ground in ("paper", "card", "sunk")],
    *[(ink, ground) for ink in ("accent", "good", "warn", "bad") for ground in ("paper", "card")],
    ("ink", "accent-soft"),
    ("accent-strong", "card"),
    ("good", "good-soft"),
    ("warn", "warn-soft"),
    ("bad", "bad-soft"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
]
SHAPES = [
    *[("edge", ground) for ground in ("paper", "card", "sunk")],
]


@pytest.mark.parametrize("look", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), WORDS)
def test_words_can_be_read(ink: str, ground: str, look: int) -> None:
    ratio = contrast(tokens()[ink][look], tokens()[ground][look])
    assert ratio >= 4.5, f"{ink} on {ground}: {ratio:.2f}"


@pytest.mark.parametrize("look", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("shape", "ground"), SHAPES)
def test_shapes_can_be_seen(shape: str, ground: str, look: int) -> None:
    ratio = contrast(tokens()[shape][look], tokens()[ground][look])
    assert ratio >= 3, f"{shape} on {ground}: {ratio:.2f}"


def test_the_sums_against_known_ones() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_colours_are_named_in_the_tokens_alone() -> None:
    named = re.compile(r"#[0-9a-fA-F]{3,8}\b")
    for file in TEMPLATES.rglob("*.css"):
        if file.name != "tokens.css":
            assert not named.findall(file.read_text(encoding="utf-8")), file.name


def test_vendored_files_are_as_they_were_published() -> None:
    folder = STATIC / "vendor"
    sums = dict(
        reversed(line.split())
        for line in (folder / "SHA256SUMS").read_text(encoding="ascii").splitlines()
    )
    files = {file.name for file in folder.iterdir()} - {"SHA256SUMS"}
    assert files == set(sums)
    for name, expected in sums.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == expected, name
    for part in ("htmx", "inter"):
        assert f"{part}-LICENSE.txt" in files


def test_nothing_is_inline_and_nothing_is_elsewhere() -> None:
    inline = re.compile(r"""\s(style|on\w+)=["']|<style|<script(?![^>]*\bsrc=)|javascript:""")
    elsewhere = re.compile(r"""(src|href|action)=["'](https?:)?//""")
    for file in TEMPLATES.rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        # Programs that show mail leave style sheets out: a message has its looks in it.
        assert file.parent.name == "mail" or not inline.findall(text), file
        assert not elsewhere.findall(text), file


def test_every_template_can_be_read() -> None:
    for file in TEMPLATES.rglob("templates/**/*.html"):
        get_template(str(file).split("/templates/")[1])


def test_the_address_of_a_file_changes_with_its_content() -> None:
    address = static_files.VersionedFiles(base_url="/static/").url("ui/base.css")
    digest = hashlib.sha256((STATIC / "base.css").read_bytes()).hexdigest()[:12]
    assert address == f"/static/ui/base.css?v={digest}"
    with pytest.raises(FileNotFoundError):
        static_files.VersionedFiles(base_url="/static/").url("ui/none.css")


def test_an_interval_is_placed_on_its_scale() -> None:
    bar = IntervalBar.of(Estimate(41, 36, 46, 412, "x"), -100, 100)
    assert bar is not None
    assert (bar.start, bar.width, bar.mark, bar.zero) == ("68.00%", "5.00%", "70.50%", "50.00%")
    assert IntervalBar.of(Estimate.hidden(3, "x"), 0, 100) is None
    beyond = IntervalBar.of(Estimate(99, 97, 104, 9, "x"), 0, 100)
    assert beyond is not None
    assert beyond.width == "3.00%"


def test_a_change_is_said_in_words_and_a_sign() -> None:
    shown = render_to_string(
        "ui/parts/change.html", {"change": Change("6 points, certain", "down", "▼")}
    )
    assert "6 points, certain" in shown
    assert '<span aria-hidden="true">▼</span>' in shown


@pytest.mark.parametrize(
    ("sentence", "parts"),
    [
        ("Kept: 88% (82 – 93). Then 1.4 less.", ("(82 – 93).",)),
        ("39% [33 – 45] of those who pass", ("[33 – 45]",)),
        ("+4 [-10 to 17] (37 customers)", ("[-10 to 17]", "customers)")),
        ("8.0% di tutti, 4,7 – 13,2", ("4,7 – 13,2",)),
        ("Now – as before – nothing [at all that was ever said of it here]", ("–", "[at", "here]")),
    ],
)
def test_an_interval_in_a_sentence_stays_whole(sentence: str, parts: tuple[str, ...]) -> None:
    pieces = [each.replace("\xa0", " ") for each in unbroken(sentence).split(" ")]
    assert set(parts) <= set(pieces)
    assert " ".join(pieces) == sentence


@pytest.mark.parametrize(
    ("query", "number"),
    [("", 1), ("page=3", 3), ("page=0", 1), ("page=-2", 1), ("page=x", 1), ("page=9" * 20, 1)],
)
def test_a_page_is_read_from_the_address(query: str, number: int) -> None:
    assert Pages.of(RequestFactory().get(f"/?{query}"), 10).number == number


def test_pages_lead_on_and_back_and_keep_the_filter() -> None:
    pages = Pages.of(RequestFactory().get("/?status=waiting&page=2"), 10)
    counted = pages.over(25)
    assert (counted.first, counted.last) == (11, 20)
    assert counted.previous == "?status=waiting&page=1"
    assert counted.next == "?status=waiting&page=3"
    assert pages.over(20).next == ""
    assert pages.of_unknown(11).next
    assert not pages.of_unknown(10).next
    assert not Pages(1, 10).over(10).several
