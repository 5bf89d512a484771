"""Which of the application's tables may hold what is known of a customer, and how it goes.

Every model is named here once by the slice that owns it, or by ``percorso.app.privacy.held``: as
one that may hold personal data of customers, with the fields, or as one that does not, with the
reason. A test fails for a model that is named nowhere: it is reached by erasures and exports only
through this list.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model, QuerySet
from django.utils.functional import Promise

from percorso.durable_database import empty_journal

if TYPE_CHECKING:
    from percorso.privacy import Cleared, Person, Place
    from percorso.privacy.naming import Naming

#: ``delete``: a row that names the person goes. ``mend``: the names are taken out of it.
Then = Literal["delete", "mend"]

_PORTION: Final = 500


@dataclass(frozen=True, slots=True)
class Holding:
    """A model that may hold what is known of a customer.

    ``fields`` are looked through (texts, and JSON), ``words`` says on the data map what is held,
    ``at`` is the field with the time a row came, for what somebody left before they came back.
    ``whose`` are those of the fields that say which customer a row is about: a row of somebody else
    stays, without the names, and only rows that say so are in the copy a customer gets.
    """

    model: str
    words: str | Promise
    fields: tuple[str, ...]
    then: Then = "delete"
    at: str = ""
    whose: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Nobody:
    """A model that holds nothing of customers, and why that is so."""

    model: str
    reason: str


_named: dict[str, Holding | Nobody] = {}


def hold(
    model: str,
    words: str | Promise,
    fields: Sequence[str],
    *,
    then: Then = "delete",
    at: str = "",
    whose: Sequence[str] = (),
) -> None:
    """Name a model (``app.Model``) that may hold what is known of a customer."""
    _named[model.lower()] = Holding(model, words, tuple(fields), then, at, tuple(whose))


def hold_nobody(model: str, reason: str) -> None:
    """Name a model that holds nothing of customers."""
    _named[model.lower()] = Nobody(model, reason)


def named() -> dict[str, Holding | Nobody]:
    """Return every model that was named, by ``app.model`` in small letters."""
    return dict(_named)


def holdings() -> tuple[Holding, ...]:
    """Return the models that may hold what is known of a customer."""
    found = (each for each in _named.values() if isinstance(each, Holding))
    return tuple(sorted(found, key=lambda each: each.model))


def places() -> "tuple[Place, ...]":
    """Return the tables as places for ``percorso.privacy.erase``, and the database at their end."""
    from percorso.privacy import Place

    def place(holding: Holding) -> "Place":
        return Place(
            holding.model,
            str(holding.words),
            lambda _log, person, until: _clear(holding, person, until),
        )

    tables = [place(each) for each in holdings()]
    return (*tables, Place("app", "the application's database", lambda *_: _wipe()))


def rows(person: "Person") -> Iterator[tuple[Holding, list[dict[str, Any]]]]:
    """Yield what each table holds of a person: for an export."""
    from percorso.privacy.naming import Naming

    naming = Naming(person)
    for holding in (each for each in holdings() if each.whose):
        found = [
            {name: _plain(value) for name, value in zip(holding.fields, values, strict=True)}
            for _pk, values in _values(holding, None)
            if _owns(naming, holding, values)
        ]
        if found:
            yield holding, found


def _clear(holding: Holding, person: "Person", until: datetime | None) -> "Cleared":
    from percorso.privacy import Cleared
    from percorso.privacy.naming import Naming

    naming = Naming(person)
    model = _model(holding)
    searched = 0
    theirs: list[Any] = []
    others: list[Any] = []
    for pk, values in _values(holding, until):
        searched += 1
        if _names(naming, values):
            goes = not holding.whose or _owns(naming, holding, values)
            (theirs if holding.then == "delete" and goes else others).append(pk)
    with transaction.atomic():
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA secure_delete = ON")
        for some in _portions(theirs):
            _all(model).filter(pk__in=some).delete()
        for some in _portions(others):
            _mend(_all(model).filter(pk__in=some), holding.fields, naming)
    return Cleared(searched, len(theirs) + len(others))


def _portions(keys: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(keys), _PORTION):
        yield keys[start : start + _PORTION]


def _mend(rows: Any, fields: Sequence[str], naming: "Naming") -> None:
    for row in rows:
        for name in fields:
            value = getattr(row, name)
            if value is not None:
                setattr(row, name, naming.without(value))
        row.save(update_fields=list(fields))


def _values(holding: Holding, until: datetime | None) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    found = _all(_model(holding)).order_by("pk")
    if until is not None and holding.at:
        found = found.filter(**{f"{holding.at}__lte": until})
    for pk, *values in found.values_list("pk", *holding.fields).iterator(chunk_size=2000):
        yield pk, tuple(values)


def _names(naming: "Naming", values: Sequence[Any]) -> bool:
    return any(naming.in_json(_read(each)) for each in values if each is not None)


def _owns(naming: "Naming", holding: Holding, values: Sequence[Any]) -> bool:
    """Say whether a row says that it is about the person."""
    given = dict(zip(holding.fields, values, strict=True))
    return any(naming.is_called(str(given[name] or "")) for name in holding.whose)


def _read(value: Any) -> Any:
    """Return what stands in a field; of JSON in a text what it says, where letters are escaped."""
    if isinstance(value, str) and "\\" in value:
        with suppress(ValueError):
            return [value, json.loads(value)]
    return _plain(value)


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | dict | list | None) else str(value)


def _model(holding: Holding) -> type[Model]:
    return apps.get_model(holding.model)


def _all(model: type[Model]) -> QuerySet[Any]:
    """Return every row of a model, whatever its own manager leaves out."""
    return QuerySet(model)


def _wipe() -> "Cleared":
    """Overwrite what the database's file holds of rows that are gone."""
    from percorso.privacy import Cleared

    # A test's transaction, or the caller's, forbids it; the rows themselves are gone either way.
    if connection.in_atomic_block:
        return Cleared(0, 0)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("VACUUM")
            empty_journal(connection.connection)
        else:
            cursor.execute("VACUUM")
    return Cleared(0, 0)
