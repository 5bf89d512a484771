"""The forms of a page, as a browser would send them."""

from html.parser import HTMLParser
from typing import Any


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, list[str]]] = []
        self._select = ""
        self._options: list[tuple[str, bool]] = []
        self._area = ""
        self._words: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.forms.append({})
        elif not self.forms:
            return
        elif tag == "input" and given.get("name"):
            self._input(given)
        elif tag == "select":
            self._select, self._options = given.get("name", ""), []
        elif tag == "option" and self._select:
            self._options.append((given.get("value", ""), "selected" in given))
        elif tag == "textarea":
            self._area, self._words = given.get("name", ""), []

    def _input(self, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        if kind in ("checkbox", "radio") and "checked" not in given:
            return
        if kind not in ("submit", "button", "file"):
            self._add(given["name"], given.get("value", "on"))

    def _add(self, name: str, value: str) -> None:
        self.forms[-1].setdefault(name, []).append(value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self._select:
            chosen = [value for value, selected in self._options if selected]
            self._add(self._select, (chosen or [self._options[0][0]])[0])
            self._select = ""
        elif tag == "textarea" and self._area:
            # A browser leaves the first line end out.
            self._add(self._area, "".join(self._words).removeprefix("\n"))
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self._words.append(data)


def form_with(answer: Any, field: str) -> dict[str, list[str]]:
    """Return the form of a page that has a field of this name, filled in as it is shown."""
    reader = _Fields()
    reader.feed(answer.content.decode())
    return next(
        {name: values for name, values in form.items() if name != "csrfmiddlewaretoken"}
        for form in reader.forms
        if field in form
    )
