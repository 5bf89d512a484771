"""The page: one file that needs nothing, runs nothing, and escapes what customers wrote."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest

from percorso import report
from percorso.vocabulary import Phrase


class Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def seen(page: str) -> Seen:
    parser = Seen()
    parser.feed(page)
    return parser


@pytest.fixture(scope="module")
def page(demo_report):
    return report.as_html(demo_report, "en")


def test_nothing_comes_from_elsewhere_and_nothing_runs(page):
    parsed = seen(page)
    names = {tag for tag, _attributes in parsed.tags}
    assert not names & {"script", "link", "iframe", "img", "object", "embed", "form", "base"}
    for tag, attributes in parsed.tags:
        for name in attributes:
            assert not name.startswith("on"), f"{tag} {name}"
            assert name not in ("src", "href", "xlink:href"), f"{tag} {name}"
    assert "@import" not in page
    assert re.findall(r"url\((?!#)", page) == []
    assert "default-src 'none'" in page


def test_every_chart_has_its_words_and_its_table(page):
    figures = page.split("<figure")[1:]
    assert len(figures) > 5
    for figure in figures:
        assert "<svg" in figure
        assert 'role="img"' in figure
        assert "<table>" in figure
        assert "<figcaption><h3>" in figure


def test_counts_in_the_summary_have_the_languages_separators(demo_report):
    words = Phrase(
        "Of {n} texts, {positive}% sound positive and {negative}% negative.",
        {"n": 3798, "positive": 51, "negative": 21},
    )
    told = replace(demo_report.voice.summary, written=(SimpleNamespace(words=words),))
    voice = replace(demo_report.voice, summary=told)
    assert "Of 3,798 texts" in report.as_html(replace(demo_report, voice=voice, summary=None), "en")


def test_the_language_is_said_and_spoken(demo_report):
    for language, month in (("it", "ott"), ("en", "Oct")):
        text = report.as_html(demo_report, language)
        assert f'<html lang="{language}">' in text
        assert month in text


def test_without_a_language_it_speaks_the_companys(demo_report):
    assert '<html lang="it">' in report.as_html(demo_report)


def test_it_is_dark_in_the_dark(page):
    assert "color-scheme: light dark" in page
    assert "light-dark(" in page
    assert "var(--accent)" in page.split("</style>")[1]


def test_what_came_from_outside_is_escaped(demo_report):

    bad = replace(demo_report.settings, company='<script>alert("x")</script>')
    assert "<script" not in report.as_html(replace(demo_report, settings=bad), "en")


def test_an_empty_log_says_what_to_do(empty_report):
    text = report.as_html(empty_report, "en")
    assert "There is nothing in the log yet." in text
    assert "<figure" not in text
