"""Words as data: written in English, said to each reader in the reader's language."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


def N_(message: str) -> str:  # noqa: N802 - what gettext's tools call it
    """Mark a message for translation, and return it as it is."""
    return message


@dataclass(frozen=True, slots=True)
class Phrase:
    """A message with gaps, and what fills them.

    ``message`` is English and what its translations are found by; its gaps are in braces
    (``must be at most {most} characters``). ``values`` fill them; a value may be a phrase again.
    A message without values is said as it stands, braces or not. ``str()`` gives English;
    ``percorso.labels.phrase`` says it in the current language.
    """

    message: str
    values: Mapping[str, "str | int | float | Phrase"] = field(default_factory=dict, hash=False)

    @classmethod
    def joined(cls, separator: str, parts: "Sequence[Phrase]") -> "Phrase":
        """Return several phrases as one, ``separator`` standing between them."""
        values = {f"part{number}": part for number, part in enumerate(parts)}
        return cls(separator.join(f"{{{name}}}" for name in values), values)

    def said(self, translate: Callable[[str], str]) -> str:
        """Return the words, each message of it put through ``translate``."""
        words = translate(self.message)
        if not self.values:
            return words
        return words.format_map(
            {
                name: value.said(translate) if isinstance(value, Phrase) else value
                for name, value in self.values.items()
            }
        )

    def __str__(self) -> str:
        return self.said(str)
