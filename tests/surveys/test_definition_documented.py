"""The reference tells every field of a definition, and its example is one."""

import re
from pathlib import Path

import msgspec

from percorso.surveys import FACTS, from_json, model, problems
from percorso.surveys.model import QUESTION_TYPES

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "survey-definition.md"


def test_every_field_and_type_is_told() -> None:
    text = PAGE.read_text(encoding="utf-8")
    parts: list[type[msgspec.Struct]] = [
        model.Survey, model.Jump, model.Option, model.Level, model.PmfWords, model.Page,
        model.Colours, model.Theme, model.Ending, model.Link, *QUESTION_TYPES.values(),
    ]  # fmt: skip
    fields = {field.encode_name for part in parts for field in msgspec.structs.fields(part)}
    for name in (*fields, *QUESTION_TYPES, *FACTS):
        assert f"`{name}`" in text, name


def test_the_example_is_a_survey_without_a_problem() -> None:
    found = re.search(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    assert problems(from_json(found[1])) == ()
