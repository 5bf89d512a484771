"""Every command and every option is in docs/reference/cli.md."""

from collections.abc import Iterator
from pathlib import Path

import typer
from typer.core import TyperGroup

from percorso.cli.commands import make_app

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "cli.md"
#: Said once, at the top of the page, for all commands.
EVERYWHERE = {"--dir", "--lang", "--help", "-h"}


def commands(group=None, names=("percorso",)) -> Iterator[tuple[tuple[str, ...], object]]:
    group = group or typer.main.get_command(make_app())
    for name, command in group.commands.items():
        yield (*names, name), command
        if isinstance(command, TyperGroup):
            yield from commands(command, (*names, name))


def sections() -> dict[str, str]:
    found: dict[str, str] = {}
    title = ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("##"):
            title = line.lstrip("# ").strip()
            found[title] = ""
        elif title:
            found[title] += line + "\n"
    return found


def test_every_command_has_its_section():
    assert {" ".join(names) for names, _command in commands()} == set(sections())


def test_every_option_is_explained_in_its_commands_section():
    text = sections()
    for names, command in commands():
        for parameter in command.params:
            for option in (*parameter.opts, *parameter.secondary_opts):
                if option.startswith("-") and option not in EVERYWHERE:
                    assert f"`{option}" in text[" ".join(names)], f"{names}: {option}"


def test_no_option_is_documented_that_does_not_exist():
    text = sections()
    known = {
        option
        for _names, command in commands()
        for parameter in command.params
        for option in (*parameter.opts, *parameter.secondary_opts)
    }
    for section in text.values():
        for word in section.replace("`", " ").replace(",", " ").split():
            if word.startswith("--"):
                assert word.split("=")[0] in known | EVERYWHERE, word


def test_every_command_has_an_example_and_says_what_it_does():
    for names, command in commands():
        assert command.help, names
        assert "percorso " + " ".join(names[1:2]) in (command.epilog or ""), names


def test_every_command_takes_dir_and_lang():
    for names, command in commands():
        if isinstance(command, TyperGroup):
            continue
        options = {option for parameter in command.params for option in parameter.opts}
        assert {"--dir", "--lang"} <= options, names
