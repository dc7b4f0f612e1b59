"""What pages, words and code say of the command line is there: every command, and every option that they give it."""

import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from inlay.cli.app import app

ROOT = Path(__file__).parents[2]
SAYING = (
    "server/inlay/**/*.toml",
    "server/inlay/**/*.py",
    "krita_plugin/inlay_krita/**/*.py",
    "photoshop_uxp/src/**/*.ts",
    "proto/**/*.proto",
)
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]

TYPED = re.compile(r"^[ >$]*(inlay [^|]*?)(?=   |  #|$)|`(inlay [^`]+)`", re.MULTILINE)
"""A command as it is typed: a line of a block, up to what is said beside it; or what stands between backticks."""

SENTENCE = re.compile(r"\binlay [a-z][^\"`\n]*")
"""A command inside a sentence of the catalogues, where nothing stands around it; the product's own name begins with a capital."""

OPTION = re.compile(r"(?<![\w-])--[a-z][a-z0-9-]*")

OF_RAY = {
    "node-ip-address",
    "node-manager-port",
    "object-manager-port",
    "min-worker-port",
    "max-worker-port",
    "num-gpus",
}
OF_OTHERS = {*(f"--{name}" for name in OF_RAY), "--set-xauthrequest"}
"""Options that the pages name alone: of Ray's head and of oauth2-proxy."""


def commands_in(page: Path) -> Iterator[str]:
    """The commands of a page, each in one line."""
    text = re.sub(r"\\\n\s*", "", page.read_text("utf-8"))
    if page.suffix == ".toml":
        yield from SENTENCE.findall(text)
    for block, inline in TYPED.findall(text):
        yield " ".join((block or inline).split())


@functools.cache
def known_options() -> frozenset[str]:
    """The options of all commands."""

    def below(command: Any) -> Iterator[str]:
        yield from options_of(command)
        for one in getattr(command, "commands", {}).values():
            yield from below(one)

    return frozenset(below(typer.main.get_command(app)))


def options_of(command: Any) -> set[str]:
    taken = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
    return taken | {"--help"}


def lacks(typed: str) -> str:
    """What of a command is not there; empty: all of it is."""
    command: Any = typer.main.get_command(app)
    words = typed.split()[1:]
    while words and hasattr(command, "commands"):
        if (found := command.commands.get(re.split(r"[^\w-]", words[0])[0])) is None:
            break
        command, words = found, words[1:]
    if words and hasattr(command, "commands") and re.match("[a-z]", words[0]):
        return words[0]
    return " ".join(set(OPTION.findall(" ".join(words))) - options_of(command))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_command_of_a_page_is_there_with_the_options_that_it_is_given(page: Path) -> None:
    assert {typed: lack for typed in commands_in(page) if (lack := lacks(typed))} == {}


def test_every_command_that_the_product_names_in_its_words_is_there_with_its_options() -> None:
    files = [path for pattern in SAYING for path in sorted(ROOT.glob(pattern)) if "vendor" not in path.parts]
    said = {(path.relative_to(ROOT).as_posix(), typed) for path in files for typed in commands_in(path)}
    assert len(said) > 80
    assert [(path, typed) for path, typed in sorted(said) if lacks(typed)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_option_that_a_page_names_alone_is_one_of_some_command(page: Path) -> None:
    named = re.findall(r"`(--[a-z][^`]*)`", page.read_text("utf-8"))
    unknown = {option for one in named for option in OPTION.findall(one)} - known_options() - OF_OTHERS
    assert unknown == set()


def test_the_pages_type_commands() -> None:
    assert sum(len(list(commands_in(page))) for page in PAGES) > 200
