"""Every key of the JSON is in docs/reference/report.md."""

from pathlib import Path

from percorso import report

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "report.md"
#: Objects whose keys are data (scores, fates, touchpoints), not names of the form.
DATA = {"metrics", "changes", "months", "answers", "score_after", "starts", "ends", "selection"}


def keys(value, name=""):
    if isinstance(value, dict):
        for key, inner in value.items():
            if name not in DATA:
                yield key
            yield from keys(inner, key)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from keys(inner)


def test_every_key_is_explained(demo_report):
    page = PAGE.read_text(encoding="utf-8")
    # The parts of evidence that every kind has; the others name the group they are about.
    left_out = {"scale", "value"}
    for key in set(keys(report.as_json(demo_report))) - left_out:
        assert f"`{key}`" in page, key
