"""What commands share: one language, errors as exit codes in plain words, and tables."""

from __future__ import annotations

import _thread
import errno
import itertools
import locale
import os
import re
import signal
import sys
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any, NoReturn, TextIO

from geo.errors import LimitError, PlanningError
from geo.words import Lang, Text, asked_lang, joined, printable, said

DEBUG = "JINGNING_DEBUG"
INTERRUPTED = 130
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
NO_RIGHT = {errno.EACCES, errno.EPERM, errno.EROFS}
STOPPED = Text("\n已中断", "\ninterrupted")
CODES: Mapping[int, Text] = MappingProxyType(
    {
        0: Text("完成", "done"),
        1: Text("意外错误", "unexpected"),
        2: Text("用法或配置有误", "usage or configuration"),
        3: Text("输入被拒", "input refused"),
        4: Text("无可行解", "infeasible"),
        5: Text("达到限制", "limit hit"),
        INTERRUPTED: Text("中断", "interrupted"),
    }
)
"""What each exit code of a command means."""


def _listed() -> Text:
    """List the exit codes on two lines."""
    codes = [joined([str(code), words], " ", " ") for code, words in CODES.items()]
    lines = [joined(some, " · ", " · ") for some in (codes[:4], codes[4:])]
    return Text(
        f"退出码：{lines[0].zh}\n  · {lines[1].zh}\n",
        f"exit codes: {lines[0].en}\n  · {lines[1].en}\n",
    )


EXIT_CODES = _listed()
GAP = "  "  # between columns
CHINESE, OPENING, CLOSING = r"\u3000-\u9fff\uff00-\uffef", "（《“", "，。；：、）》”！？"
PLAIN = rf"[^\s{OPENING}{CLOSING}]"
FILE = rf"{PLAIN}*[/\\]{PLAIN}*|{PLAIN}+\.[A-Za-z]\w{{1,6}}(?![\w.])"
WORD = re.compile(rf"(?:{FILE}|[{OPENING}]*(?:[{CHINESE}]|[^\s{CHINESE}]+))[{CLOSING}]*\s*")
"""A word with what follows it: a file, a Chinese character, or what stands between spaces."""
LEAST_WIDE = 20  # a column folded to less is no longer read: records are laid below each other

_LANG: ContextVar[Lang] = ContextVar("lang", default="en")


def speak(argv: Sequence[str] | None) -> None:
    """Settle the language of a command by what was typed, else by the locale."""
    typed = sys.argv[1:] if argv is None else argv
    _LANG.set(asked_lang(typed, os.environ, locale.getlocale()[0] or ""))


def spoken() -> Lang:
    """Give the language the command speaks."""
    return _LANG.get()


def here(words: Text | str) -> str:
    """Give words in the language the command speaks.

    >>> speak(["--lang", "en"])
    >>> here(Text("完成", "done"))
    'done'
    """
    return said(words, _LANG.get())


class Plain:
    """A stream that says no control characters: names and values come from anybody's files.

    What a terminal shall obey, such as a bar that moves, is written to `beneath`.
    """

    def __init__(self, beneath: TextIO) -> None:
        self.beneath = beneath

    def write(self, words: str) -> int:
        """Write words that are only read."""
        self.beneath.write(printable(words))
        return len(words)

    def __getattr__(self, name: str) -> Any:
        """Be the stream beneath in everything else."""
        return getattr(self.beneath, name)


def beneath(stream: TextIO) -> TextIO:
    """Give the stream that a terminal obeys; what is written there must be `printable` before."""
    return stream.beneath if isinstance(stream, Plain) else stream


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
    with ExitStack() as stack:
        if not isinstance(sys.stdout, Plain):  # one command calls another
            stack.enter_context(redirect_stdout(Plain(sys.stdout)))
            stack.enter_context(redirect_stderr(Plain(sys.stderr)))
        return _guarded(function)


def _guarded(function: Callable[[], int]) -> int:
    try:
        return function()
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None) * 2
    except KeyboardInterrupt:
        say(STOPPED)
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
        say(STOPPED)
        code = INTERRUPTED
    sys.exit(code)


def _stop_soon() -> None:
    """Interrupt the command once it is out of the place where nothing can be raised."""
    time.sleep(0.01)
    _thread.interrupt_main()


def told(error: Exception) -> int:
    """Say an error in plain words on standard error and give its exit code.

    >>> told(LimitError(Text("太大", "too large")))
    5
    """
    if os.environ.get(DEBUG) == "1":
        import traceback

        traceback.print_exception(error)
    if isinstance(error, PlanningError):
        say(error.said(_LANG.get()))
        return error.exit_code
    if isinstance(error, MemoryError):
        say(Text("内存不足", "out of memory"))
        return LimitError.exit_code
    if isinstance(error, OSError) and error.errno in NO_ROOM | NO_RIGHT:
        full = error.errno in NO_ROOM
        words = (
            Text("磁盘已满或超出限额", "no room left")
            if full
            else Text("无权写入或读取", "not allowed")
        )
        say(Text(f"{words.zh}：{error}", f"{words.en}: {error}"))
        return LimitError.exit_code
    what = f"{type(error).__name__}: {error}"
    say(Text(f"意外错误：{what}\n详情：{DEBUG}=1", f"unexpected error: {what}\ndetails: {DEBUG}=1"))
    return 1


def say(words: Text | str) -> None:
    """Write a line to standard error, where it is not taken for a command's answer."""
    sys.stderr.write(f"{here(words)}\n")


def table(
    title: Text | str, columns: Sequence[Text | str], rows: Iterable[Sequence[object]]
) -> None:
    """Print a table in the language the command speaks.

    A terminal shows it within its width where words allow; into a file it goes as wide as it is.

    Parameters
    ----------
    title, columns
        Headings.
    rows
        Cells, a value or `Text` each; a cell may have several lines.
    """
    from rich.console import Console

    cells = [
        [printable(here(one) if isinstance(one, Text) else str(one)) for one in row] for row in rows
    ]
    # Cells come from files: no markup, no emoji names in them.
    console = Console(file=beneath(sys.stdout), markup=False, emoji=False, highlight=False)
    console.print(printable(here(title)), style="bold", soft_wrap=True)
    lines = laid_out([*map(here, columns)], cells, console.width if console.is_terminal else None)
    for line in lines:
        console.print(line, soft_wrap=True)


def laid_out(
    columns: Sequence[str], rows: Sequence[Sequence[str]], width: int | None
) -> Iterator[str]:
    r"""Give the lines of a table; no word, id, number or file name is ever cut.

    1. As wide as its cells where that fits.
    2. Else the widest columns but the first are folded between words, none to less than
       `LEAST_WIDE`.
    3. Else the cells of a row stand below each other, each with its heading.

    Parameters
    ----------
    columns
        Headings.
    rows
        Cells; each may have several lines.
    width
        Places there are (a Chinese character takes two); None for any number.

    Examples
    --------
    >>> for line in laid_out(["layer", "title"], [["dem", "terrain of the county"]], 27):
    ...     print(line)
    layer  title
    -----  --------------------
    dem    terrain of the
           county
    >>> print(*laid_out(["layer", "title"], [["dem", "terrain"]], 10), sep="\n")
    layer  dem
    title  terrain
    """
    whole = [list(columns), *rows]
    wides = [max(map(_longest, column)) for column in zip(*whole, strict=True)]
    words = [max(map(_longest_word, column)) for column in zip(*whole, strict=True)]
    if width is not None:
        _folded(wides, words, width - len(GAP) * (len(columns) - 1))
        if sum(wides) + len(GAP) * (len(columns) - 1) > width:  # RULE 3
            yield from _records(columns, rows, width)
            return
    yield from _row(columns, wides)
    yield GAP.join("-" * wide for wide in wides)
    for row in rows:
        yield from _row(row, wides)


def _folded(wides: list[int], words: Sequence[int], room: int) -> None:
    """Narrow the widest columns but the first until they fit, as far as words allow. RULE 2."""
    for place in sorted(range(1, len(wides)), key=lambda place: -wides[place]):
        over = sum(wides) - room
        least = max(LEAST_WIDE, words[place])
        if over > 0 and wides[place] > least:
            wides[place] = max(least, wides[place] - over)


def _row(cells: Sequence[str], wides: Sequence[int]) -> Iterator[str]:
    """Give the lines of a row, each cell within its width."""
    folded = [list(_lines(cell, wide)) for cell, wide in zip(cells, wides, strict=True)]
    for parts in itertools.zip_longest(*folded, fillvalue=""):
        padded = (
            part + " " * (wide - _wide(part)) for part, wide in zip(parts, wides, strict=True)
        )
        yield GAP.join(padded).rstrip()


def _records(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    """Give every row as a block of lines: a heading and its cell; empty cells are left out."""
    heads = max(map(_wide, columns))
    for number, row in enumerate(rows):
        if number:
            yield ""
        for column, cell in zip(columns, row, strict=True):
            if cell:
                room = max(width - heads - len(GAP), LEAST_WIDE)
                yield from _row([column, cell], [heads, room])


def _lines(cell: str, wide: int) -> Iterator[str]:
    """Fold the lines of a cell between words; a word that is wider stands alone on a line."""
    for line in cell.split("\n"):
        kept = ""
        for word in WORD.findall(line):
            if kept and _wide((kept + word).rstrip()) > wide:
                yield kept.rstrip()
                kept = ""
            kept += word
        yield kept.rstrip()


def _longest(cell: str) -> int:
    return max(map(_wide, cell.split("\n")))


def _longest_word(cell: str) -> int:
    return max((_wide(word.rstrip()) for word in WORD.findall(cell)), default=0)


def _wide(words: str) -> int:
    """Give the places that words take: two for a Chinese character, none for a combining mark."""
    return sum(
        0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in "WF" else 1
        for one in words
    )
