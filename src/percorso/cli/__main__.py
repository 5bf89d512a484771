"""``python -m percorso.cli`` is ``percorso``."""

from percorso.cli import main

main()
