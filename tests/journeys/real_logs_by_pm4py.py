"""What pm4py finds in event logs, as JSON: run in a process of its own, since it warns a lot.

python real_logs_by_pm4py.py FILE...
"""

import json
import sys
import warnings

warnings.simplefilter("ignore")

import pandas as pd  # noqa: E402 - the warnings are silenced first
import pm4py  # noqa: E402


def found(path: str) -> dict[str, object]:
    if path.endswith(".csv"):
        frame = pd.read_csv(path)
        frame["time:timestamp"] = pd.to_datetime(
            frame["time:timestamp"], utc=True, format="ISO8601"
        )
        frame = pm4py.format_dataframe(frame)
    else:
        frame = pm4py.convert_to_dataframe(pm4py.read_xes(path))
    graph, starts, ends = pm4py.discover_dfg(frame)
    times = pm4py.discover_performance_dfg(frame)[0]
    return {
        "graph": sorted([source, target, count] for (source, target), count in graph.items()),
        "median_seconds": sorted(
            [source, target, each["median"]] for (source, target), each in times.items()
        ),
        "variants": sorted([list(k), v] for k, v in pm4py.get_variants(frame).items()),
        "starts": starts,
        "ends": ends,
    }


if __name__ == "__main__":
    print("FOUND" + json.dumps({path: found(path) for path in sys.argv[1:]}))  # noqa: T201
