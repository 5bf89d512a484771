"""Our script for websites, as it is sent."""

from pathlib import Path
from typing import Final

_FILE: Final = Path(__file__).parent / "percorso.js"


def script() -> bytes:
    """Return the script without its remarks and its indentation: every visitor loads it."""
    text = _FILE.read_text(encoding="utf-8")
    lines: list[str] = []
    remark = False
    for line in map(str.strip, text.splitlines()):
        remark = remark or line.startswith("/*")
        if not remark and line:
            lines.append(line)
        remark = remark and not line.endswith("*/")
    return ("\n".join(lines) + "\n").encode()
