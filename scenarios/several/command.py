"""The commands over several runs: each is a folder here with its own `command`.

Such a `command` holds `HELP`, `options(parser)` which adds what it takes, and `obey(chosen)` which
does it and gives the folder that was written; with `below(chosen, folder)` it gives a folder above
further runs whose pages were asked for, or none.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from geo.words import Arguments, Text
from layers.console import EXIT_CODES, guarded, here, speak, spoken
from scenarios.running.drawing import BY_ITSELF, Way
from scenarios.several import COMMANDS


def main(argv: Sequence[str], *, way: Way = BY_ITSELF) -> int:
    """Run one command and give its exit code."""
    speak(argv)
    return guarded(lambda: _obeyed(argv, way))


def _obeyed(argv: Sequence[str], way: Way) -> int:
    chosen = parser(way).parse_args(argv)
    folder = chosen.obey(chosen)
    if way.draw is None:
        return 0
    runs = chosen.below(chosen, folder) if "below" in chosen else None
    code = way.draw(runs, False) if runs else 0
    return code or way.draw(folder, chosen.open)


def parser(way: Way) -> Arguments:
    """Give what reads the words of the commands, in the language spoken."""
    words = Text("多次情景：比较、批量与组合", "several runs: compared, swept, combined")
    whole = Arguments(
        lang=spoken(), prog=way.prog, description=here(words), epilog=here(EXIT_CODES)
    )
    commands = whole.add_subparsers(metavar="COMMAND", required=True)
    for name in COMMANDS:
        module = import_module(f"scenarios.several.{name}.command")
        one = commands.add_parser(
            name,
            lang=spoken(),
            help=here(module.HELP),
            description=here(module.HELP),
            epilog=here(EXIT_CODES),
        )
        own = ("obey", "below")
        one.set_defaults(**{name: getattr(module, name) for name in own if hasattr(module, name)})
        words = Text("用何种语言；默认随系统", "language; the system's unless said")
        one.add_argument("--lang", choices=("zh", "en"), help=here(words))
        words = Text("出图后在浏览器中打开", "open the page when it is drawn")
        one.add_argument("--open", action="store_true", help=here(words))
        module.options(one)
    return whole
