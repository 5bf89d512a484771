"""Without a recipe: what the columns of a file mean, by their names and by their values.

Everything guessed is shown and asked about; nothing of it is taken silently.
"""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from percorso.i18n import gettext as _
from percorso.intake import fitting
from percorso.intake.composing import property_name, row_numbers
from percorso.intake.fitting import SURE
from percorso.intake.mapping import normalised, read_source
from percorso.intake.model import FieldGuess, IntakeError, Question
from percorso.intake.profiling import Profile, profiles
from percorso.intake.recipes import Binding, Match, Output, Recipe, RecipeTable, Skip
from percorso.intake.recipes.recipe import SETTABLE
from percorso.intake.sql import literal, quoted
from percorso.intake.synonyms import (
    EVENT_KINDS,
    PREFIXES,
    SCORES,
    SYNONYMS,
    WORDS,
)
from percorso.intake.tables import Loaded, Tables
from percorso.vocabulary import KINDS, SCALES

NAME: Final = "guessed"
#: The order in which fields choose their columns.
_FIELDS: Final = (
    "at",
    "due_at",
    "customer",
    "id",
    "channel",
    "touchpoint",
    "kind",
    "text",
    "amount",
    "currency",
    "language",
    "about",
)
#: Fields that are asked about however sure the guess: a wrong one makes every answer wrong.
_ASKED: Final = {"at": "at", "customer": "customer"}


@dataclass(frozen=True, slots=True)
class Guess:
    """A recipe made up for the files, what it rests on, and what to ask."""

    match: Match | None
    fields: tuple[FieldGuess, ...]
    questions: tuple[Question, ...]
    notes: tuple[str, ...]


def guess(tables: Tables, mapping: Mapping[str, str]) -> Guess:
    """Guess what the files hold. Raises IntakeError for a mapping that names what is not there."""
    files = _alike(tables)
    _check(mapping, files[0])
    return _Guessing(tables, files, mapping).guess()


def _alike(tables: Tables) -> list[Loaded]:
    """Return the files if all have the same columns: only then can they be read as one table."""
    filled = [each for each in tables.loaded if each.rows]
    first = filled[0]
    for each in filled[1:]:
        if set(each.columns) != set(first.columns):
            raise IntakeError(
                _(
                    "No recipe fits these files, and {one} and {other} have different columns. "
                    "Import them one at a time, or name a recipe with --recipe."
                ).format(one=first.name, other=each.name)
            )
    return filled


def _check(mapping: Mapping[str, str], loaded: Loaded) -> None:
    known = sorted({*SETTABLE, *SCALES, "zone"})
    for field, source in mapping.items():
        if field not in known:
            near = difflib.get_close_matches(field, known, n=1)
            raise IntakeError(
                _("There is no field {field!r}.").format(field=field)
                + (" " + _("Did you mean {name!r}?").format(name=near[0]) if near else "")
                + " "
                + _("The fields are: {names}.").format(names=", ".join(known))
            )
        read_source(source, loaded.columns, field)


class _Guessing:
    """The guess under way. ``_sources`` holds SQL for each field that has a source so far."""

    def __init__(self, tables: Tables, files: Sequence[Loaded], mapping: Mapping[str, str]) -> None:
        self._tables, self._files, self._mapping = tables, files, mapping
        self._loaded = files[0]
        numbering = row_numbers(tables, self._loaded)
        found = profiles(tables, self._loaded)
        self._profiles = {name: each for name, each in found.items() if name not in numbering}
        self._by_name = {normalised(name): name for name in reversed(list(self._profiles))}
        self._taken: set[str] = set()
        self._sources: dict[str, str] = {}
        self._fields: list[FieldGuess] = []
        self._questions: list[Question] = []
        self._notes: list[str] = []
        self._scores: dict[str, str] = {}

    def guess(self) -> Guess:
        self._take_what_was_said()
        self._guess_scores()
        for field in _FIELDS:
            if field not in self._sources:
                self._guess_field(field)
        self._guess_customer()
        self._guess_kind()
        self._guess_touchpoint()
        self._guess_channel()
        self._ask_time()
        recipe = self._recipe()
        bindings = tuple(
            Binding(
                recipe.tables[0],
                each,
                {name: quoted(name) for name in each.columns},
                frozenset(each.columns),
            )
            for each in self._files
        )
        return Guess(
            Match(recipe, bindings),
            tuple(self._fields),
            tuple(self._questions),
            tuple(self._notes),
        )

    def _take_what_was_said(self) -> None:
        for field, source in self._mapping.items():
            if field == "zone":
                continue
            expression = read_source(source, self._loaded.columns, field)
            self._taken.update(expression.columns)
            self._fields.append(FieldGuess(field, source, 1.0, reason=_("as you said")))
            if field in SCALES:
                self._scores[field] = expression.sql
            else:
                self._sources[field] = expression.sql

    def _take(self, field: str, column: str, confidence: float, reason: str) -> None:
        self._taken.add(column)
        self._sources[field] = quoted(column)
        example = self._profiles[column].example
        self._fields.append(FieldGuess(field, column, confidence, example, reason))
        if field in _ASKED or confidence < SURE:
            self._ask(field, column, example)

    def _ask(self, field: str, column: str, example: str | None) -> None:
        text = _("{field}: is it the column {column!r}? (such as {example!r})").format(
            field=_ASKED.get(field, field), column=column, example=example or ""
        )
        self._questions.append(Question(field, text, tuple(self._profiles), column))

    # Scores

    def _guess_scores(self) -> None:
        if "score" in self._sources:
            self._score_as_said()
            return
        for scale in SCALES:
            if scale in self._scores:
                continue
            for column in self._named_for(scale):
                profile = self._profiles[column]
                if column in self._taken or profile.filled == 0:
                    continue
                if not fitting.on_scale(scale, profile):
                    self._notes.append(fitting.outside(scale, profile))
                    continue
                self._taken.add(column)
                self._scores[scale] = fitting.score_sql(scale, quoted(column), profile)
                reason = _("by its name and its values")
                self._fields.append(FieldGuess(scale, column, 0.8, profile.example, reason))
                self._ask(scale, column, profile.example)
                break

    def _named_for(self, scale: str) -> list[str]:
        exact = [self._by_name[each] for each in SCORES[scale] if each in self._by_name]
        wording = [
            column
            for name, column in self._by_name.items()
            if len(name) > 12
            and "dissatisf" not in name
            and len(self._profiles[column].words) > 2
            and any(word in name and to == scale for word, to in WORDS)
        ]
        return list(dict.fromkeys([*exact, *wording]))

    def _score_as_said(self) -> None:
        if "scale" not in self._sources:
            self._questions.append(
                Question(
                    "scale",
                    _("On which scale is the score?"),
                    tuple(f"'{name}'" for name in SCALES),
                    example="scale='nps'",
                )
            )
            self._sources["scale"] = literal("")

    # Fields

    def _guess_field(self, field: str) -> None:
        for name in SYNONYMS.get(field, ()):
            column = self._by_name.get(name)
            if column is None or column in self._taken:
                continue
            confidence = fitting.confidence(field, self._profiles[column])
            if confidence > 0:
                self._take(field, column, confidence, _("by its name"))
                return
        if field == "at":
            self._guess_time_by_values()
        elif field == "customer":
            for column, profile in self._profiles.items():
                if column not in self._taken and profile.emails > SURE:
                    self._take(field, column, 0.8, _("it holds e-mail addresses"))
                    return
        elif field == "text":
            self._guess_text_by_values()

    def _guess_time_by_values(self) -> None:
        for column, profile in self._profiles.items():
            whole = profile.numbers > 0.5
            if column not in self._taken and profile.times > SURE and not whole:
                self._take("at", column, 0.7, _("it holds dates"))
                return

    def _guess_text_by_values(self) -> None:
        texts = [
            (profile.length, column)
            for column, profile in self._profiles.items()
            if column not in self._taken
            and profile.length > 25
            and profile.distinct > 0.5
            and profile.times < 0.5
            and profile.numbers < 0.5
        ]
        if texts:
            self._take("text", max(texts)[1], 0.6, _("it holds the longest texts"))

    def _guess_customer(self) -> None:
        if "customer" in self._sources:
            self._sources["customer"] = (
                f"coalesce(customer_of({self._sources['customer']}), 'anon:' || _key)"
                if self._profiles_filled("customer") < 1
                else f"customer_of({self._sources['customer']})"
            )
            return
        repeated = self._by_name.get("id")
        if repeated and repeated not in self._taken and self._profiles[repeated].distinct < 0.999:
            self._take("customer", repeated, 0.5, _("it is a number that comes back"))
            self._sources["customer"] = f"customer_of({self._sources['customer']})"
            return
        self._sources["customer"] = "'anon:' || _key"
        self._notes.append(
            _(
                "No column says who the customer is: each row is taken as a customer of its own. "
                "If one does, say: --map customer=COLUMN"
            )
        )

    def _profiles_filled(self, field: str) -> float:
        source = next((each.source for each in self._fields if each.field == field), "")
        profile = self._profiles.get(source)
        return profile.filled if profile else 1.0

    # What happened, and where

    def _guess_kind(self) -> None:
        if "kind" in self._sources:
            return
        touchpoint = next((e.source for e in self._fields if e.field == "touchpoint"), None)
        words = self._profiles[touchpoint].words if touchpoint in self._profiles else ()
        known = [word for word in words if normalised(word) in EVENT_KINDS]
        if words and len(known) * 2 > len(words):
            cases = " ".join(
                f"WHEN {literal(word)} THEN {literal(EVENT_KINDS[normalised(word)])}"
                for word in known
            )
            self._sources["kind"] = f"CASE {quoted(str(touchpoint))} {cases} ELSE 'other' END"
            self._fields.append(
                FieldGuess("kind", str(touchpoint), 0.8, known[0], _("by the names of the events"))
            )
            return
        kind, confidence, reason = self._kind_of_all(has_events=bool(words))
        self._sources["kind"] = literal(kind)
        self._fields.append(FieldGuess("kind", f"'{kind}'", confidence, kind, reason))
        if confidence < SURE:
            self._questions.append(
                Question(
                    "kind",
                    _("What happened, in each row?"),
                    tuple(f"'{each}'" for each in KINDS),
                    f"'{kind}'",
                )
            )

    def _kind_of_all(self, *, has_events: bool) -> tuple[str, float, str]:
        if set(self._scores) == {"stars"} and "text" in self._sources:
            return "review", 0.9, _("there are stars and texts")
        if self._scores or "score" in self._sources:
            return "answer", 0.95, _("there are scores")
        if has_events:
            return "step", 0.7, _("there are events")
        if "amount" in self._sources:
            return "order", 0.6, _("there are amounts")
        if "text" in self._sources:
            return "message", 0.6, _("there are texts")
        return "other", 0.3, _("nothing tells")

    def _guess_touchpoint(self) -> None:
        if "touchpoint" in self._sources:
            return
        kind = next((e.source.strip("'") for e in self._fields if e.field == "kind"), "other")
        name = {"answer": "survey", "order": "checkout", "step": "process"}.get(kind, kind)
        self._sources["touchpoint"] = literal(name)
        self._fields.append(FieldGuess("touchpoint", f"'{name}'", 0.6, name, _("by the kind")))

    def _guess_channel(self) -> None:
        if "channel" in self._sources and "channel" not in self._mapping:
            column = self._sources["channel"]
            self._sources["channel"] = f"coalesce(channel_of({column}), 'other')"
        elif "channel" not in self._sources:
            kind = self._sources["kind"].strip("'")
            channel = {"answer": "survey", "review": "reviews"}.get(kind, "other")
            self._sources["channel"] = literal(channel)
            self._fields.append(
                FieldGuess("channel", f"'{channel}'", 0.6, channel, _("by the kind"))
            )

    def _ask_time(self) -> None:
        """A time is needed; where there is none, say exactly how to tell it."""
        at = next((each for each in self._fields if each.field == "at"), None)
        profile = self._profiles.get(at.source) if at else None
        if profile and profile.whole and profile.times < 0.5:
            self._sources.pop("at")
            self._questions.append(
                Question("at", _counted(profile), tuple(self._profiles), example=_say(profile))
            )
            return
        if "at" in self._sources:
            return
        small = [
            each
            for name, each in self._profiles.items()
            if name not in self._taken
            and normalised(name) in _COUNTERS
            and each.whole
            and each.most is not None
            and each.most < 400
        ]
        text = _("No column holds a date or time. When did it happen?")
        example = _say(small[0]) if small else "\"at='2024-04-25'\""
        if small:
            text += " " + _counted(small[0])
        else:
            text += " " + _("One day for all rows is said so: --map {example}").format(
                example=example
            )
        self._questions.append(Question("at", text, tuple(self._profiles), example=example))

    # The recipe

    def _recipe(self) -> Recipe:
        table = RecipeTable("rows", dict.fromkeys(self._loaded.columns, ()), ())
        fields = dict(self._sources)
        fields.setdefault("at", "CAST(NULL AS VARCHAR)")
        if "about" in fields and "about" not in self._mapping:
            fields["about"] = self._prefixed_about(fields["about"])
        if "id" in fields and "id" not in self._mapping:
            fields["id"] = f"'{NAME}:' || {literal(self._stem())} || ':' || {fields['id']}"
        properties = {
            property_name(name): quoted(name) for name in self._profiles if name not in self._taken
        }
        return Recipe(
            name=NAME,
            title=_("columns guessed"),
            description="",
            tables=(table,),
            outputs=tuple(self._outputs(fields, properties)),
            zone=self._mapping.get("zone", "").strip("'\"") or None,
        )

    def _outputs(self, fields: dict[str, str], properties: dict[str, str]) -> list[Output]:
        base = fields.get("id", f"'{NAME}:' || _key")
        if not self._scores:
            plain = {**fields, "id": base}
            return [Output({}, plain, "rows", "rows._row", properties)]
        outputs = []
        text = fields.pop("text", None)
        for number, (scale, sql) in enumerate(self._scores.items()):
            own = {**fields, "id": f"{base} || ':{scale}'", "score": sql}
            if text and number == 0:
                own["text"] = f"given({text})"
            skip = Skip(f"given(({sql})) IS NULL", _("no answer to {scale}").format(scale=scale))
            outputs.append(
                Output({"scale": scale}, own, "rows", "rows._row", properties, skip=(skip,))
            )
        if text:
            # What people wrote counts also where they gave no score.
            first = next(iter(self._scores.values()))
            own = {**fields, "id": f"{base} || ':text'", "text": f"given({text})"}
            when = f"given(({first})) IS NULL AND given({text}) IS NOT NULL"
            outputs.append(Output({}, own, "rows", "rows._row", properties, when=when))
        return outputs

    def _prefixed_about(self, sql: str) -> str:
        column = next(each.source for each in self._fields if each.field == "about")
        name = normalised(column)
        prefix = next((to for start, to in PREFIXES if name.startswith(start)), "")
        return f"{literal(prefix)} || {sql}"

    def _stem(self) -> str:
        return normalised(self._loaded.name.rpartition("/")[2].partition(".")[0])


_COUNTERS: Final = ("t", "month", "mese", "period", "periodo", "week", "settimana", "day", "giorno")


def _say(profile: Profile) -> str:
    return f'at="2024-01 + {{{profile.name}}} months"'


def _counted(profile: Profile) -> str:
    return _(
        "The column {name!r} holds whole numbers from {least:g} to {most:g}, not times. If they "
        "count months from a first one (days and weeks go too), say: --map {example}"
    ).format(
        name=profile.name,
        least=profile.least or 0,
        most=profile.most or 0,
        example=_say(profile),
    )
