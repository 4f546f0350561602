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


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an input: where it is, what was found and what to do.

    Every part but `remedy` may be empty; `row` is the label of the row, not its position.
    """

    file: str = ""
    layer: str = ""
    row: str = ""
    field: str = ""
    found: str = ""
    expected: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        """Give one line, Chinese labels first.

        >>> print(Problem(row="7", field="speed_kmh", found="-5", remedy="correct it"))
        行 row 7 · 字段 field speed_kmh · 发现 found -5 · 处理 remedy correct it
        """
        parts = (
            ("文件 file", self.file),
            ("图层 layer", self.layer),
            ("行 row", self.row),
            ("字段 field", self.field),
            ("发现 found", self.found),
            ("应为 expected", self.expected),
            ("处理 remedy", self.remedy),
        )
        return " · ".join(f"{label} {text}" for label, text in parts if text)


class PlanningError(Exception):
    """Any error the toolkit raises on purpose."""

    exit_code = 1

    def __init__(self, message: str, *, problems: Sequence[Problem] = ()) -> None:
        self.message = message
        self.problems = tuple(problems)
        super().__init__("\n".join([message, *(f"  - {problem}" for problem in self.problems)]))

    def __str__(self) -> str:
        """Give the message and every problem, one a line (KeyError would quote it)."""
        return str(self.args[0])


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
