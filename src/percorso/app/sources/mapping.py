"""The company's mapping rules: written, tried, put in force; and names that no rule knows."""

import hashlib
import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec
from django.utils.translation import gettext as _

from percorso import durable_file
from percorso.app import company
from percorso.app.accounts.models import User
from percorso.app.audit.actions import record
from percorso.app.inbox import inbox
from percorso.app.sources import tasks
from percorso.live import Batch, Received, Unmapped

if TYPE_CHECKING:
    from percorso.live.mapping import Rule, Rules, Trial

MOST_TEXT: Final = 200_000
_A_DAY_US: Final = 86_400_000_000
_TRIED: Final = 5_000
_LINE: Final = re.compile(r"line (\d+)")
_HEADING: Final = re.compile(r"^\s*\[\[\s*rule\s*\]\]")


class RulesError(ValueError):
    """The rules cannot be used as they are; ``line`` says where, from 1 on, 0 where nowhere."""

    def __init__(self, words: str, line: int = 0) -> None:
        super().__init__(words)
        self.line = line


@dataclass(frozen=True, slots=True)
class Written:
    """The company's own rules as they are written; ``version`` tells whether they were changed."""

    text: str
    version: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """A name that no rule knows; ``properties`` are those of an example, with their values."""

    name: str
    call: str
    source: str
    events: int
    first_at: int
    last_at: int
    properties: Mapping[str, Any]


def written() -> Written:
    """Return the company's own rules, also where they make no sense."""
    place = company.workspace().mapping_rules
    try:
        text = place.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        text = ""
    return Written(text, _version(text))


def check(text: str) -> "Rules":
    """Return the rules of a text. Raises RulesError that says in which line."""
    from percorso.live.mapping import MappingRulesError, read_rules

    if len(text) > MOST_TEXT:
        raise RulesError(_("That is too long for rules."))
    try:
        return read_rules(text)
    except MappingRulesError as error:
        # What the parser says of the place is in English, whatever the reader's language.
        place = str(error.__cause__ or error)
        raise RulesError(str(error), _line_of(text, error.rule, place)) from error


def trouble() -> str:
    """Say what is wrong with the rules as they are written; empty where nothing is."""
    try:
        check(written().text)
    except RulesError as error:
        return str(error)
    return ""


def try_out(text: str) -> "Trial":
    """Return what these rules would make of the events of the last day. Raises RulesError."""
    from percorso.live.mapping import MappingRulesError, try_rules

    rules = check(text)
    since = time.time_ns() // 1000 - _A_DAY_US
    try:
        return try_rules(rules, company.workspace(), inbox(), since, _TRIED)
    except MappingRulesError as error:
        raise RulesError(str(error)) from error


def save(by: User, text: str, version: str) -> None:
    """Put rules in force; ``version`` is that of the text they were made from.

    Raises RulesError where they make no sense, or where somebody changed the file meanwhile.
    """
    text = text.replace("\r\n", "\n")
    rules = check(text)
    if written().version != version:
        raise RulesError(
            _(
                "Somebody changed the rules meanwhile. Copy yours, load the page again, "
                "and add them."
            )
        )
    durable_file.write(company.workspace().mapping_rules, text)
    record(by, "rules.saved", "mapping.toml", rules=rules.own)
    _forget_known(rules)


def add_rule(by: User, call: str, name: str, made: Mapping[str, str]) -> None:
    """Add a rule for one name; ``made`` are the words of the rule. Raises RulesError."""
    before = written()
    save(by, _with_rule(before.text, call, name, made), before.version)


def try_rule(call: str, name: str, made: Mapping[str, str]) -> "Trial":
    """Return what one more rule would make of the events of the last day. Raises RulesError."""
    return try_out(_with_rule(written().text, call, name, made))


def _with_rule(text: str, call: str, name: str, made: Mapping[str, str]) -> str:
    lines = [f"type = {_quoted(call)}", f"event = {_quoted(name)}"]
    if made.get("kind") == "drop":
        lines.append("drop = true")
    else:
        lines += [f"{key} = {_quoted(each)}" for key, each in made.items() if each]
    rule = "\n".join(["[[rule]]", *lines, ""])
    kept = text.rstrip()
    return f"{kept}\n\n{rule}" if kept else rule


def read_again(by: User) -> None:
    """Have the worker read events that no rule knew by the rules that hold now."""
    record(by, "event.to_read_again", "")
    tasks.read_again.enqueue()


def rules_in_force() -> "tuple[tuple[Rule, ...], tuple[Rule, ...]]":
    """Return the company's own rules, and those that come with Percorso. Raises RulesError."""
    found = check(written().text)
    return found.rules[: found.own], found.rules[found.own :]


def unknown() -> tuple[Unknown, ...]:
    """Return the names no rule knows, the most frequent first. Raises InboxError."""
    return tuple(
        Unknown(
            each.name,
            each.call,
            each.source,
            each.events,
            each.first_at,
            each.last_at,
            _properties(each.example),
        )
        for each in inbox().unmapped()
    )


def _properties(example: bytes) -> dict[str, Any]:
    try:
        said = msgspec.json.decode(example)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    given = said.get("properties") if isinstance(said, dict) else None
    return given if isinstance(given, dict) else {}


def _forget_known(rules: "Rules") -> None:
    """Take names off the list that these rules know."""
    left = inbox().unmapped(2_000)
    known = _known(rules, left)
    inbox().forget_unmapped(known)


def _known(rules: "Rules", left: Sequence[Unmapped]) -> list[tuple[str, str, str]]:
    from percorso.live.mapping import Mapper

    if not left:
        return []
    asked = Batch(
        tuple(Received(each.source, each.call, each.last_at, each.example) for each in left),
        tuple((number, 0) for number in range(len(left))),
        len(left),
    )
    mapped = Mapper(rules, company.workspace().settings).map(asked)
    still = {(each.source, each.call, each.name) for each in mapped.unmapped}
    every = [(each.source, each.call, each.name) for each in left]
    return [each for each in every if each not in still]


def _version(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _line_of(text: str, rule: int | None, words: str) -> int:
    """Return the line of a rule's heading, or the one that the TOML reader names."""
    if rule is not None:
        found = [n for n, line in enumerate(text.splitlines(), 1) if _HEADING.match(line)]
        return found[rule - 1] if rule <= len(found) else 0
    named = _LINE.search(words)
    return int(named[1]) if named else 0


def _quoted(text: str) -> str:
    """Return text as a basic string of TOML, which is JSON's but for one character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
