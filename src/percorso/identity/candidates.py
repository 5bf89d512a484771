"""Candidates for joins of all kinds, side by side, and what becomes of them."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from percorso.identity.deciding import Apart, Decided, decide
from percorso.identity.model import Settings
from percorso.log.joins import EXACT, PERSON, PROBABLE, Changes, Join, Question, in_order

if TYPE_CHECKING:
    import pyarrow as pa

    from percorso.identity.probable import Scored


class Candidates:
    """Pairs that may become joins, as columns; those that stand have a number above 0."""

    def __init__(self, standing: "pa.Table") -> None:
        self.standing = standing
        self.one: list[Any] = []
        self.other: list[Any] = []
        self.number: list[Any] = []
        self.order: list[Any] = []
        self.fixed: list[Any] = []
        self.source: list[tuple[str, Any]] = []

    def copy(self) -> "Candidates":
        other = Candidates(self.standing)
        for name in ("one", "other", "number", "order", "fixed", "source"):
            setattr(other, name, list(getattr(self, name)))
        return other

    def add_standing(self, standing: Any, kind: str, numbers: Any = None) -> None:
        """Add the joins of a kind that stand; with ``numbers``, of those only these."""
        import pyarrow as pa
        import pyarrow.compute as pc

        chosen = standing.filter(pc.equal(standing["kind"], pa.scalar(kind)))
        if numbers is not None:
            wanted = numbers.combine_chunks()
            chosen = chosen.filter(pc.is_in(chosen["number"], value_set=wanted))
        self._add(chosen["reference"], chosen["customer"], chosen["strength"], kind, chosen)

    def add_edges(self, edges: "pa.Table") -> None:
        """Add exact edges that were found."""
        self._add(edges["one"], edges["other"], edges["strength"], EXACT, edges)

    def add_probable(
        self,
        standing: "pa.Table",
        scored: "list[Scored]",
        settings: Settings,
        *,
        keep_all: bool,
    ) -> None:
        """Add likenesses: those that stand, if they are likely still, and the sure new ones."""
        import pyarrow as pa

        likely = {in_order(each.one, each.other) for each in scored}
        rows = standing.select(["number", "kind", "reference", "customer"]).to_pylist()
        kept = {
            row["number"]
            for row in rows
            if row["kind"] == PROBABLE
            and (keep_all or in_order(row["reference"], row["customer"]) in likely)
        }
        self.add_standing(standing, PROBABLE, pa.chunked_array([sorted(kept)], pa.int64()))
        sure = [each for each in scored if each.sure and each.probability >= settings.join_above]
        self._add(
            pa.array([each.one for each in sure], pa.string()),
            pa.array([each.other for each in sure], pa.string()),
            pa.array([each.probability for each in sure], pa.float64()),
            PROBABLE,
            sure,
        )

    def _add(self, one: Any, other: Any, strength: Any, kind: str, source: Any) -> None:
        import pyarrow as pa

        count = len(one)
        is_standing = isinstance(source, pa.Table) and "number" in source.column_names
        number = source["number"].to_numpy() if is_standing else np.zeros(count, np.int64)
        # What stands goes before what is new of the same strength.
        order = np.round(1e9 * (1 - strength.to_numpy().astype(np.float64))).astype(np.int64) * 2
        order += 0 if is_standing else 1
        order += _AFTER[kind]
        self.one.append(one.cast(pa.large_string()))
        self.other.append(other.cast(pa.large_string()))
        self.number.append(number)
        self.order.append(order)
        self.fixed.append(np.full(count, kind == PERSON))
        self.source.append((kind, source))

    def decide(self, apart: Apart) -> Decided:
        return decide(
            _joined(self.one),
            _joined(self.other),
            np.concatenate(self.order),
            np.concatenate(self.fixed),
            apart,
        )

    def belonging(self, decided: Decided) -> "pa.Table":
        """Return reference -> customer, as the store will have it when this is kept."""
        from percorso.log.belonging import belonging

        rows = self._all_of(decided)
        return belonging(_joined(self.one).take(rows), _joined(self.other).take(rows))

    def _all_of(self, decided: Decided) -> Any:
        """Return the rows that were chosen, and people's own, redundant or not."""
        return np.union1d(decided.chosen, np.flatnonzero(np.concatenate(self.fixed)))

    def changes(
        self,
        decided: Decided,
        standing: Any,
        questions: list[Question] | None,
        asked_of: list[str] | None,
    ) -> Changes:
        import pyarrow as pa
        import pyarrow.compute as pc

        number = np.concatenate(self.number)
        kept = number[self._all_of(decided)]
        automatic = standing.filter(pc.not_equal(standing["kind"], pa.scalar(PERSON)))[
            "number"
        ].to_numpy()
        chosen = decided.chosen[number[decided.chosen] == 0]
        return Changes(
            add=self._as_joins(chosen),
            undo=np.setdiff1d(automatic, kept).tolist(),
            questions=questions,
            asked_of=asked_of,
        )

    def _as_joins(self, rows: Any) -> list[Join]:
        """Return new rows as joins, each oriented towards the better name."""
        joins: list[Join] = []
        start = 0
        for kind, source in self.source:
            count = len(source)
            mine = rows[(rows >= start) & (rows < start + count)] - start
            start += count
            if not len(mine):
                continue
            if kind == PROBABLE:
                joins += [_probable_join(source[row]) for row in mine.tolist()]
            else:
                joins += _exact_joins(source.take(mine))
        return joins


#: Likeness comes after all that is equal; people's own are ranked apart.
_AFTER: Final = {PERSON: 0, EXACT: 0, PROBABLE: 10**10}


def _exact_joins(edges: "pa.Table") -> list[Join]:
    columns = (edges[name].to_pylist() for name in ("one", "other", "field", "value", "strength"))
    return [
        Join(
            reference=one,
            customer=other,
            kind=EXACT,
            strength=strength,
            evidence={"field": field, "value": value},
        )
        for one, other, field, value, strength in zip(*columns, strict=True)
    ]


def _probable_join(scored: "Scored") -> Join:
    from percorso.log.belonging import rank

    better, worse = sorted((scored.one, scored.other), key=rank)
    return Join(
        reference=worse,
        customer=better,
        kind=PROBABLE,
        strength=scored.probability,
        evidence=evidence_of(scored),
    )


def evidence_of(scored: "Scored") -> dict[str, Any]:
    """Return the waterfall, as the pair is kept: its sides in the order of their names."""
    swapped = scored.one > scored.other
    return {
        "weights": [
            [
                each.field,
                each.level,
                *((each.other, each.one) if swapped else (each.one, each.other)),
                each.weight,
            ]
            for each in scored.weights
        ]
    }


def _joined(parts: list[Any]) -> Any:
    import pyarrow as pa

    chunks: list[Any] = []
    for part in parts:
        chunks += part.chunks if isinstance(part, pa.ChunkedArray) else [part]
    return pa.chunked_array(chunks, pa.large_string()).combine_chunks()
