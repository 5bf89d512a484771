"""Reads a condition. What cannot be read is said with its place, and what may have been meant.

    rule       = one {"or" one}
    one        = part {"and" part}
    part       = "not" part | "(" rule ")" | condition
    condition  = PLACE                                                 answered; consent given
               | PLACE ("=" | "!=" | "<" | "<=" | ">" | ">=") VALUE     numbers and days
               | PLACE ["is" ["not"] | "=" | "!="] OPTION {"," OPTION}  any of them

``not`` binds most, then ``and``, then ``or``. Words may be English or Italian.
"""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from percorso.i18n import gettext as _
from percorso.rule_tokens import DAY, SIGN, Token, UncutError, cut
from percorso.surveys.answers import Place
from percorso.surveys.errors import LogicError
from percorso.surveys.logic import (
    ALWAYS,
    AllOf,
    Answered,
    AnyOf,
    Chosen,
    Compared,
    Condition,
    Not,
    Sign,
)

#: More than this is no condition that a person reads; nor is one with brackets deeper than this.
LONGEST: Final = 1000
_DEEPEST: Final = 20
_KEYWORDS: Final[Mapping[str, str]] = {
    "and": "and", "e": "and", "ed": "and",
    "or": "or", "o": "or", "od": "or", "oppure": "or",
    "not": "not", "non": "not",
    "is": "is", "in": "is", "è": "is",
}  # fmt: skip
#: Words that cannot be the id of a question.
RESERVED: Final = frozenset({*_KEYWORDS, "end"})

_TOKENS: Final = re.compile(
    rf"{DAY}"
    r"|(?P<number>-?\d{1,9})(?![\w.])"
    r"|(?P<word>[^\W\d]\w*(?:\.\w+)?)"
    rf"|{SIGN}"
)
_SIGNS: Final[Mapping[str, Sign]] = {
    "=": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=",
}  # fmt: skip


def parse(text: str, places: Mapping[str, Place]) -> Condition:
    """Return the condition that ``text`` says about ``places``: those of earlier questions.

    An empty text always holds. Raises LogicError.
    """
    if not text.strip():
        return ALWAYS
    reader = _Reader(list(_tokens(text)), places)
    found = reader.rule(0)
    if reader.now.kind != "end":
        raise reader.error(
            reader.now,
            _("{word} at character {at}: here the condition should end, or go on with and, or."),
            ("and", "or"),
        )
    return found


def _tokens(text: str) -> Iterator[Token]:
    if len(text) > LONGEST:
        raise LogicError(
            _("A condition has at most {most} characters; this one has {n}.").format(
                most=LONGEST, n=len(text)
            ),
            LONGEST,
            len(text) - LONGEST,
        )
    try:
        for each in cut(text, _TOKENS):
            yield replace(each, text=each.text.casefold())
    except UncutError as error:
        at = error.at
        said = _("{sign} at character {at} cannot be read.").format(sign=repr(text[at]), at=at + 1)
        raise LogicError(said, at, 1) from error


class _Reader:
    def __init__(self, tokens: list[Token], places: Mapping[str, Place]) -> None:
        self._tokens = tokens
        self._at = 0
        self._places = places

    @property
    def now(self) -> Token:
        return self._tokens[self._at]

    def next(self) -> Token:
        token = self.now
        if token.kind != "end":
            self._at += 1
        return token

    def keyword(self, wanted: str) -> bool:
        """Go past the next word where it is this keyword; say whether it was."""
        if self.now.kind == "word" and _KEYWORDS.get(self.now.text) == wanted:
            self.next()
            return True
        return False

    def sign(self, *wanted: str) -> str:
        """Go past the next sign where it is one of these; return which, or nothing."""
        if self.now.kind == "sign" and self.now.text in wanted:
            return self.next().text
        return ""

    @staticmethod
    def error(token: Token, message: str, near: Iterable[str] = ()) -> LogicError:
        word = f"“{token.text}”" if token.kind != "end" else _("The end")
        said = message.format(word=word, at=token.at + 1)
        return LogicError(said + did_you_mean(token.text, near), token.at, token.length)

    # What joins

    def rule(self, depth: int) -> Condition:
        if depth > _DEEPEST:
            raise self.error(self.now, _("{word} at character {at}: too many brackets in others."))
        parts = self._joined("or", lambda: self._one(depth))
        return parts[0] if len(parts) == 1 else AnyOf(parts)

    def _one(self, depth: int) -> Condition:
        parts = self._joined("and", lambda: self._part(depth))
        return parts[0] if len(parts) == 1 else AllOf(parts)

    def _joined(self, keyword: str, read: Callable[[], Condition]) -> tuple[Condition, ...]:
        parts = [read()]
        while self.keyword(keyword):
            parts.append(read())
        return tuple(parts)

    def _part(self, depth: int) -> Condition:
        if self.keyword("not"):
            return Not(self._part(depth + 1)) if depth <= _DEEPEST else self.rule(depth + 1)
        opened = self.now
        if self.sign("("):
            inner = self.rule(depth + 1)
            if not self.sign(")"):
                raise LogicError(
                    _("The bracket that opens at character {at} is not closed.").format(
                        at=opened.at + 1
                    ),
                    opened.at,
                    opened.length,
                )
            return inner
        return self._condition()

    # One condition

    def _condition(self) -> Condition:
        token = self.next()
        place = self._places.get(token.text) if token.kind == "word" else None
        if place is None:
            raise self.error(
                token,
                _("{word} at character {at}: here should be the id of an earlier question."),
                self._places,
            )
        if place.type == "option":
            return self._option(place)
        turned = self.keyword("is") and self.keyword("not")
        sign = self.sign(*_SIGNS)
        if not sign and self.now.kind in ("number", "day"):
            sign = "="
        if not sign:
            return Not(Answered(place)) if turned else Answered(place)
        if place.type == "yes":
            raise self.error(
                self._tokens[self._at - 1],
                _("{word} at character {at}: “{place}” can only be answered or not.").replace(
                    "{place}", place.name
                ),
            )
        value = self._number(place) if place.type == "number" else self._day()
        found = Compared(place, _SIGNS[sign], value)
        return Not(found) if turned else found

    def _number(self, place: Place) -> int:
        token = self.next()
        if token.kind != "number":
            raise self.error(token, _("{word} at character {at}: here should be a number."))
        if not place.low <= int(token.text) <= place.high:
            message = _("{word} at character {at}: “{place}” is answered from {low} to {high}.")
            for name, value in (("place", place.name), ("low", place.low), ("high", place.high)):
                message = message.replace(f"{{{name}}}", str(value))
            raise self.error(token, message)
        return int(token.text)

    def _day(self) -> str:
        token = self.next()
        if token.kind != "day" or not is_day(token.text):
            raise self.error(
                token, _("{word} at character {at}: here should be a day such as 2025-01-31.")
            )
        return token.text

    def _option(self, place: Place) -> Condition:
        sign = self.sign("=", "!=")
        asked = bool(sign) or self.keyword("is")
        turned = asked and not sign and self._turned(place)
        if not asked and (self.now.kind != "word" or self.now.text in _KEYWORDS):
            if self.now.kind == "sign" and self.now.text in _SIGNS:
                raise self.error(
                    self.now, _("{word} at character {at}: here should be is, =, or !=.")
                )
            return Answered(place)
        bracket = self.sign("(")
        options = [self._one_option(place)]
        while self.sign(","):
            options.append(self._one_option(place))
        if bracket and not self.sign(")"):
            raise self.error(self.now, _("{word} at character {at}: here should be a bracket )."))
        found = Chosen(place, tuple(dict.fromkeys(options)))
        if sign == "!=":
            # A comparison as of numbers: what was left blank fits none.
            return AllOf((Answered(place), Not(found)))
        return Not(found) if turned else found

    def _turned(self, place: Place) -> bool:
        """Go past ``not``, and say whether it was there: of PMF it is an answer itself."""
        following = self._tokens[min(self._at + 1, len(self._tokens) - 1)].text
        if "not" in place.options and following not in (*place.options, "("):
            return False
        return self.keyword("not")

    def _one_option(self, place: Place) -> str:
        token = self.next()
        if token.text not in place.options:
            message = _("{word} at character {at} is no answer of “{place}”.").replace(
                "{place}", place.name
            )
            raise self.error(token, message, place.options)
        return token.text


def is_day(text: str) -> bool:
    """Say whether a text is a day from 1900 to 2199, written 2025-01-31."""
    try:
        return len(text) == 10 and 1900 <= date.fromisoformat(text).year < 2200
    except ValueError:
        return False


def did_you_mean(given: str, names: Iterable[str]) -> str:
    """Return " Did you mean …?" where a word is near, else what there is, where that is short."""
    known = list(names)
    near = difflib.get_close_matches(given[:LONGEST].casefold(), known, n=1, cutoff=0.6)
    if near:
        return " " + _("Did you mean “{word}”?").format(word=near[0])
    if 0 < len(known) <= 12:
        return " " + _("Known are: {words}.").format(words=", ".join(known))
    return ""
