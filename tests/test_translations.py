"""Every word is in Italian, and fills in what the English fills in."""

import re
import subprocess
import sys
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[1]
ITALIAN = ROOT / "src" / "percorso" / "locale" / "it" / "LC_MESSAGES" / "django.po"


def test_no_word_is_left_untranslated() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "messages.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(done.stdout.split()[-4]) > 500, done.stdout


def test_no_italian_article_stands_before_a_filling() -> None:
    """What is filled in may begin with 8 or 11, before which Italian elides: l’8 nov, dell’11%."""
    article = re.compile(
        r"\b(?:il|lo|un|quel|(?:d[ae]|a|ne|su)l(?:lo)?|col)\s+"
        r"(?:<[^>]+>|[“«(])*(?:%\(\w+\)[sd]|%[sd]|\{\w*(?:![rs])?(?::[^{}]*)?\})",
        re.IGNORECASE,
    )
    with ITALIAN.open("rb") as source:
        catalog = read_po(source, locale="it")
    forms = [
        form
        for each in catalog
        if each.id
        for form in ([each.string] if isinstance(each.string, str) else each.string)
    ]
    assert len(forms) > 500
    assert [form for form in forms if article.search(form)] == []
    assert article.search("Scade il {due}.")
    assert article.search("dall’inizio fino al <b>%(day)s</b>")
