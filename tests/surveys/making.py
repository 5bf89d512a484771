"""Small surveys for tests."""

from typing import Any

import msgspec

from percorso.surveys import Survey
from percorso.surveys.reading import from_plain


def words(text: str) -> dict[str, str]:
    return {"en": text, "it": f"{text} (it)"}


ENDS = {"low": words("Low"), "high": words("High")}


def question(kind: str, name: str, **more: Any) -> dict[str, Any]:
    """Return a question of a kind with all it needs."""
    needed: dict[str, Any] = {
        "pmf": {
            "answers": {each: words(each) for each in ("very", "somewhat", "not", "no_longer_use")}
        },
        "pyramid": {
            level: {"text": words(level), **ENDS} for level in ("needs", "ease", "enjoyment")
        },
        "choice": {"options": options("red", "green", "blue")},
        "multiple": {"options": options("red", "green", "blue")},
        "matrix": {"rows": options("staff", "place"), **ENDS},
        "consent": {"purpose": "marketing"},
    }.get(kind, {})
    if kind in ("nps", "csat", "ces", "rating"):
        needed = dict(ENDS)
    return {"type": kind, "id": name, "text": words(f"Question {name}"), **needed, **more}


def options(*ids: str) -> list[dict[str, Any]]:
    return [{"id": each, "text": words(each)} for each in ids]


def survey(*questions: dict[str, Any], **more: Any) -> Survey:
    """Return a survey in two languages with these questions."""
    plain = {
        "id": "tried",
        "title": words("Tried"),
        "languages": ["en", "it"],
        "questions": list(questions),
        **more,
    }
    return from_plain(plain)


def changed(given: Survey, **more: Any) -> Survey:
    return msgspec.structs.replace(given, **more)
