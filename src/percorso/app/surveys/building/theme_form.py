"""The look of a survey: its colours with their contrast, and colours near them that can be seen."""

from dataclasses import dataclass
from typing import Final

import msgspec
from django.http import QueryDict

from percorso import labels
from percorso.app.surveys.building.words import part_names
from percorso.i18n import gettext as _
from percorso.surveys import Theme, contrast
from percorso.surveys.contrast import COLOUR, CONTROLS, WORDS
from percorso.surveys.model import Colours

NAMES: Final = ("background", "text", "accent", "on_accent")
_PAIRS: Final = (
    ("text", "background", WORDS),
    ("on_accent", "accent", WORDS),
    ("accent", "background", CONTROLS),
)


@dataclass(frozen=True, slots=True)
class ColourField:
    name: str
    words: str
    value: str


@dataclass(frozen=True, slots=True)
class Ratio:
    """The contrast of two colours, in words, and whether it is enough."""

    words: str
    ratio: str
    least: str
    enough: bool


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours by day, or by night."""

    name: str
    words: str
    colours: Colours
    fields: tuple[ColourField, ...]
    ratios: tuple[Ratio, ...]


def read(form: QueryDict, theme: Theme) -> Theme:
    """Return the theme with the colours that were chosen; what is no colour changes nothing."""
    return msgspec.structs.replace(
        theme, light=_colours(form, "light", theme.light), dark=_colours(form, "dark", theme.dark)
    )


def _colours(form: QueryDict, which: str, before: Colours) -> Colours:
    chosen = {name: form.get(f"{which}.{name}", "").strip().lower() for name in NAMES}
    return msgspec.structs.replace(
        before, **{name: value for name, value in chosen.items() if COLOUR.fullmatch(value)}
    )


def palettes(theme: Theme) -> tuple[Palette, ...]:
    """Return both sets of colours with their contrasts."""
    names = part_names()
    return tuple(
        Palette(
            which,
            names[which],
            colours,
            tuple(
                ColourField(f"{which}.{name}", names[name], getattr(colours, name))
                for name in NAMES
            ),
            _ratios(colours),
        )
        for which, colours in (("light", theme.light), ("dark", theme.dark))
    )


def _ratios(colours: Colours) -> tuple[Ratio, ...]:
    words = {
        "text": _("Words on the background"),
        "on_accent": _("Words on buttons"),
        "accent": _("Buttons on the background"),
    }
    return tuple(
        Ratio(
            words[one],
            # Cut, not rounded: 4.499 is not 4.5.
            labels.number(int(ratio * 10) / 10, 1),
            labels.number(least, 1 if least % 1 else 0),
            ratio >= least,
        )
        for one, other, least in _PAIRS
        for ratio in [contrast(getattr(colours, one), getattr(colours, other))]
    )


def mended(theme: Theme) -> Theme:
    """Return the theme with the nearest colours whose contrast is enough."""
    return msgspec.structs.replace(theme, light=_mended(theme.light), dark=_mended(theme.dark))


def _mended(colours: Colours) -> Colours:
    text = _near(colours.text, colours.background, WORDS)
    accent = _near(colours.accent, colours.background, CONTROLS)
    on_accent = _near(colours.on_accent, accent, WORDS)
    return Colours(background=colours.background, text=text, accent=accent, on_accent=on_accent)


def _near(colour: str, beside: str, least: float) -> str:
    """Return the colour, lighter or darker by as little as its contrast with another takes."""
    if contrast(colour, beside) >= least:
        return colour
    for step in range(1, 101):
        tried = [_mixed(colour, end, step / 100) for end in ("#000000", "#ffffff")]
        best = max(tried, key=lambda each: contrast(each, beside))
        if contrast(best, beside) >= least:
            return best
    return best


def _mixed(one: str, other: str, share: float) -> str:
    parts = (
        round(int(one[at : at + 2], 16) * (1 - share) + int(other[at : at + 2], 16) * share)
        for at in (1, 3, 5)
    )
    return "#" + "".join(f"{each:02x}" for each in parts)
