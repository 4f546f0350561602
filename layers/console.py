"""What commands share: errors as exit codes in plain words, and tables."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence

from geo.errors import LimitError, PlanningError

DEBUG = "JINGNING_DEBUG"
INTERRUPTED = 130
EXIT_CODES = """\
退出码 exit codes: 0 完成 done · 1 意外错误 unexpected · 2 用法或配置 usage or configuration
  · 3 输入被拒 input refused · 4 无可行解 infeasible · 5 达到限制 limit hit · 130 中断 interrupted
"""


def guarded(function: Callable[[], int]) -> int:
    """Run a command; give its exit code and say on standard error what went wrong.

    Errors the toolkit raises on purpose carry their code; a stop from the keyboard is 130; anything
    else is 1. A traceback is shown when JINGNING_DEBUG is 1.

    Parameters
    ----------
    function
        The command. It may leave by SystemExit, as argparse does.

    Examples
    --------
    >>> guarded(lambda: 0)
    0
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # an old code page shows ? for what it lacks
    try:
        return function()
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None) * 2
    except KeyboardInterrupt:
        say("\n已中断 interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe has gone; nothing more can be said, not even while leaving.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # noqa: BLE001 - the last place where an error can be told
        return told(error)


def told(error: Exception) -> int:
    """Say an error in plain words on standard error and give its exit code.

    >>> told(LimitError("太大 too large"))
    5
    """
    if os.environ.get(DEBUG) == "1":
        traceback.print_exception(error)
    if isinstance(error, PlanningError):
        say(str(error))
        return error.exit_code
    if isinstance(error, MemoryError):
        say("内存不足 out of memory")
        return LimitError.exit_code
    words = f"{type(error).__name__}: {error}"
    say(f"意外错误 unexpected error: {words}\n详情 details: {DEBUG}=1")
    return 1


def say(words: str) -> None:
    """Write a line to standard error, where it is not taken for a command's answer."""
    sys.stderr.write(f"{words}\n")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table; a narrow terminal folds cells but those of the first column."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    shown = Table(header_style="bold", box=SIMPLE_HEAD, show_edge=False)
    for place, column in enumerate(columns):
        shown.add_column(column, overflow="fold", no_wrap=place == 0)
    for row in rows:
        shown.add_row(*map(str, row))
    # Cells come from files: no markup, no emoji names in them.
    console = Console(markup=False, emoji=False, highlight=False)
    console.print(title, style="bold", soft_wrap=True)
    console.print(shown)
