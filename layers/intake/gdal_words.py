"""What GDAL says while it reads: kept as words for the report, never lost in a log."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from geo.words import Text

LOGGERS = ("rasterio._env", "rasterio._err", "rasterio._io", "pyogrio", "pyogrio._io")


class _Collector(logging.Handler):
    """Keeps messages of warnings and errors."""

    def __init__(self, words: list[str]) -> None:
        super().__init__(logging.WARNING)
        self.words = words

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a message, once."""
        word = record.getMessage()
        if word not in self.words:
            self.words.append(word)


def quoted(words: Iterable[str]) -> tuple[Text, ...]:
    """Give what GDAL says as a quotation: it speaks English alone.

    >>> quoted(["ring not closed"])
    (Text(zh='GDAL 提示：ring not closed', en='GDAL says: ring not closed'),)
    """
    return tuple(Text(f"GDAL 提示：{one}", f"GDAL says: {one}") for one in words)


@contextmanager
def heard() -> Iterator[list[str]]:
    """Collect what GDAL warns of, by Python warnings and by logs, for the length of a block.

    >>> with heard() as words:
    ...     warnings.warn("ring not closed", stacklevel=1)
    >>> words
    ['ring not closed']
    """
    words: list[str] = []
    collector = _Collector(words)
    loggers = [logging.getLogger(name) for name in LOGGERS]
    before = [logger.propagate for logger in loggers]
    for logger in loggers:
        logger.addHandler(collector)
        logger.propagate = False
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                yield words
            finally:
                warned = [
                    str(one.message)
                    for one in caught
                    if issubclass(one.category, UserWarning | RuntimeWarning)
                ]
                words += [word for word in dict.fromkeys(warned) if word not in words]
    finally:
        for logger, propagate in zip(loggers, before, strict=True):
            logger.removeHandler(collector)
            logger.propagate = propagate
