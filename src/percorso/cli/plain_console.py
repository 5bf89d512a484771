"""A terminal console that shows text from files as it is, whatever it holds."""

from collections.abc import Iterable
from typing import Any, Final

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

#: Characters that a terminal obeys instead of showing (ECMA-48, C0 and C1, and DEL), but for the
#: end of a line and the tab, to what is shown in their place.
_OBEYED: Final = {
    code: "\N{REPLACEMENT CHARACTER}"
    for code in (*range(0x20), *range(0x7F, 0xA0))
    if chr(code) not in "\n\t"
}
#: What keeps a figure on one line of a page takes no room, and not every terminal knows it.
_SHOWN: Final = {**_OBEYED, ord("\N{WORD JOINER}"): None}


class PlainConsole(Console):
    """A console in which neither ``[red]`` nor an escape sequence in a text has any effect.

    Files from others name columns, touchpoints and customers as they like: square brackets are no
    markup here, and characters that would move the cursor or change the window are replaced.
    Colours come from styles alone.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, emoji=False, **options)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            if segment.control:
                yield segment
            else:
                yield Segment(segment.text.translate(_SHOWN), segment.style)
