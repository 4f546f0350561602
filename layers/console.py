"""What commands share: errors as exit codes in plain words, and tables."""

from __future__ import annotations

import _thread
import locale
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from typing import NoReturn

from geo.errors import LimitError, PlanningError
from geo.words import Lang, Text, asked_lang, said

DEBUG = "JINGNING_DEBUG"
INTERRUPTED = 130
EXIT_CODES = """\
退出码 exit codes: 0 完成 done · 1 意外错误 unexpected · 2 用法或配置 usage or configuration
  · 3 输入被拒 input refused · 4 无可行解 infeasible · 5 达到限制 limit hit · 130 中断 interrupted
"""


_LANG: ContextVar[Lang] = ContextVar("lang", default="en")


def speak(argv: Sequence[str] | None) -> None:
    """Settle the language of a command by what was typed, else by the locale."""
    typed = sys.argv[1:] if argv is None else argv
    _LANG.set(asked_lang(typed, os.environ, locale.getlocale()[0] or ""))


def here(words: Text | str) -> str:
    """Give words in the language the command speaks.

    >>> here(Text("完成", "done"))
    'done'
    """
    return said(words, _LANG.get())


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


def alone(main: Callable[[], int]) -> NoReturn:
    """Run a command as the whole process, and leave with its exit code.

    A stop from the keyboard ends it by 130 wherever it comes: one that falls into a destructor or
    a library's callback, where Python can only report it, is sent again. Once the command is done
    its answer stands: a later stop changes nothing.
    """
    lost: list[bool] = []

    def again(report: sys.UnraisableHookArgs) -> None:
        if isinstance(report.exc_value, KeyboardInterrupt):
            lost.append(True)
            _thread.start_new_thread(_stop_soon, ())
        else:
            sys.__unraisablehook__(report)

    sys.unraisablehook = again
    try:
        code = main()
        code = INTERRUPTED if lost and code == 0 else code
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        say("\n已中断 interrupted")
        code = INTERRUPTED
    sys.exit(code)


def _stop_soon() -> None:
    """Interrupt the command once it is out of the place where nothing can be raised."""
    time.sleep(0.01)
    _thread.interrupt_main()


def told(error: Exception) -> int:
    """Say an error in plain words on standard error and give its exit code.

    >>> told(LimitError("太大 too large"))
    5
    """
    if os.environ.get(DEBUG) == "1":
        import traceback

        traceback.print_exception(error)
    if isinstance(error, PlanningError):
        say(error.said(_LANG.get()))
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
