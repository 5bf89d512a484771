"""Libreria Aurora, the company made up to show Percorso, and what was planted in its log."""

from percorso.demo.generator import generate
from percorso.demo.truths import TRUTHS, Truth
from percorso.demo.workspace import make

__all__ = ["TRUTHS", "Truth", "generate", "make"]
