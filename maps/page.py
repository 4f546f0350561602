"""A run as one HTML file: nothing outside it is needed, nothing in its data can run.

Words and data stand in `<script type="application/json">` with `< > &` and the line separators
escaped; the page's own script shows them through textContent. A content-security policy lists the
hashes of the few scripts and styles that may act. Same run, same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Container, Mapping, Sequence
from string import Template
from types import MappingProxyType
from typing import Any, NamedTuple

from geo.words import Text
from maps import alternatives, board, draw, figures, panel, profile, stable
from maps.basemap import Basemap
from maps.entries import beside, entry
from maps.store import Store
from maps.wording import UI, pair
from scenarios.result import Run

PAGE_SCRIPTS = (
    "page.js",
    "chosen.js",
    "packed.js",
    "looks.js",
    "parcels.js",
    "relief.js",
    "layers.js",
    "swipe.js",
    "views.js",
    "legend.js",
    "popups.js",
    "labels.js",
    "search.js",
    "measure.js",
    "view.js",
    "opacity.js",
    "sheetmap.js",
    "sheetflow.js",
    "sheetpng.js",
    "sheet.js",
    "tables.js",
    "panel.js",
    "board.js",
    "measures.js",
    "shelf.js",
    "profile.js",
    "stretches.js",
    "basemap.js",
    "start.js",
)
PAGE_STYLES = ("page.css", "print.css")
REDUCED_MOTION = (
    "if (matchMedia('(prefers-reduced-motion: reduce)').matches) "
    "L.Map.mergeOptions({zoomAnimation: false, fadeAnimation: false, inertia: false});"
)
NO_FILES: Mapping[str, Sequence[str]] = MappingProxyType({})
_ESCAPES = {c: f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029\u007f\ufeff\ufffe\uffff"}


def page(run: Run, basemap: Basemap | None = None, pages: Container[str] = ()) -> str:
    """Draw a run as one HTML file.

    Parameters
    ----------
    run
        The run.
    basemap
        An online basemap that was asked for; without one the page needs no network.
    pages
        Of the run folders that its tables name, those that have a page to lead to.

    Raises
    ------
    AssetError
        If a library is not the known one, or anything outside the file would be needed.
    """
    store = Store()
    whole = drawn(run, store, basemap, pages)
    return put_together(whole.data, store, parts=whole.parts, hosts=whole.hosts)


class Drawn(NamedTuple):
    """What a page embeds of a run, its drawings, and the hosts from which pictures may come."""

    data: Mapping[str, Any]
    parts: Mapping[str, str]
    hosts: Sequence[str]


def drawn(
    run: Run, store: Store, basemap: Basemap | None = None, pages: Container[str] = ()
) -> Drawn:
    """Give what the page of a run embeds; shapes and cells of many go into the store.

    Parameters are those of `page`.
    """
    chart_words, chart_figures = figures.drawings(run)
    ways, way_figures = profile.profiles(run)
    data: dict[str, Any] = {
        **data_of(run),
        "layers": draw.layers(run, store),
        "codes": draw.code_titles(run),
        "charts": chart_words,
        "profiles": ways,
        "alternatives": alternatives.alternatives(run, ways),
        "opens": draw.opens(run),
        "focus": draw.rounded(profile.bounds(run) or draw.focus(run)),
        "tables": panel.tables(run, pages),
        "board": board.board(run),
        "measures": board.measures(run, pages),
    }
    if basemap:
        data["basemap"] = _online(basemap)
    parts = {"charts": chart_figures, "profiles": way_figures}
    return Drawn(data, parts, basemap.hosts if basemap else ())


def data_of(run: Run) -> dict[str, Any]:
    """Give what every page embeds of a run: words, figures, checks, and what it stands on."""
    return {
        "ui": ui(),
        "title": pair(run.title),
        "subtitle": _subtitle(run),
        "question": pair(run.question),
        "answer": [pair(one) for one in run.result.answer],
        "county": pair(run.county_name),
        "key": run.key,
        "bounds": draw.bounds(run),
        "panes": [name for name, _ in draw.PANES],
        "profiles": [],
        "alternatives": [],
        "opens": "",
        "indicators": panel.indicators(run),
        "checks": panel.checks(run),
        "rules": panel.rules(run),
        "sources": panel.sources(run),
        "footer": panel.footer(run),
        "quality": pair(run.quality_words),
        "data_date": run.data_date,
    }


def put_together(
    data: Mapping[str, Any],
    store: Store,
    *,
    parts: Mapping[str, str],
    scripts: Sequence[str] = PAGE_SCRIPTS,
    styles: Sequence[str] = PAGE_STYLES,
    hosts: Sequence[str] = (),
) -> str:
    """Put data and drawings into the page with its map, libraries, scripts and styles.

    Raises
    ------
    AssetError
        If anything outside the file would be needed.
    """
    bare = stable.bare_map(data["bounds"], draw.PANES)
    inflating = ["fflate/fflate.js"] if store.ends else []
    libraries = [stable.library(name) for name in (*bare.libraries, *inflating)]
    return assembled(
        "page.html",
        scripts={
            "libraries": "\n".join([*libraries, REDUCED_MOTION]),
            "map_script": bare.script,
            "own": own(scripts),
        },
        styles={
            "library_style": "\n".join(stable.library(name) for name in bare.styles),
            "style": "".join(stable.asset(name) for name in styles),
        },
        parts={
            "map": bare.element,
            "packed": store.written(),
            "data": embedded({**data, "ends": store.ends, "pools": store.pools}),
            **parts,
        },
        hosts=hosts,
    )


def _online(basemap: Basemap) -> dict[str, Any]:
    """Give a basemap as the page embeds it."""
    return {
        "tiles": basemap.tiles,
        "servers": basemap.servers,
        "credit": pair(basemap.credit),
        "warning": pair(basemap.warning),
    }


def index(runs: Mapping[str, Run], files: Mapping[str, Sequence[str]] = NO_FILES) -> str:
    """Draw the index of runs as one HTML file.

    Parameters
    ----------
    runs
        Runs by their folder, relative to the index, with forward slashes.
    files
        Files found in each run's folder, relative to it; under an empty name those found beside
        the index itself.
    """
    entries = [entry(folder, run, files.get(folder, ())) for folder, run in runs.items()]
    data = {"ui": ui(), "runs": entries, "beside": beside(".", files.get("", ()))}
    return assembled(
        "index.html",
        scripts={"own": own(("page.js", "index.js"))},
        styles={"style": stable.asset("page.css")},
        parts={"data": embedded(data)},
    )


def ui() -> dict[str, list[str]]:
    """Give the words of the pages themselves."""
    return {name: pair(words) for name, words in UI.items()}


def _subtitle(run: Run) -> list[str]:
    subtitle = pair(run.subtitle)
    return subtitle if any(subtitle) else pair(run.question)


def embedded(data: Any) -> str:
    r"""Write data as JSON that can stand inside a script element.

    >>> embedded({"a": "</script>&"})
    '{"a":"\\u003c/script\\u003e\\u0026"}'
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    text = re.sub("[\ud800-\udfff]", lambda m: f"\\u{ord(m[0]):04x}", text)
    return "".join(map(_escaped, re.split("([<>&\u2028\u2029\u007f\ufeff\ufffe\uffff])", text)))


def _escaped(piece: str) -> str:
    return _ESCAPES.get(piece, piece)


def own(names: Sequence[str]) -> str:
    """Join the page's own scripts into one closed scope."""
    inside = "\n".join(stable.asset(name) for name in names)
    return f'(function () {{\n"use strict";\n{inside}\n}})();'


def assembled(
    template: str,
    *,
    scripts: Mapping[str, str],
    styles: Mapping[str, str],
    parts: Mapping[str, str],
    hosts: Sequence[str] = (),
) -> str:
    """Put the parts into the template under a policy that lists their hashes.

    Pictures may come from `hosts`, and nothing else from anywhere.

    Raises
    ------
    AssetError
        If the template or the page's own scripts hold an address, or a script would end early.
    """
    frame = stable.asset(template)
    ours = [text for name, text in {**scripts, **styles}.items() if not name.startswith("librar")]
    for text in (frame, *ours):
        stable.refuse_addresses(text)
    for text in (*scripts.values(), *styles.values()):
        if re.search(r"</(script|style)|<!--", text, re.IGNORECASE):
            raise stable.AssetError(
                Text("脚本或样式含结束标记", "a script or style would end early")
            )
    policy = "; ".join(
        [
            "default-src 'none'",
            " ".join(["img-src data:", *hosts]),
            f"script-src {' '.join(_hashed(text) for text in scripts.values())}",
            f"style-src {' '.join(_hashed(text) for text in styles.values())}",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    return Template(frame).substitute(policy=policy, **scripts, **styles, **parts)


def _hashed(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
