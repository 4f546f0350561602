"""The commands as their own parsers read them, told in both languages."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import copy_context
from pathlib import Path
from typing import Any, NamedTuple

from geo.words import Arguments, Lang, Text
from layers.console import speak

LANGS: tuple[Lang, ...] = ("zh", "en")


class Taken(NamedTuple):
    """A word or an option that a command takes: how it is written, what is said of it."""

    form: str
    words: str
    choices: str
    default: str
    needed: bool


class Command(NamedTuple):
    """A command: how it is called, what is said of it, what it takes."""

    call: str
    words: str
    taken: tuple[Taken, ...]


def told(parsers: Callable[[], Sequence[Arguments]]) -> list[dict[str, Any]]:
    """Tell every command with every word and option it takes, but for the help of each.

    Parameters
    ----------
    parsers
        Gives the parsers in the language spoken; those of commands within are found in them.

    Examples
    --------
    >>> from layers.console import spoken
    >>> def parsers():
    ...     one = Arguments(lang=spoken(), prog="jingning x", description="…")
    ...     one.add_argument("-n", "--number", type=int, default=3, help="how many")
    ...     return [one]
    >>> (command,) = told(parsers)
    >>> command["call"], [(one["form"], one["default"]) for one in command["taken"]]
    ('jingning x', [('-n, --number NUMBER', '3')])
    """
    spoken = [copy_context().run(_in, lang, parsers) for lang in LANGS]
    return [_both(zh, en) for zh, en in zip(*spoken, strict=True)]


def _both(zh: Command, en: Command) -> dict[str, Any]:
    """Put what was said in each language side by side."""
    taken = [
        {**two._asdict(), "form": two.form, "words": Text(one.words, two.words)}
        for one, two in zip(zh.taken, en.taken, strict=True)
    ]
    return {"call": en.call, "words": Text(zh.words, en.words), "taken": taken}


def _in(lang: Lang, parsers: Callable[[], Sequence[Arguments]]) -> list[Command]:
    speak(["--lang", lang])
    return [command for parser in parsers() for command in _commands(parser)]


def _commands(parser: Arguments) -> Iterator[Command]:
    """Give the commands of a parser: its own, or those within it."""
    within = [one.choices for one in parser.taken if isinstance(one.choices, Mapping)]
    if not within:
        known = (one for one in parser.taken if one.dest != "help")
        taken = sorted(known, key=lambda one: (bool(one.option_strings), one.dest == "lang"))
        yield Command(parser.prog, parser.description or "", tuple(map(_taken, taken)))
    for parsers in within:
        for one in parsers.values():
            yield from _commands(one)


def _taken(action: argparse.Action) -> Taken:
    flags = ", ".join(action.option_strings)
    words = "" if action.nargs == 0 else _words(action)
    return Taken(
        form=f"{flags} {words}".strip(),
        words=action.help or "",
        choices=" | ".join(map(str, action.choices or ())),
        default=_default(action.default),
        needed=action.required,
    )


def _words(action: argparse.Action) -> str:
    """Write what stands for a value, as help does."""
    if isinstance(action.metavar, tuple):
        return " ".join(action.metavar)
    name = action.metavar or (action.dest.upper() if action.option_strings else action.dest)
    return {"?": f"[{name}]", "+": f"{name} [{name} …]"}.get(str(action.nargs), name)


def _default(value: Any) -> str:
    """Write a default; a switch, and what is left to the command, has none to tell."""
    if value is None or isinstance(value, bool | list):
        return ""
    return value.as_posix() if isinstance(value, Path) else str(value)
