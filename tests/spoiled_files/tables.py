"""CSV spoiled in its structure: rows, columns, separators, quotes, encodings."""

import csv
import io
import re

from tests.spoiled_files.lakes import (
    LAKES,
    NUMBERS,
    Content,
    number,
    odd_rings,
    spoil_bytes,
    text_of,
)
from tests.spoiled_files.trees import pick

CELLS = (
    "",
    " ",
    "NaN",
    "1e400",
    "1_60",
    "１６０",
    "1,600",
    "160 m",
    "-",
    "=1+1",
    "千峡湖",
    "0101",
    "POLYGON ((119.5 27.9, 119.6 27.9, 119.6 28))",
    "POLYGON ((119.5 27.9, 119.6 27.9, 119.6 28, 119.5 27.9)) x",
    "SRID=4549;POLYGON ((119.5 27.9, 119.6 27.9, 119.6 28, 119.5 27.9))",
    "SRID=4326;POLYGON ((119.5 27.9, 119.6 27.9, 119.6 28, 119.5 27.9))",
    "CURVEPOLYGON (CIRCULARSTRING (119.5 27.9, 119.6 27.9, 119.6 28, 119.5 28, 119.5 27.9))",
    "POINT (119.5 27.9)",
    "POLYGON EMPTY",
    "POLYGON ((27.9 119.5, 27.9 119.6, 28 119.6, 27.9 119.5))",
    "two\nlines",
    'a "quoted" word',
)


def base():
    """Give the lakes as rows of cells, names first."""
    rows = [["id", "name", "level_m", "area_km2", "WKT"]]
    for properties, polygons in LAKES:
        parts = [
            f"({', '.join('(' + ', '.join(f'{x} {y}' for x, y in one) + ')' for one in rings)})"
            for rings in polygons
        ]
        single = len(parts) == 1
        shape = f"POLYGON {parts[0]}" if single else f"MULTIPOLYGON ({', '.join(parts)})"
        values = (properties[name] for name in rows[0][:-1])
        rows.append([*("" if value is None else str(value) for value in values), shape])
    return rows


def written(rows, delimiter=",", quoting=csv.QUOTE_MINIMAL):
    sink = io.StringIO()
    csv.writer(sink, delimiter=delimiter, lineterminator="\n", quoting=quoting).writerows(rows)
    return sink.getvalue()


def spoiled(rng):
    """Give the lakes as CSV, spoiled in one or two ways."""
    rows = base()
    if rng.random() < 0.25:
        return spoil_bytes(written(rows).encode(), rng)
    for _ in range(pick((1, 1, 2), rng)):
        if not rows or not any(rows):
            break
        pick(WAYS, rng)(rows, rng)
    delimiter = pick((",", ",", ",", ";", "\t", "|"), rng)
    quoting = pick((csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL), rng)
    text = written(rows, delimiter, quoting)
    if rng.random() < 0.15:
        at = int(rng.integers(len(text) + 1))
        text = text[:at] + pick(('"', delimiter, "\n", ";", "\t", "\r", "\x00"), rng) + text[at:]
    if rng.random() < 0.1:
        text = pick((f"sep={delimiter}\n", "\n", "# made by hand\n", " "), rng) + text
    return text.encode(pick(("utf-8", "utf-8", "utf-8-sig", "utf-16", "gb18030"), rng))


def place(rows, rng):
    row = int(rng.integers(len(rows)))
    return row, int(rng.integers(max(len(rows[row]), 1)))


def cell(rows, rng):
    row, column = place(rows, rng)
    if column < len(rows[row]):
        rows[row][column] = pick(CELLS, rng)


def delete_cell(rows, rng):
    row, column = place(rows, rng)
    del rows[row][column : column + 1]


def more_cell(rows, rng):
    row, column = place(rows, rng)
    rows[row].insert(column, pick(CELLS, rng))


def delete_row(rows, rng):
    del rows[int(rng.integers(len(rows)))]


def double_row(rows, rng):
    row = int(rng.integers(len(rows)))
    rows.insert(row, list(rows[row]))


def swap_columns(rows, rng):
    """Swap two columns below the names, so that cells stand under the wrong ones."""
    one, two = (int(v) for v in rng.integers(0, min(map(len, rows)) or 1, 2))
    for row in rows[1:]:
        if max(one, two) < len(row):
            row[one], row[two] = row[two], row[one]


def move_column(rows, rng):
    one, two = (int(v) for v in rng.integers(0, min(map(len, rows)) or 1, 2))
    for row in rows:
        if max(one, two) < len(row):
            row[one], row[two] = row[two], row[one]


def delete_column(rows, rng):
    _, column = place(rows, rng)
    for row in rows:
        del row[column : column + 1]


def double_column(rows, rng):
    _, column = place(rows, rng)
    for row in rows:
        row.extend(row[column : column + 1])


def rename(rows, rng):
    if rows[0]:
        column = int(rng.integers(len(rows[0])))
        name = rows[0][column]
        rows[0][column] = pick((name.upper(), name[:-1], "", "id", "x", " " + name, "geom"), rng)


WAYS = (
    cell,
    cell,
    delete_cell,
    more_cell,
    delete_row,
    double_row,
    swap_columns,
    move_column,
    delete_column,
    double_column,
    rename,
)


def content(raw):
    """Say what a spoiled file holds, strictly: one separator, even rows, plain WKT."""
    try:
        text = text_of(raw)
    except UnicodeDecodeError:
        return Content(["encoding"], [])
    text = text.split("\n", 1)[1] if text.startswith("sep=") and "\n" in text else text
    odd = ["zero byte"] if "\x00" in text else []
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t|", key=first.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        return Content([repr(error)], [])
    lines = [line for line in lines if line]
    if not lines:
        return Content(["nothing"], [])
    names = [name.strip() for name in lines[0]]
    odd += [] if len(set(names)) == len(names) and all(names) else ["names"]
    odd += ["uneven"] if any(len(line) != len(names) for line in lines) else []
    odd += ["line break"] if any("\n" in one for line in lines[1:] for one in line) else []
    if odd:
        return Content(odd, [])
    rows = []
    for line in lines[1:]:
        said, row = of_row(dict(zip(names, (one.strip() for one in line), strict=True)))
        odd += said
        rows.append(row)
    return Content([*odd, *([] if rows else ["no rows"])], rows)


def of_row(cells):
    known = {name.lower(): value or None for name, value in cells.items()}
    shapes = [name for name, value in known.items() if re.match("(MULTI)?POLYGON", value or "")]
    shapes = ["wkt"] if known.get("wkt") else shapes
    if len(shapes) != 1:
        return ["no WKT"], None
    values = {name: known.get(name) for name in ("id", "name", "level_m", "area_km2")}
    odd = [
        f"{name}: {value}"
        for name, value in values.items()
        if name in NUMBERS and value is not None and number(value) is None
    ]
    text = re.sub(r"\s+(?=[,)])", "", re.sub(r"\s+", " ", known[shapes[0]]))
    plain = re.fullmatch(r"(MULTI)?POLYGON \((.*)\)", text)
    words = re.findall(r"[^ ,()]+", plain[2] if plain else "x")
    if not all(re.fullmatch(r"-?\d+(\.\d+)?", word, re.ASCII) for word in words):
        return [*odd, "WKT"], None
    body = f"({plain[2]})" if not plain[1] else plain[2]
    polygons = []
    for one in re.findall(r"\(\((?:[^()]|\([^()]*\)|\), \()*\)\)|\((?:\([^()]*\)(?:, )?)+\)", body):
        rings = re.findall(r"\(([^()]+)\)", one)
        polygons.append(
            [[[float(v) for v in p.split()] for p in ring.split(",")] for ring in rings]
        )
    return [*odd, *(what for rings in polygons for what in odd_rings(rings))], (values, polygons)
