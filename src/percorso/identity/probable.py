"""Probable joins: the model of Fellegi and Sunter (1969), run by Splink on DuckDB.

Two customers are compared field by field; each comparison has levels, from the same to different.
A level weighs log2(m/u): m is the share of pairs of one person that fall into it, u the share of
pairs of two persons. The weights and the prior add up to the log2 of the odds that both are one.

The u are estimated from the company's own customers, by pairs drawn at random, where there are
enough of them; m are the house's (``_LEVELS``), for they depend on how people type and move rather
than on who the customers are. A rare name weighs more than a common one, by its own share (Winkler,
1989). People of one household share a telephone, an e-mail, an address and a family name: none of
these weighs more than 13 bits (a whole name at most 16, a day of birth 15), and two different given
names are never one person.
"""

import logging
import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from percorso.identity.database import count
from percorso.identity.model import Settings, Weight
from percorso.vocabulary.phrases import N_

if TYPE_CHECKING:
    import pyarrow as pa

#: Customers from which on u is estimated from them: fewer make too few pairs.
ENOUGH: Final = 1_000
#: Random pairs for the estimate.
_PAIRS: Final = 2e6
_SEED: Final = 1

_SAME_GIVEN: Final = "given_l = given_r"
#: Two names that are known and differ, such as Mario and Maria, are no slip of the keyboard.
_ALIKE_GIVEN: Final = (
    f"({_SAME_GIVEN} "
    "OR (jaro_winkler_similarity(first_l, first_r) >= 0.88 AND NOT (known_l AND known_r)) "
    "OR (least(length(first_l), length(first_r)) <= 2 AND left(first_l, 1) = left(first_r, 1)))"
)
_ALIKE_LAST: Final = "jaro_winkler_similarity(last_l, last_r) >= 0.92"

#: Whoever is called the same has the same: an address made of the name says little more than it.
_OF_THE_NAME: Final = (
    "list_intersect(locals_l, locals_r)[1] IN (first_l || last_l, last_l || first_l, "
    "first_r || last_r, last_r || first_r, given_l || last_l, last_l || given_l, "
    "left(first_l, 1) || last_l, last_l || left(first_l, 1), "
    "left(first_r, 1) || last_r, last_r || left(first_r, 1))"
)


@dataclass(frozen=True, slots=True)
class _Level:
    """A level: its name, its condition in SQL, m, and u where it cannot be estimated.

    ``least_u`` bounds the estimate from below. ``rare`` names the column whose share takes the
    place of u; ``differ`` says that the pair is two persons, ``unsure`` that it is only asked
    about.
    """

    name: str
    sql: str
    m: float
    u: float
    least_u: float = 0.0
    rare: str = ""
    differ: bool = False
    unsure: bool = False


#: Field -> what must be there to compare it, and its levels; the last is everything else.
_LEVELS: Final[Mapping[str, tuple[str, tuple[_Level, ...]]]] = {
    "name": (
        "first_l IS NULL OR first_r IS NULL OR last_l IS NULL OR last_r IS NULL",
        (
            _Level(
                N_("the same"), "first_l = first_r AND last_l = last_r", 0.66, 3e-5, rare="whole"
            ),
            _Level(
                N_("the same, given and family name swapped"),
                "(first_l = last_r AND last_l = first_r)",
                0.03,
                1e-6,
                1e-7,
                rare="whole",
            ),
            _Level(
                N_("a short form of the same name"),
                f"{_SAME_GIVEN} AND last_l = last_r",
                0.12,
                1e-5,
                rare="whole",
            ),
            _Level(
                N_("the same given name and a former family name"),
                f"{_SAME_GIVEN} AND list_has_any(lasts_l, lasts_r)",
                0.005,
                1e-6,
                1e-6,
            ),
            _Level(
                N_("spelled alike"),
                f"({_ALIKE_GIVEN} AND (last_l = last_r OR {_ALIKE_LAST})) "
                "OR (jaro_winkler_similarity(first_l, last_r) >= 0.92 "
                "AND jaro_winkler_similarity(last_l, first_r) >= 0.92)",
                0.14,
                8e-5,
            ),
            _Level(N_("the given name alone is alike"), _ALIKE_GIVEN, 0.035, 0.012, 0.003),
            _Level(N_("different given names"), "", 0.01, 0.985, differ=True),
        ),
    ),
    "birth_date": (
        "born_l IS NULL OR born_r IS NULL",
        (
            _Level(N_("the same"), "born_l = born_r", 0.93, 6e-5, 3e-5),
            _Level(
                N_("one digit apart, or day and month swapped"),
                "damerau_levenshtein(born_l, born_r) <= 1 OR (left(born_l, 4) = left(born_r, 4) "
                "AND substr(born_l, 6, 2) = substr(born_r, 9, 2) "
                "AND substr(born_l, 9, 2) = substr(born_r, 6, 2))",
                0.05,
                3e-3,
            ),
            _Level(N_("different"), "", 0.02, 0.997, unsure=True),
        ),
    ),
    "phone": (
        "len(phones_l) = 0 OR len(phones_r) = 0 OR phones_l IS NULL OR phones_r IS NULL",
        (
            _Level(N_("one in common"), "list_has_any(phones_l, phones_r)", 0.6, 1e-4, 1e-4),
            _Level(N_("different"), "", 0.4, 0.9999),
        ),
    ),
    "email": (
        "len(emails_l) = 0 OR len(emails_r) = 0 OR emails_l IS NULL OR emails_r IS NULL",
        (
            _Level(N_("the same"), "list_has_any(emails_l, emails_r)", 0.2, 5e-5, 5e-5),
            _Level(
                N_("the same before the @"),
                f"list_has_any(locals_l, locals_r) AND NOT ({_OF_THE_NAME})",
                0.25,
                1e-4,
                1e-4,
            ),
            _Level(
                N_("the same before the @, but it is just the name"),
                "list_has_any(locals_l, locals_r)",
                0.15,
                0.02,
                0.02,
            ),
            _Level(
                N_("alike before the @"),
                "most_alike(locals_l, locals_r) >= 0.93",
                0.12,
                0.01,
                0.01,
            ),
            _Level(N_("different"), "", 0.48, 0.999),
        ),
    ),
    "address": (
        "len(places_l) = 0 OR len(places_r) = 0 OR places_l IS NULL OR places_r IS NULL",
        (
            _Level(N_("the same"), "list_has_any(places_l, places_r)", 0.6, 2e-4, 2e-4),
            _Level(
                N_("the same street, spelled or numbered otherwise"),
                "(list_has_any(areas_l, areas_r) AND most_alike(places_l, places_r) >= 0.9)",
                0.12,
                1e-3,
                5e-4,
            ),
            _Level(N_("the same postal code"), "list_has_any(areas_l, areas_r)", 0.06, 5e-3, 1e-3),
            _Level(N_("different"), "", 0.22, 0.994),
        ),
    ),
}

#: Columns that hold what was compared, to be shown.
_SHOWN: Final = {
    "name": ("first", "last"),
    "birth_date": ("born",),
    "phone": ("phones",),
    "email": ("emails",),
    "address": ("places",),
}


#: How alike the two values of two lists are that are most alike.
_MOST_ALIKE: Final = """
CREATE OR REPLACE TEMP MACRO most_alike(ones, others) AS
list_max(list_transform(ones, lambda one : list_max(list_transform(others, lambda other :
    jaro_winkler_similarity(one, other)))))
"""

#: The share of the *other* customers with each whole name. Few customers say little about how rare
#: a name is: each share is drawn towards 3 in 100,000, with the force of 10,000 customers.
_SHARES: Final = """
CREATE OR REPLACE TABLE shares AS
SELECT whole, (count(*) - 0.7) / (sum(count(*)) OVER () + 10000) AS tf_whole
FROM people WHERE whole IS NOT NULL GROUP BY whole
"""


@dataclass(frozen=True, slots=True)
class Scored:
    """A pair of customers, by the references that named them, and how probably they are one."""

    one: str
    other: str
    probability: float
    sure: bool
    weights: tuple[Weight, ...]


def score(connection: Any, settings: Settings) -> list[Scored]:
    """Return the ``pairs`` of ``people`` that may be one person, from ``ask_above`` on.

    A pair that must not be joined without asking is not ``sure``.
    """
    people = count(connection, "SELECT count(*) FROM people")
    prior = _prior(connection, people)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        predicted = _predict(connection, people, prior, settings.ask_above)
    return [_scored(row, prior) for row in predicted.to_pylist()]


def _prior(connection: Any, people: int) -> float:
    """Return the probability that two customers taken at random are one person.

    Counted: the pairs that have the same two names and a day of birth, telephone or address in
    common, taken as half of all there are; at least one in 200 customers, at most one each.
    """
    sure = count(
        connection,
        """
        SELECT count(*) AS n FROM pairs JOIN people l ON l.customer = one
            JOIN people r ON r.customer = other
        WHERE l.whole = r.whole AND coalesce(l.born = r.born, true)
            AND coalesce(l.born = r.born OR list_has_any(l.phones, r.phones)
                OR list_has_any(l.places, r.places), false)
        """,
    )
    expected = min(max(2 * sure, people / 200, 1), people)
    return float(min(expected / (people * (people - 1) / 2), 0.1))


def _predict(connection: Any, people: int, prior: float, ask_above: float) -> "pa.Table":
    from splink import Linker
    from splink.backends.duckdb import DuckDBAPI

    logging.getLogger("splink").setLevel(logging.ERROR)
    api = DuckDBAPI(connection)
    connection.execute(_MOST_ALIKE)
    connection.execute(
        "CREATE OR REPLACE TABLE known AS SELECT customer AS unique_id, * FROM people"
    )
    frame = api.register("known")
    estimated = None
    if people >= ENOUGH:
        linker = Linker(frame, _settings(prior), log_level=None)
        linker.training.estimate_u_using_random_sampling(max_pairs=_PAIRS, seed=_SEED)
        estimated = linker.misc.save_model_to_json()
        api = DuckDBAPI(connection)
        frame = api.register("known")
    linker = Linker(frame, _settings(prior, estimated), log_level=None)
    connection.execute(
        "CREATE OR REPLACE TABLE blocked AS SELECT '0' AS match_key, one AS join_key_l, "
        "other AS join_key_r FROM pairs"
    )
    connection.execute(_SHARES)
    shares = api.register("shares")
    linker.table_management.register_term_frequency_lookup(shares, "whole")
    linker.table_management.register_blocked_pairs_for_predict(api.register("blocked"))
    predicted: Any = linker.inference.predict(
        threshold_match_probability=ask_above, warning_mode="never"
    )
    table: pa.Table = predicted.as_pyarrow_table()
    return table


def _settings(prior: float, estimated: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return Splink's settings, with u as ``estimated`` where a level was seen."""
    seen = {
        each["output_column_name"]: each["comparison_levels"]
        for each in (estimated or {"comparisons": ()})["comparisons"]
    }
    return {
        "link_type": "dedupe_only",
        "probability_two_random_records_match": prior,
        "retain_intermediate_calculation_columns": True,
        "retain_matching_columns": True,
        "additional_columns_to_retain": ["reference"],
        "blocking_rules_to_generate_predictions": ["l.unique_id = r.unique_id"],
        "comparisons": [_comparison(field, seen.get(field)) for field in _LEVELS],
    }


def _comparison(field: str, seen: Sequence[Mapping[str, Any]] | None) -> dict[str, Any]:
    missing, levels = _LEVELS[field]
    known = {each["label_for_charts"]: each for each in seen or ()}
    made: list[dict[str, Any]] = [
        {"sql_condition": missing, "label_for_charts": "missing", "is_null_level": True}
    ]
    for level in levels:
        u = known.get(level.name, {}).get("u_probability")
        made.append(
            {
                "sql_condition": level.sql or "ELSE",
                "label_for_charts": level.name,
                "m_probability": level.m,
                "u_probability": max(u, level.least_u, 1e-7) if isinstance(u, float) else level.u,
            }
        )
        if level.rare:
            made[-1] |= {
                "tf_adjustment_column": level.rare,
                "tf_adjustment_weight": 1.0,
                "tf_minimum_u_value": 1e-5,
                "disable_tf_exact_match_detection": True,
            }
    return {"output_column_name": field, "comparison_levels": made}


def _scored(row: Mapping[str, Any], prior: float) -> Scored:
    weights = [Weight("prior", "", "", "", round(math.log2(prior / (1 - prior)), 3))]
    sure, differ = True, False
    named = False
    for field, (_missing, levels) in _LEVELS.items():
        gamma = row[f"gamma_{field}"]
        if gamma < 0:
            continue
        level = levels[len(levels) - 1 - gamma]
        weight = row[f"mw_{field}"] + (row.get(f"mw_tf_adj_{field}") or 0.0)
        one, other = (_shown(row, field, side) for side in "lr")
        weights.append(Weight(field, level.name, one, other, round(weight, 3)))
        named |= field == "name"
        differ |= level.differ
        sure &= not level.unsure
    return Scored(
        row["reference_l"],
        row["reference_r"],
        0.0 if differ else row["match_probability"],
        sure and named,
        tuple(weights),
    )


def _shown(row: Mapping[str, Any], field: str, side: str) -> str:
    values = [row[f"{name}_{side}"] for name in _SHOWN[field]]
    parts = (", ".join(each) if isinstance(each, list) else str(each or "") for each in values)
    return " ".join(parts).replace("|", " ")
