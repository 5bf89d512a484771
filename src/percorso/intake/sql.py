"""Pieces of SQL, quoted."""

from collections.abc import Mapping

from percorso.intake.synonyms import PMF_WORDS


def quoted(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def word_cases(value: str, words: Mapping[str, str], otherwise: str | None) -> str:
    """Return SQL that translates words; an unknown one becomes ``otherwise``, or stays itself."""
    cases = " ".join(f"WHEN {literal(word)} THEN {literal(to)}" for word, to in words.items())
    rest = literal(otherwise) if otherwise else value
    return f"CASE WHEN given(x) IS NULL THEN NULL ELSE CASE {value} {cases} ELSE {rest} END END"


def pmf_case(column: str) -> str:
    """Return SQL for an answer to the PMF question, in words or digits, as its number."""
    cases = " ".join(
        f"WHEN starts_with(lower(trim({column})), {literal(start)}) THEN '{number}'"
        for start, number in PMF_WORDS
    )
    return f"CASE {cases} ELSE given({column}) END"
