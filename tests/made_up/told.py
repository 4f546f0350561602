"""Whether the sentences of an answer say only what figures, tables and checks hold."""

import re
from collections.abc import Iterator

from maps.handoff import sheets
from maps.handoff.sheets import Figure

NUMBER = re.compile(
    r"(?<![\w.+-])\d[\d,]*(?:\.\d+)?(?![\w+])|(?<=[\u4e00-\u9fff])\d[\d,]*(?:\.\d+)?"
)


def numbers(text):
    """Give the numbers of a text as written, without those that are part of a name or a date."""
    scales = r"× 10,000|100 million"  # words of a sum's unit, no figures
    plain = re.sub(rf"\d{{4}}-\d{{2}}-\d{{2}}|[A-Z]\d+(\+\d+)?|{scales}", " ", text)
    return [one.rstrip(",") for one in NUMBER.findall(plain)]


def held(run) -> Iterator[float]:
    """Give every number of figures, tables and their heads, checks, claims and parameters."""
    pages = [sheets.figures(run), sheets.checks(run), sheets.claims(run), sheets.parameters(run)]
    for page in [*pages, *(sheets.table(one) for one in run.result.tables)]:
        cells = [head.title for head in page.heads] + [cell for row in page.rows for cell in row]
        for cell in cells:
            if isinstance(cell, Figure):
                yield cell.value
            elif cell is not None:
                yield from (float(one.replace(",", "")) for one in numbers(cell.zh))
        yield float(len(page.rows))
    yield float(met(run))
    yield from scaled(run)


def met(run):
    """Count the tests of a question itself that are met; advice and the terrain's verdict are none."""
    return sum(
        one.verdict == "pass"
        and one.id != "terrain_source"
        and not one.allowed.en.startswith("advice")
        for one in run.result.checks
    )


def scaled(run) -> Iterator[float]:
    """Give sums in the units that sentences tell them in: yuan in 万, millions and 亿, 万元 in 亿."""
    for claim in run.result.claims:
        ends = (claim.low, claim.likely, claim.high)
        yield from (end / unit for end in ends for unit in (1e4, 1e6, 1e8))
    for one in run.result.metrics:
        ends = (one.value, one.low, one.high) if one.unit == "万元" else ()
        yield from (end / 1e4 for end in ends if end is not None)


def untold(run):
    """Give the numbers of the answer that are nowhere else in the run, after rounding as written."""
    known = list(held(run))
    missing = []
    for sentence in run.result.answer:
        for written in (*numbers(sentence.zh), *numbers(sentence.en)):
            value, decimals = float(written.replace(",", "")), len(written.partition(".")[2])
            if not any(abs(abs(one) - value) <= 0.5000001 * 10**-decimals for one in known):
                missing.append(written)
    return missing
