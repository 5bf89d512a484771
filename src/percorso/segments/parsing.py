"""Reads a rule. What cannot be read is said with its place, and what may have been meant.

    rule       = one {"or" one}
    one        = part {"and" part}
    part       = "not" part | "(" rule ")" | condition
    condition  = FIELD asked
    asked      = ("=" | "!=" | "<" | "<=" | ">" | ">=") VALUE             numbers
               | "within" SPAN | "more than" SPAN "ago"                   times
               | "before" DAY | "since" DAY | "after" DAY                 times
               | ["is" | "=" | "!="] VALUE {"," VALUE}                    words
               | "known" | "unknown" | "never"

``not`` binds most, then ``and``, then ``or``. Capitals do not matter.
"""

import difflib
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Final

from percorso.i18n import gettext as _
from percorso.rule_tokens import Token
from percorso.segments import words
from percorso.segments.errors import RuleError
from percorso.segments.lexing import tokens
from percorso.segments.rule import AllOf, AnyOf, Condition, Not, Operator, Part, Rule, Span, Unit

#: Deeper than this is no rule that a person reads.
_DEEPEST: Final = 20
_MOST_VALUES: Final = 200
_MOST_UNITS: Final = 100_000
_COMPARISONS: Final = ("=", "!=", "<", "<=", ">", ">=")


def parse(text: str) -> Rule:
    """Return the rule that ``text`` says. Raises RuleError."""
    reader = _Reader(list(tokens(text)))
    if reader.at_end():
        raise RuleError(_("The rule is empty. Write, for instance: orders >= 2"))
    root = reader.rule(0)
    if not reader.at_end():
        raise reader.error(
            reader.now,
            _("{word} at character {at}: here the rule should end, or go on with and, or."),
            [each for key in ("and", "or") for each in _written(key)],
        )
    return Rule(root)


class _Reader:
    def __init__(self, found: list[Token]) -> None:
        self.tokens = found
        self.place = 0

    @property
    def now(self) -> Token:
        return self.tokens[self.place]

    def at_end(self) -> bool:
        return self.now.kind == "end"

    def next(self) -> Token:
        token = self.now
        if token.kind != "end":
            self.place += 1
        return token

    def keyword(self, *wanted: str) -> str:
        """Go past the next word where it is one of these keywords; return which, or nothing."""
        found = words.keywords().get(self.now.word, "") if self.now.kind == "word" else ""
        if found in wanted:
            self.next()
            return found
        return ""

    def sign(self, *wanted: str) -> str:
        """Go past the next sign where it is one of these; return which, or nothing."""
        if self.now.kind == "sign" and self.now.text in wanted:
            return self.next().text
        return ""

    def error(self, token: Token, message: str, near: Iterable[str] = ()) -> RuleError:
        said = message.format(
            word=f"“{token.text}”" if token.kind != "end" else _("The end"), at=token.at + 1
        )
        return RuleError(said + _meant(token.text, near), token.at, token.length)

    # What joins

    def rule(self, depth: int) -> Part:
        if depth > _DEEPEST:
            raise self.error(self.now, _("{word} at character {at}: too many brackets in others."))
        parts = self._joined("or", lambda: self.one(depth))
        return parts[0] if len(parts) == 1 else AnyOf(parts)

    def one(self, depth: int) -> Part:
        parts = self._joined("and", lambda: self.part(depth))
        return parts[0] if len(parts) == 1 else AllOf(parts)

    def _joined(self, keyword: str, read: Callable[[], Part]) -> tuple[Part, ...]:
        parts = [read()]
        while self.keyword(keyword):
            parts.append(read())
        return tuple(parts)

    def part(self, depth: int) -> Part:
        if self.keyword("not"):
            return Not(self.part(depth + 1)) if depth <= _DEEPEST else self.rule(depth + 1)
        if self.now.text == "(" and self.now.kind == "sign":
            opened = self.next()
            inner = self.rule(depth + 1)
            if not self.sign(")"):
                raise RuleError(
                    _("The bracket that opens at character {at} is not closed.").format(
                        at=opened.at + 1
                    ),
                    opened.at,
                    opened.length,
                )
            return inner
        return self.condition()

    # One condition

    def condition(self) -> Part:
        token = self.next()
        field = words.by_name().get(token.word)
        if field is None:
            raise self.error(
                token,
                _("{word} at character {at}: here should be what is asked, such as orders."),
                words.by_name(),
            )
        name = self._trait_name() if field.type == "trait" else ""
        known = self.keyword("known", "unknown", "never")
        if known:
            operator: Operator = "known" if known == "known" else "unknown"
            return Condition(field.name, operator, name=name)
        if field.type == "number":
            return self._number(field)
        if field.type == "time":
            return self._time(field)
        if field.type == "trait":
            return self._trait(field, name)
        return self._words(field)

    def _number(self, field: words.Field) -> Part:
        self.keyword("is")
        operator = self.sign(*_COMPARISONS)
        if not operator and self.now.kind != "number":
            raise self.error(
                self.now, _("{word} at character {at}: here should be >=, <=, =, > or <.")
            )
        return Condition(field.name, _comparison(operator or "="), (self._read_number(),))

    def _read_number(self) -> float:
        token = self.next()
        if token.kind != "number":
            raise self.error(token, _("{word} at character {at}: here should be a number."))
        return float(token.text.replace(",", "."))

    def _time(self, field: words.Field) -> Part:
        how = self.keyword("within", "more", "before", "since", "after")
        if not how and self.now.word in words.LATELY:
            self.next()
            how = "within"
        if not how:
            raise self.error(
                self.now,
                _(
                    "{word} at character {at}: here should be within 90 days, more than 90 days "
                    "ago, before 2025-01-31, since 2025-01-31 or never."
                ),
                [
                    written
                    for each in ("within", "more", "before", "since", "after", "never")
                    for written in _written(each)
                ],
            )
        while self.now.word in words.FILLERS:
            self.next()
        if how in ("within", "more"):
            return self._span(field, how)
        day = self._read_day()
        if how == "after":
            how, day = "since", day + timedelta(days=1)
        return Condition(field.name, "before" if how == "before" else "since", (day,))

    def _span(self, field: words.Field, how: str) -> Part:
        token = self.now
        count = self._read_number()
        if count != int(count) or not 0 < count <= _MOST_UNITS:
            raise self.error(token, _("{word} at character {at}: here should be a whole number."))
        token = self.next()
        unit = words.units().get(token.word)
        if unit is None:
            raise self.error(
                token,
                _("{word} at character {at}: here should be days, weeks, months or years."),
                words.units(),
            )
        span = Span(int(count), _unit(unit))
        if how == "within":
            return Condition(field.name, "within", (span,))
        if not self.keyword("ago"):
            raise self.error(
                self.now,
                _("{word} at character {at}: here should be ago, as in more than 90 days ago."),
                _written("ago"),
            )
        return Condition(field.name, "ago", (span,))

    def _read_day(self) -> date:
        token = self.next()
        try:
            found = date.fromisoformat(token.text) if token.kind == "day" else None
        except ValueError:
            found = None
        if found is None or not 1970 <= found.year < 2200:
            raise self.error(
                token, _("{word} at character {at}: here should be a day such as 2025-01-31.")
            )
        return found

    def _trait_name(self) -> str:
        token = self.next()
        if token.kind not in ("word", "text") or not token.text:
            raise self.error(
                token, _('{word} at character {at}: here should be its name, as in trait "city".')
            )
        return token.text

    def _trait(self, field: words.Field, name: str) -> Part:
        operator = self.sign(*_COMPARISONS)
        if operator in ("<", "<=", ">", ">="):
            return Condition(field.name, _comparison(operator), (self._read_number(),), name)
        found = self._any(field, name)
        return Not(found) if operator == "!=" else found

    def _words(self, field: words.Field) -> Part:
        operator = self.sign("=", "!=")
        found = self._any(field)
        return Not(found) if operator == "!=" else found

    def _any(self, field: words.Field, name: str = "") -> Part:
        """Read one word or several: any of them. ``is not`` turns it round."""
        self.keyword("is")
        turned = bool(self.keyword("not"))
        bracket = self.sign("(")
        values = [self._value(field)]
        while self.sign(","):
            values.append(self._value(field))
            if len(values) > _MOST_VALUES:
                raise self.error(self.now, _("{word} at character {at}: too many values."))
        if bracket and not self.sign(")"):
            raise self.error(self.now, _("{word} at character {at}: here should be a bracket )."))
        found = Condition(field.name, "any", tuple(dict.fromkeys(values)), name)
        return Not(found) if turned else found

    def _value(self, field: words.Field) -> str:
        token = self.next()
        if token.kind in ("sign", "end") or not token.text.strip():
            raise self.error(
                token, _("{word} at character {at}: here should be a word, or a text in quotes.")
            )
        if not field.known:
            return token.text.strip()
        known = words.values_of(field.name)
        found = known.get(token.text.strip().casefold())
        if found is None:
            message = _("{word} at character {at} is no value of {field}.").replace(
                "{field}", field.name
            )
            raise self.error(token, message, known)
        return found


def _comparison(sign: str) -> Operator:
    found: dict[str, Operator] = {
        "=": "=",
        "!=": "!=",
        "<": "<",
        "<=": "<=",
        ">": ">",
        ">=": ">=",
    }
    return found[sign]


def _unit(name: str) -> Unit:
    found: dict[str, Unit] = {
        "hour": "hour",
        "day": "day",
        "week": "week",
        "month": "month",
        "year": "year",
    }
    return found[name]


def _written(keyword: str) -> list[str]:
    return [each for forms in words.KEYWORDS[keyword].values() for each in forms]


def _meant(given: str, near: Iterable[str]) -> str:
    """Return " Did you mean …?" where a word is near, else what there is, where that is short."""
    names = list(near)
    found = difflib.get_close_matches(given.casefold().replace(" ", "_"), names, n=1, cutoff=0.6)
    if found:
        return " " + _("Did you mean “{word}”?").format(word=found[0])
    if 0 < len(names) <= 12:
        return " " + _("Known are: {words}.").format(words=", ".join(names))
    return ""
