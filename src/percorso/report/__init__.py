"""The report: how the customers' experience is, in a terminal, as a page, as data.

built = report.build(open_log(workspace))
report.print_terminal(built, Console())
report.as_json(built)             # a dict of strict JSON
report.as_html(built, "it")       # one self-contained page
"""

from percorso.report.building import build
from percorso.report.data import as_json
from percorso.report.headline import Headline, headline, summarise
from percorso.report.model import LogFacts, MonthOfPromises, Report
from percorso.report.page import as_html
from percorso.report.terminal import print_terminal

__all__ = [
    "Headline",
    "LogFacts",
    "MonthOfPromises",
    "Report",
    "as_html",
    "as_json",
    "build",
    "headline",
    "print_terminal",
    "summarise",
]
