"""What may fail without stopping what else there is to do: its failure in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from geo.errors import PlanningError
from geo.words import Text

T = TypeVar("T")


def tried(act: Callable[[], T]) -> T | Text:
    """Give what a function gives, or in words why it fails.

    An error that is not the toolkit's own is told with its kind: it is a fault of the question.

    Raises
    ------
    MemoryError
        It stops all.

    Examples
    --------
    >>> tried(lambda: 1), tried(lambda: 1 // 0).zh
    (1, '意外错误：ZeroDivisionError: integer division or modulo by zero')
    """
    try:
        return act()
    except PlanningError as error:
        return Text(error.said("zh"), error.said("en"))
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - told as the failure of this one
        name = f"{type(error).__name__}: {error}"
        return Text(f"意外错误：{name}", f"unexpected error: {name}")
