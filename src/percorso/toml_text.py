"""Values as TOML has them: the standard library reads TOML, and does not write it."""

import json


def value(given: object) -> str:
    """Return a text, a number, a truth, or a list of these as TOML.

    What JSON has besides null, TOML has too; of a text it wants DEL escaped as well.
    """
    return json.dumps(given, ensure_ascii=False).replace("\x7f", "\\u007f")
