"""One file that is handed on."""

from __future__ import annotations

from dataclasses import dataclass, field

from geo.words import Text


@dataclass(frozen=True)
class File:
    """A file beside a page.

    Parameters
    ----------
    name
        Its name in the run folder; one of `scenarios.result.HANDED`.
    title
        What it is called.
    about
        What it holds and what opens it, in one sentence.
    content
        Its bytes.
    """

    name: str
    title: Text
    about: Text
    content: bytes = field(repr=False)
