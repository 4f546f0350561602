"""What office files need to be the same bytes again: words XML holds, a day, entries in order."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime

from geo.words import Lang, Text, said
from maps.handoff.zipped import zipped

FIRST = "[Content_Types].xml"
UNHELD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML cannot hold."""
DAY = re.compile(r"((?:19|20)\d\d)(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?)?")


def held(words: Text | str, lang: Lang) -> str:
    r"""Give words as XML can hold them: what it cannot shows as a replacement mark.

    >>> held(Text("甲\x00\r\n乙", "a"), "zh")
    '甲\ufffd\n乙'
    """
    text = said(words, lang).replace("\r\n", "\n").replace("\r", "\n")
    return UNHELD.sub("\ufffd", text)


def day(data_date: str) -> datetime:
    """Give the first day of which the data's date speaks; that of the archives where it has none.

    >>> day("2026-03").isoformat(), day("not stated").year, day("2023-02-31").isoformat()
    ('2026-03-01T00:00:00', 1980, '2023-02-01T00:00:00')
    """
    told = DAY.search(data_date)
    year, month, of_month = told.groups() if told else ("1980", None, None)
    try:
        return datetime(int(year), int(month or 1), int(of_month or 1))  # noqa: DTZ001 - a day
    except ValueError:
        return datetime(int(year), int(month or 1), 1)  # noqa: DTZ001 - a day alone


def repacked(archive: bytes) -> bytes:
    """Give a zip with its entries in one order and on one day, whoever wrote it."""
    with zipfile.ZipFile(io.BytesIO(archive)) as old:
        names = sorted(old.namelist(), key=lambda one: (one != FIRST, one))
        return zipped({name: old.read(name) for name in names})
