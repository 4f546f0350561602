"""Pages on paper: the PDF that Chromium prints, its sheets, its words and where they stand."""

import html
import os
import re
import shutil
import subprocess
from dataclasses import dataclass

import pytest

A3_POINTS = (420 / 25.4 * 72, 297 / 25.4 * 72)
MARGIN_POINTS = 8 / 25.4 * 72
_WORD = re.compile(
    r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>'
)


@dataclass(frozen=True)
class Word:
    """A word on a sheet with its box, points from the upper left corner."""

    sheet: int
    text: str
    west: float
    north: float
    east: float
    south: float

    @property
    def x(self):
        return (self.west + self.east) / 2

    @property
    def y(self):
        return (self.north + self.south) / 2


def pdftotext(path, *options):
    """Read a PDF's text with poppler; without it the test skips, in CI it fails."""
    tool = shutil.which("pdftotext")
    if tool is None:
        if os.environ.get("CI"):
            pytest.fail("没有 pdftotext: what is printed is not tested; install poppler-utils")
        pytest.skip("没有 pdftotext: what is printed is not tested; install poppler-utils")
    done = subprocess.run(
        [tool, *options, str(path), "-"], capture_output=True, text=True, check=True
    )
    return done.stdout


def printed(tab, path):
    """Print a page; give the bytes of the PDF that was written."""
    tab.pdf(path=str(path), prefer_css_page_size=True, print_background=True)
    return path.read_bytes()


def boxes(sheets):
    """Give width and height of every page of a PDF, points."""
    found = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", sheets)
    assert len(found) == len(re.findall(rb"/Type\s*/Page\b", sheets))
    return [(float(wide), float(high)) for wide, high in found]


def told(path):
    """Give the words of a PDF without blanks and line ends, so that wrapped words are found."""
    return squeezed(pdftotext(path, "-raw"))


def squeezed(text):
    return re.sub(r"\s+", "", text)


def words(path):
    """Give every word of a PDF with its box."""
    pages = pdftotext(path, "-bbox").split("<page ")[1:]
    return [
        Word(number, html.unescape(text), *map(float, box))
        for number, page in enumerate(pages)
        for *box, text in _WORD.findall(page)
    ]


def upright(every):
    """Give the words that read upwards: poppler has their letters one by one."""
    letters = sorted(
        (one for one in every if len(one.text) == 1), key=lambda one: (one.sheet, one.x, -one.y)
    )
    found = []
    for one in letters:
        last = found[-1][-1] if found else None
        beside = last is not None and one.sheet == last.sheet and abs(one.x - last.x) < 3
        if beside and 0 < last.y - one.y < 12:
            found[-1].append(one)
        else:
            found.append([one])
    return [
        Word(
            group[0].sheet,
            "".join(one.text for one in group),
            min(one.west for one in group),
            group[-1].north,
            max(one.east for one in group),
            group[0].south,
        )
        for group in found
    ]
