"""Workbooks made cell by cell, as Excel and its kin write them."""

import zipfile

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def cell(place, value):
    """Give a cell: text, number, (kind, value) or (style, number) as (int, number)."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        kind, inside = value
        if isinstance(kind, int):
            return f'<c r="{place}" s="{kind}"><v>{inside}</v></c>'
        return f'<c r="{place}" t="{kind}"><v>{inside}</v></c>'
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'
    return f'<c r="{place}"><v>{value}</v></c>'


def sheet(rows, more=""):
    lines = [
        f'<row r="{n}">'
        + "".join(cell(f"{chr(65 + k)}{n}", value) for k, value in enumerate(row))
        + "</row>"
        for n, row in enumerate(rows, 1)
    ]
    return f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(lines)}</sheetData>{more}</worksheet>'


def workbook(path, strings=(), styles="", **sheets):
    """Write a workbook of sheets, each rows of cells or the XML of a sheet."""
    listed = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(sheets, 1)
    )
    links = "".join(
        f'<Relationship Id="rId{n}" Target="worksheets/sheet{n}.xml" Type="x"/>'
        for n in range(1, len(sheets) + 1)
    )
    parts = {
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f"<Relationships>{links}</Relationships>",
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">'
        + "".join(f"<si>{one}</si>" for one in strings)
        + "</sst>",
        "xl/styles.xml": styles or f'<styleSheet xmlns="{MAIN}"/>',
    }
    for n, rows in enumerate(sheets.values(), 1):
        parts[f"xl/worksheets/sheet{n}.xml"] = rows if isinstance(rows, str) else sheet(rows)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return path
