"""Servers that run for weeks do not carry what only notebooks need."""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType


class _Absent:
    """Says of pandas that it is not installed."""

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,  # noqa: ARG002 - the form of the protocol
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        if name == "pandas":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None


def leave_pandas_out() -> None:
    """Keep this process from loading pandas: Arrow does by itself, 60 MB that nobody here uses."""
    if "pandas" not in sys.modules:
        sys.meta_path.insert(0, _Absent())
