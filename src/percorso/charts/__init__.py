"""Charts of what was computed: one definition for the page, the report and the notebook.

Each returns a ``Figure``: a title, a sentence that says what is seen, an Altair chart, and a table
with the same figures for those who do not see it.
"""

from percorso.charts.figure import Figure, Table, svg
from percorso.charts.journeys import ideal_path, step_name, transitions, variants
from percorso.charts.palette import LITERAL, PAGE, Palette
from percorso.charts.promises import promises_by_month, score_after_promises
from percorso.charts.scores import answers, by_group, trend
from percorso.charts.voice import asked_for, praise_and_blame

__all__ = [
    "LITERAL",
    "PAGE",
    "Figure",
    "Palette",
    "Table",
    "answers",
    "asked_for",
    "by_group",
    "ideal_path",
    "praise_and_blame",
    "promises_by_month",
    "score_after_promises",
    "step_name",
    "svg",
    "transitions",
    "trend",
    "variants",
]
