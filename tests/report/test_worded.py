"""A model's words are asked for once, and every form of a report has the same and says so."""

from dataclasses import replace

import pytest

from percorso import report
from percorso.i18n import in_language
from percorso.log import open_log
from percorso.text import results, wording
from percorso.vocabulary import Phrase


@pytest.fixture
def worded(small_demo, monkeypatch):
    """A report whose summary was worded, and how often the model was asked."""
    asked = []

    def word(voice: results.Voice) -> results.Summary:
        asked.append(voice)
        said = f"Said the {len(asked)}th time."
        written = (results.Clause(Phrase(said), {}),)
        return replace(voice.summary, written=written, written_by="model <1>")

    monkeypatch.setattr(wording, "worded", word)
    return report.build(open_log(small_demo)), asked


def test_a_report_is_worded_once_and_says_by_whom(worded):
    made, asked = worded
    language = made.settings.language
    with in_language(language):
        data = report.as_json(made)["voice"]
    page = report.as_html(made)
    assert len(asked) == 1
    assert [each["sentence"] for each in data["summary"]] == ["Said the 1th time."]
    assert data["written_by"] == "model <1>"
    assert "Said the 1th time." in page
    assert "model &lt;1&gt;" in page
    other = report.as_html(made, "en" if language == "it" else "it")
    assert "Said the 1th time." not in other
    assert "model &lt;1&gt;" not in other
