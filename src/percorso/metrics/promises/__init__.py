"""Promises: what became of each, how many are kept, and what a broken one does to the score."""

from percorso.metrics.promises.fates import fates
from percorso.metrics.promises.summary import PromiseGroup, Promises, by, summary

__all__ = ["PromiseGroup", "Promises", "by", "fates", "summary"]
