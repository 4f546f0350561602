"""How a scenario says how far it is: told to whoever listens, and never read back.

A scenario stays a pure function of its inputs: what it tells changes nothing in its result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from layers.source import Text

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
