"""The sound rows of a file taken without the others, which are written down with their reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from geo.errors import Problem
from geo.raster import Raster
from geo.words import Text, joined
from layers.county import LayerData
from layers.fields import MOST_ROWS, LayerSchema, every_row
from layers.intake.fieldmap import Mapped
from layers.intake.reading import Reading
from layers.keeping.layer import list_named, listing

COLUMNS = ("row", "id", "field", "reason_zh", "reason_en")
MARK = "\x00"  # begins the label of a row, so that no key is taken for one
Judge = Callable[[Reading], tuple[Mapped[LayerData], list[Problem]]]


@dataclass(frozen=True, eq=False)
class Sound:
    """What is left of a reading, under the schema's names, and what was left out.

    Parameters
    ----------
    skipped
        Columns row, id, field, reason_zh, reason_en: one line for each thing wrong with a row.
    """

    reading: Reading
    fitted: Mapped[LayerData]
    problems: tuple[Problem, ...]
    skipped: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(COLUMNS)))


def labelled(frame: LayerData) -> LayerData:
    """Give rows labels that no key can be: problems then name rows beyond doubt."""
    if isinstance(frame, Raster):
        return frame
    return frame.set_axis([f"{MARK}{label}" for label in frame.index], axis=0)


def unlabelled(row: Text | str) -> Text | str:
    """Give the label of a row as it was before `labelled`."""
    return row.removeprefix(MARK) if isinstance(row, str) else row


def sound_rows(
    reading: Reading, schema: LayerSchema, judge: Judge, *, lost: Mapping[int, str]
) -> Sound:
    """Leave out every row with something wrong, until nothing is wrong with the others.

    Rows that share a key are left out together: which of them is right is not known. What is wrong
    with the file as a whole remains a problem.

    Parameters
    ----------
    reading
        What was read.
    schema
        The layer's.
    judge
        Maps a reading, and says what is wrong with it; rows are named by `labelled` or by key.
    lost
        Keys of rows that are left out already, having no shape.
    """
    reasons: list[tuple[int, str, Problem]] = []
    while True:
        with every_row():
            fitted, problems = judge(reading)
        if isinstance(reading.data, Raster) or isinstance(fitted.frame, Raster):
            return Sound(reading, fitted, tuple(problems))
        keys = keys_of(fitted.frame, schema)
        known = [(problem, _rows_of(problem, keys)) for problem in problems]
        bad = {row for _, rows in known for row in rows}
        whole = tuple(problem for problem, rows in known if not rows)
        named = {**lost, **keys}
        reasons += [(row, named.get(row, ""), one) for one, rows in known for row in sorted(rows)]
        rest = reading.data.drop(index=[row for row in reading.data.index if row in bad])
        if not bad or rest.empty:
            every = whole if not bad else tuple(problems)
            return _told(reading, fitted, every, reasons)
        reading = replace(reading, data=rest, problems=_of_all(reading.problems))


def _of_all(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    return tuple(problem for problem in problems if not _number(problem.row))


def _number(row: Text | str) -> int | None:
    """Give the number of a row as a reader names it, or as `labelled` does."""
    plain = row.removeprefix(MARK) if isinstance(row, str) else ""
    return int(plain) if plain.isascii() and plain.isdecimal() and int(plain) else None


def keys_of(frame: pd.DataFrame, schema: LayerSchema) -> dict[int, str]:
    """Give the key of every row by its number."""
    if schema.key not in frame:
        return {}
    named = frame[schema.key]
    return {int(row): str(key) for row, key in named.items() if pd.notna(key)}


def _rows_of(problem: Problem, keys: dict[int, str]) -> set[int]:
    """Give the numbers of the rows a problem is about; none where it is about all of them."""
    row = problem.row
    by_reader = not problem.layer
    if isinstance(row, str) and (by_reader or row.startswith(MARK)):
        number = _number(row)
        return set() if number is None else {number}
    return {number for number, key in keys.items() if row and key == row}


def _told(
    reading: Reading,
    fitted: Mapped[LayerData],
    problems: tuple[Problem, ...],
    reasons: list[tuple[int, str, Problem]],
) -> Sound:
    if not reasons or problems:
        return Sound(reading, fitted, problems)
    lines = []
    for row, key, problem in sorted(reasons, key=lambda reason: reason[0]):
        bare = replace(problem, file="", layer="", row="", field="", remedy="")
        lines.append((row, key, problem.field, bare.said("zh"), bare.said("en")))
    skipped = pd.DataFrame(list(dict.fromkeys(lines)), columns=list(COLUMNS))
    numbers = sorted(set(skipped["row"]))
    listed = joined(map(str, numbers[:MOST_ROWS]))
    name = list_named("skipped", listing(skipped))
    more = "…" if len(numbers) > MOST_ROWS else ""
    warning = Text(
        f"{len(numbers)} 行有误，未导入，原因见 {name}：第 {listed.zh}{more} 行",
        f"{len(numbers)} rows are left out, for the reasons in {name}: {listed.en}{more}",
    )
    kept = ~reading.ledger["row"].isin(numbers)
    reading = replace(reading, warnings=(*reading.warnings, warning), ledger=reading.ledger[kept])
    return Sound(reading, fitted, (), skipped)
