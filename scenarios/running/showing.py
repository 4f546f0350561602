"""How a command shows where it is: a bar on a terminal, now and then a line in a log."""

from __future__ import annotations

import contextvars
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from geo.words import NO_TEXT, Text, printable
from layers.console import beneath, here, say
from scenarios.running.progress import compiling

if TYPE_CHECKING:
    from rich.console import Console

EVERY_S = 9.0
"""Seconds between two lines of a log: on a busy machine, too, they are no more than ten."""
STEPS: Mapping[str, Text] = MappingProxyType(
    {
        "read": Text("读取县域", "reading the county"),
        "run": Text("计算", "running the scenario"),
        "save": Text("写出结果", "writing the run folder"),
        "load": Text("读取运行文件夹", "reading the run folder"),
        "verify": Text("复核证书", "re-checking certificates"),
        "draw": Text("绘制", "drawing"),
    }
)
COMPILING = Text("（首次运行，正在编译）", " (first run, compiling)")


@dataclass(frozen=True)
class Place:
    """Where a command is: its step, the share of it that is done where known, what holds it up."""

    step: Text = NO_TEXT
    share: float | None = None
    note: Text = NO_TEXT

    @property
    def words(self) -> Text:
        """The place in words.

        >>> Place(Text("搜索", "searching"), 0.374).words.en
        'searching 37 %'
        """
        share = "" if self.share is None else f" {100 * self.share:.0f} %"
        return Text(f"{self.step.zh}{share}{self.note.zh}", f"{self.step.en}{share}{self.note.en}")


class Showing:
    """Where a command is, as its steps, a scenario within one and the compiler tell it."""

    def __init__(self, draw: Callable[[Place], None]) -> None:
        self.place = Place()
        self._draw = draw

    def tell(self, step: str) -> None:
        """Hear that a step of the command begins."""
        self._move(step=STEPS[step], share=None)

    def hear(self, step: Text, share: float) -> None:
        """Hear which step of a scenario is at work and how far it is."""
        self._move(step=step, share=share)

    def note(self, words: Text) -> None:
        """Hear what holds the step up."""
        self._move(note=words)

    def _move(self, **changes: Any) -> None:
        self.place = replace(self.place, **changes)  # one value: a second thread reads it
        self._draw(self.place)


@contextmanager
def showing(*, ended: threading.Event | None = None) -> Iterator[Showing]:
    """Show on standard error where a command is.

    A terminal gets a bar. Anything else, such as a log, gets a line at least every ten seconds,
    also while compiled code runs that leaves Python to others; a command that is done sooner says
    nothing. No line stands twice in a row: where nothing has moved on, it says for how long.

    Parameters
    ----------
    ended
        The clock that lines are told by: it waits some seconds, or until it is set, which says
        true.
    """
    from rich.console import Console

    console = Console(file=beneath(sys.stderr))
    shown = _bar(console) if console.is_terminal else _lines(ended or threading.Event())
    with shown as now, compiling(partial(now.note, COMPILING), partial(now.note, NO_TEXT)):
        yield now


@contextmanager
def _bar(console: Console) -> Iterator[Showing]:
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=None)

        def draw(place: Place) -> None:
            words = printable(here(replace(place, share=None).words))
            total = None if place.share is None else 1.0
            progress.update(task, description=words, total=total, completed=place.share)

        yield Showing(draw)


def _standing(seconds: float) -> Text:
    """Say how long ago the same line was first told, since then at least.

    >>> _standing(18).en, _standing(0).en
    (' (18 s)', '')
    """
    return Text(f"（已 {seconds:.0f} 秒）", f" ({seconds:.0f} s)") if seconds else NO_TEXT


@contextmanager
def _lines(ended: threading.Event) -> Iterator[Showing]:
    """Tell again and again, from a thread of its own, until what is within is done."""
    now = Showing(lambda _: None)

    def beat() -> None:
        told, waits = "", 0
        while not ended.wait(EVERY_S):
            words = here(now.place.words)
            waits = waits + 1 if words == told else 0
            told = words
            say(told + here(_standing(waits * EVERY_S)))

    # The thread speaks the language of the command: it takes its context along.
    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(beat,), daemon=True)
    thread.start()
    try:
        yield now
    finally:
        ended.set()
        thread.join()
