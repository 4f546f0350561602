"""The errors of the toolkit, one tree.

    PlanningError
    ├── InputError (ValueError)          an input is refused: exit code 3
    │   ├── CrsError                     missing, wrong or unequal coordinate reference systems
    │   ├── GeometryError                shapes that cannot be worked with
    │   ├── GridError                    rasters whose grids do not fit
    │   ├── SchemaError                  a layer that does not hold what its schema says
    │   └── FileError (also OSError)     a file that cannot be read or may not be read
    ├── MissingLayer (KeyError)          a county has no such layer: exit code 3
    ├── UsageError (ValueError)          command line or configuration: exit code 2
    ├── InfeasibleError (ValueError)     no answer obeys every rule: exit code 4
    ├── LimitError (RuntimeError)        a time, memory or size limit was hit: exit code 5
    └── BusyError (RuntimeError)         another run works in the folder: exit code 5

Each error is also the built-in error a caller would expect.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from geo.words import Lang, Text, said

PARTS = {
    "file": Text("文件", "file"),
    "layer": Text("图层", "layer"),
    "row": Text("行", "row"),
    "field": Text("字段", "field"),
    "found": Text("发现", "found"),
    "expected": Text("应为", "expected"),
    "remedy": Text("处理", "remedy"),
}


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an input: where it is, what was found and what to do.

    Every part may be empty; `row` is the label of the row, not its position. Words are `Text`;
    names, and values as they stand in the file, are plain.
    """

    file: str = ""
    layer: str = ""
    row: Text | str = ""
    field: str = ""
    found: Text | str = ""
    expected: Text | str = ""
    remedy: Text | str = ""

    def said(self, lang: Lang) -> str:
        """Give one line in a language.

        >>> problem = Problem(row="7", field="speed_kmh", found="-5", remedy=Text("改正", "mend"))
        >>> print(problem.said("zh"))
        行 7 · 字段 speed_kmh · 发现 -5 · 处理 改正
        >>> print(problem)
        row 7 · field speed_kmh · found -5 · remedy mend
        """
        parts = ((label, said(getattr(self, name), lang)) for name, label in PARTS.items())
        return " · ".join(f"{said(label, lang)} {words}" for label, words in parts if words)

    def __str__(self) -> str:
        """Give one line in English."""
        return self.said("en")


class PlanningError(Exception):
    """Any error the toolkit raises on purpose; a command tells it in its language by `said`."""

    exit_code = 1

    def __init__(self, message: Text | str, *, problems: Sequence[Problem] = ()) -> None:
        self.message = message
        self.problems = tuple(problems)
        super().__init__(self.said("en"))

    def said(self, lang: Lang) -> str:
        """Give the message and every problem in a language, one a line."""
        lines = (f"  - {problem.said(lang)}" for problem in self.problems)
        return "\n".join([said(self.message, lang), *lines])

    def __str__(self) -> str:
        """Give it in English (KeyError would quote it)."""
        return self.said("en")


class InputError(PlanningError, ValueError):
    """An input is refused."""

    exit_code = 3


class CrsError(InputError):
    """A coordinate reference system is missing, wrong, or not the one expected."""


class GeometryError(InputError):
    """Shapes that cannot be worked with."""


class GridError(InputError):
    """Rasters whose grids do not fit each other."""


class SchemaError(InputError):
    """A layer does not hold what its schema says."""


class FileError(InputError, OSError):
    """A file cannot be read, or may not be."""


class MissingLayer(PlanningError, KeyError):
    """A county has no layer of this name."""

    exit_code = 3


class UsageError(PlanningError, ValueError):
    """The command line or a configuration file is wrong."""

    exit_code = 2


class InfeasibleError(PlanningError, ValueError):
    """No answer obeys every rule."""

    exit_code = 4


class LimitError(PlanningError, RuntimeError):
    """A limit of time, memory or size was hit."""

    exit_code = 5


class BusyError(PlanningError, RuntimeError):
    """Another run works in the same folder."""

    exit_code = 5
