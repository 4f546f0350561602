"""How a scenario says how far it is: told to whoever listens, and never read back.

A scenario stays a pure function of its inputs: what it tells changes nothing in its result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from geo.words import Text

Listener = Callable[[Text, float], None]


def _nobody(_step: Text, _share: float) -> None:
    """Listen to nothing."""


_LISTENER: ContextVar[Listener] = ContextVar("_LISTENER", default=_nobody)


def tell(step: Text, share: float) -> None:
    """Say which step is at work and the share of the whole that is done, 0 to 1.

    Examples
    --------
    >>> heard = []
    >>> with listening(lambda step, share: heard.append((step.en, share))):
    ...     tell(Text("搜索", "searching"), 0.5)
    >>> tell(Text("无人", "nobody"), 1.0)
    >>> heard
    [('searching', 0.5)]
    """
    _LISTENER.get()(step, min(max(share, 0.0), 1.0))


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Hear what a scenario tells within."""
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)


@contextmanager
def compiling(begun: Callable[[], None], ended: Callable[[], None]) -> Iterator[None]:
    """Hear of code that is compiled within, as a first run does: when it begins and when it ends.

    Examples
    --------
    >>> from numba import njit
    >>> twice, heard = njit(lambda x: 2 * x), []
    >>> with compiling(lambda: heard.append("begun"), lambda: heard.append("ended")):
    ...     twice(3), twice(4)  # compiled once
    (6, 8)
    >>> heard
    ['begun', 'ended']
    """
    from numba.core.event import Event, Listener, install_listener

    class Nested(Listener):
        """Functions compiled for another count as one with it."""

        depth = 0

        def on_start(self, _event: Event) -> None:
            if self.depth == 0:
                begun()
            self.depth += 1

        def on_end(self, _event: Event) -> None:
            self.depth -= 1
            if self.depth == 0:
                ended()

    with install_listener("numba:compile", Nested()):
        yield
