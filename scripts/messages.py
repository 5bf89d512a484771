#!/usr/bin/env python
"""Collect the words to translate from the code and the templates; merge, check and compile them.

Usage: scripts/messages.py           write the collected words into each .po file, and compile it
       scripts/messages.py --check   change nothing; fail where a word has no good translation

Needs no GNU gettext: Python and Jinja's templates are read by Babel, Django's by Django first.
"""

import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT: Final = Path(__file__).resolve().parents[1]
SOURCE: Final = ROOT / "src" / "percorso"
KEYWORDS: Final = {
    "_": None,
    "N_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
HEADER: Final = """\
# Percorso in PROJECT's language. Collected by scripts/messages.py.
# This file is distributed under the same license as Percorso (Apache-2.0)."""
#: What is filled in: %(name)s, %s, {name}, {name!r}, {name:,}. A translation keeps each.
_FILLED: Final = re.compile(r"%\(\w+\)[sdr]|%[sdr]|\{\w*(?:![rs])?(?::[^{}]*)?\}")


def collect() -> Catalog:
    """Return every word of the sources, with the files it stands in."""
    catalog = Catalog(fuzzy=False)
    for file in sorted(SOURCE.rglob("*")):
        for words, context, comments in _words(file):
            catalog.add(
                words,
                locations=[(str(file.relative_to(ROOT)), 0)],
                auto_comments=comments,
                context=context,
            )
    return catalog


def complaints(catalog: Catalog, collected: Catalog) -> Iterator[str]:
    """Yield what keeps the translations from being complete and right."""
    for wanted in _messages(collected):
        found = catalog.get(wanted.id, wanted.context)
        if found is None:
            yield f"not in the file: {wanted.id!r}"
        elif found.fuzzy or not _all_forms(found):
            yield f"not translated: {wanted.id!r}"
        else:
            yield from _wrong_fillings(found)
    for found in _messages(catalog):
        if collected.get(found.id, found.context) is None:
            yield f"nowhere in the sources: {found.id!r}"


def translations() -> Iterator[Path]:
    """Yield the .po files."""
    return iter(sorted((SOURCE / "locale").glob("*/LC_MESSAGES/*.po")))


def read(file: Path) -> Catalog:
    """Read a .po file."""
    with file.open("rb") as source:
        return read_po(source, locale=file.parts[-3])


def main(arguments: list[str]) -> int:
    collected = collect()
    left = 0
    for file in translations():
        catalog = read(file)
        if "--check" not in arguments:
            catalog.update(collected, no_fuzzy_matching=True, update_creation_date=False)
            catalog.obsolete.clear()
            _write(catalog, file)
        for each in complaints(catalog, collected):
            print(f"{file.relative_to(ROOT)}: {each}")
            left += 1
    print(f"{len(list(_messages(collected)))} words, {left} complaints")
    return 1 if left and "--check" in arguments else 0


def _words(file: Path) -> Iterator[tuple[str | tuple[str, ...], str | None, list[str]]]:
    template = file.suffix in (".html", ".txt")
    of_app = SOURCE / "app" in file.parents
    if template and "templates" in file.parts and of_app:
        method, text = "python", _as_python(file).encode()
    elif template and ("jinja2" if of_app else "templates") in file.parts:
        method, text = "jinja2.ext:babel_extract", file.read_bytes()
    elif file.suffix == ".py":
        method, text = "python", file.read_bytes()
    else:
        return
    for _line, words, comments, context in extract(
        method, BytesIO(text), KEYWORDS, ["Translators:"]
    ):
        yield words, context, comments


def _as_python(file: Path) -> str:
    """Return a template as Python of which only the words to translate matter."""
    from django.conf import settings
    from django.utils.translation.template import templatize

    if not settings.configured:
        settings.configure()
    blanked = templatize(file.read_text(encoding="utf-8"), origin=str(file))
    return "\n".join(line.lstrip() for line in blanked.splitlines())


def _messages(catalog: Catalog) -> Iterator[Message]:
    return (message for message in catalog if message.id)


def _all_forms(message: Message) -> bool:
    forms = message.string if isinstance(message.string, tuple | list) else [message.string]
    return bool(forms) and all(forms)


def _wrong_fillings(message: Message) -> Iterator[str]:
    ids = message.id if isinstance(message.id, tuple | list) else [message.id]
    forms = message.string if isinstance(message.string, tuple | list) else [message.string]
    for number, form in enumerate(forms):
        wanted = sorted(_FILLED.findall(ids[min(number, len(ids) - 1)]))
        if sorted(_FILLED.findall(form)) != wanted:
            yield f"fills in something else: {message.id!r} -> {form!r}"


def _write(catalog: Catalog, file: Path) -> None:
    catalog.project, catalog.version = "Percorso", "0"
    catalog.last_translator = catalog.copyright_holder = "the contributors to Percorso"
    catalog.language_team, catalog.msgid_bugs_address = str(catalog.locale.english_name), ""
    catalog.header_comment = HEADER.replace("PROJECT's language", str(catalog.locale.english_name))
    with file.open("wb") as target:
        write_po(
            target, catalog, width=100, sort_output=True, include_lineno=False, omit_header=False
        )
    with file.with_suffix(".mo").open("wb") as target:
        write_mo(target, catalog)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
