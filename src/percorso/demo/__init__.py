"""Libreria Aurora, the company made up to show Percorso, and what was planted in its log."""

from percorso.demo.asking import Asking
from percorso.demo.generator import generate
from percorso.demo.truths import SURVEY_TRUTHS, TRUTHS, Truth
from percorso.demo.workspace import make, make_asked

__all__ = ["SURVEY_TRUTHS", "TRUTHS", "Asking", "Truth", "generate", "make", "make_asked"]
