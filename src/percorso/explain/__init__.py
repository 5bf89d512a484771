"""What makes the experience worse, where, since when, and for how many."""

from percorso.explain.finding import problems
from percorso.explain.problem import SHARES, Evidence, Problem

__all__ = ["SHARES", "Evidence", "Problem", "problems"]
