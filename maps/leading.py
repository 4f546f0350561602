"""Rows that name run folders lead to the pages there."""

from __future__ import annotations

from collections.abc import Container
from typing import Any
from urllib.parse import quote

from maps.wording import plain
from scenarios.result import Table

FOLDER = "folder"
"""The column that holds run folders, relative to that of the table's run."""
RUN_ROWS = 1000


def leads(table: Table, pages: Container[str]) -> dict[str, Any]:
    """Give for each row the page it leads to, and how many runs that it names have none."""
    if FOLDER not in {column.name for column in table.columns}:
        return {}
    named = [str(plain(one) or "") for one in table.frame[FOLDER].head(RUN_ROWS)]
    hrefs = [href(one) if one in pages else "" for one in named]
    return {"hrefs": hrefs, "undrawn": sum(bool(one) and one not in pages for one in named)}


def href(folder: str) -> str:
    """Give the address of the page in a folder, relative and quoted: never one of another kind.

    >>> href("cases/1"), href("../甲"), href("javascript:x")
    ('./cases/1/index.html', './../%E7%94%B2/index.html', './javascript%3Ax/index.html')
    """
    return f"./{quote(folder)}/index.html"
