"""The bare map from folium with ordinals for its random ids, and libraries from the assets.

Folium is given numbers only, never a word of data. What it renders is taken apart: every address
in it must be known, the libraries behind them are inlined from `assets/` when their hash is the
one in `assets/manifest.toml`, and anything else raises.
"""

from __future__ import annotations

import base64
import hashlib
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from geo.words import Text, joined
from maps.wording import PageError

ASSETS = Path(__file__).parent / "assets"
CDN = "https://cdn.jsdelivr.net/npm/"
# What folium 0.20 asks for, and the vendored file that stands for it; None: nothing here uses it.
KNOWN: dict[str, str | None] = {
    f"{CDN}leaflet@1.9.3/dist/leaflet.js": "leaflet/leaflet.js",
    f"{CDN}leaflet@1.9.3/dist/leaflet.css": "leaflet/leaflet.css",
    "https://code.jquery.com/jquery-3.7.1.min.js": None,
    f"{CDN}bootstrap@5.2.2/dist/js/bootstrap.bundle.min.js": None,
    f"{CDN}bootstrap@5.2.2/dist/css/bootstrap.min.css": None,
    "https://cdnjs.cloudflare.com/ajax/libs/Leaflet.awesome-markers/2.0.2/"
    "leaflet.awesome-markers.js": None,
    "https://cdnjs.cloudflare.com/ajax/libs/Leaflet.awesome-markers/2.0.2/"
    "leaflet.awesome-markers.css": None,
    "https://netdna.bootstrapcdn.com/bootstrap/3.0.0/css/bootstrap-glyphicons.css": None,
    f"{CDN}@fortawesome/fontawesome-free@6.2.0/css/all.min.css": None,
    "https://cdn.jsdelivr.net/gh/python-visualization/folium/folium/templates/"
    "leaflet.awesome.rotate.min.css": None,
}
_ADDRESS = re.compile(r"(?:https?:)?//[\w.-]+\.\w+[^\s\"'<>)]*")
_RANDOM_ID = re.compile(r"\b([a-z][a-z_]*)_([0-9a-f]{32})\b")


class AssetError(PageError):
    """A page would need something that is not carried with the toolkit."""


@dataclass(frozen=True)
class Bare:
    """The parts of a rendered map: its element, its script, the libraries it stands on."""

    element: str
    script: str
    libraries: tuple[str, ...]
    styles: tuple[str, ...]


@cache
def asset(name: str) -> str:
    """Read a file of the assets as text; a library's file only when its hash is the known one.

    Raises
    ------
    AssetError
        If a library's file is not the one in the manifest, or not in it.
    """
    raw = (ASSETS / name).read_bytes()
    if "/" in name:
        _verify(name, raw)
    return raw.decode("utf-8").replace("\r\n", "\n")


def library(name: str) -> str:
    """Give a library's text ready to stand inside a page: no map files, images as data."""
    text = asset(name)
    if name.endswith(".css"):
        text = re.sub(r"behavior:\s*url\([^)]*\);", "", text)
        return re.sub(r"url\((images/[\w.-]+)\)", lambda m: _image(name, m[1]), text)
    return re.sub(r"//# sourceMappingURL=\S+", "", text)


def _image(owner: str, name: str) -> str:
    path = (Path(owner).parent / name).as_posix()
    raw = (ASSETS / path).read_bytes()
    _verify(path, raw)
    return f"url(data:image/png;base64,{base64.b64encode(raw).decode()})"


def _verify(name: str, raw: bytes) -> None:
    listed = tomllib.loads((ASSETS / "manifest.toml").read_text(encoding="utf-8"))["library"]
    known = {file: digest for one in listed for file, digest in one["files"].items()}
    found = hashlib.sha256(raw).hexdigest()
    if known.get(name) != found:
        raise AssetError(
            Text(
                f"资源与清单不符：{name}，发现 {found}，应为 {known.get(name, '没有此文件')}",
                f"asset differs from the manifest: {name}, found {found}, "
                f"expected {known.get(name, 'no such file')}",
            )
        )


def bare_map(bounds: tuple[float, float, float, float], panes: Sequence[tuple[str, int]]) -> Bare:
    """Render an empty folium map with panes, and take it apart.

    Parameters
    ----------
    bounds
        West, south, east, north in degrees; the map opens at their middle.
    panes
        Names and z-indices, fixed by the toolkit.
    """
    import folium

    west, south, east, north = bounds
    drawn = folium.Map(
        location=[round((south + north) / 2, 5), round((west + east) / 2, 5)],
        zoom_start=10,
        tiles=None,
        attributionControl=False,
        zoomControl=False,
        zoomSnap=0.1,
        zoomDelta=0.5,
        wheelPxPerZoomLevel=90,
    )
    for name, height in panes:
        folium.map.CustomPane(name, z_index=height).add_to(drawn)
    return take_apart(drawn.get_root().render())


def take_apart(rendered: str) -> Bare:
    """Find element, script and libraries in a page rendered by folium.

    Raises
    ------
    AssetError
        If the page asks for an address that is not known.
    """
    parts = _Parts()
    parts.feed(ordinals(rendered))
    unknown = [address for address in parts.addresses if address not in KNOWN]
    if unknown:
        names = joined(unknown)
        raise AssetError(Text(f"未知外部地址：{names.zh}", f"unknown external address: {names.en}"))
    needed = [name for address in parts.addresses if (name := KNOWN[address])]
    script = "\n".join(text.strip() for text in parts.scripts)
    refuse_addresses(script + "".join(parts.elements))
    return Bare(
        element="".join(f'<div class="folium-map" id="{name}"></div>' for name in parts.elements),
        script=script,
        libraries=tuple(name for name in needed if name.endswith(".js")),
        styles=tuple(name for name in needed if name.endswith(".css")),
    )


def ordinals(rendered: str) -> str:
    """Replace folium's random ids by ordinals in the order they appear.

    >>> ordinals("map_" + 32 * "a" + " pane_" + 32 * "b" + " map_" + 32 * "a")
    'map_1 pane_2 map_1'
    """
    seen: dict[str, int] = {}
    return _RANDOM_ID.sub(lambda m: f"{m[1]}_{seen.setdefault(m[0], len(seen) + 1)}", rendered)


def refuse_addresses(text: str) -> None:
    """Raise when any address is left in the page's own frame.

    Raises
    ------
    AssetError
        Naming what is left.
    """
    left = _ADDRESS.findall(text)
    if left:
        names = joined(sorted(set(left)))
        raise AssetError(Text(f"残留外部地址：{names.zh}", f"external address left: {names.en}"))


class _Parts(HTMLParser):
    """Collect addresses, inline scripts and map elements of a rendered page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.addresses: list[str] = []
        self.scripts: list[str] = []
        self.elements: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that loads, runs or holds the map."""
        found = {name: value or "" for name, value in attrs}
        address = found.get("src") or found.get("href")
        if address is not None:
            self.addresses.append(address)
        if tag == "div" and found.get("class") == "folium-map":
            self.elements.append(found["id"])
        self._inside = tag if address is None else ""

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        del tag
        self._inside = ""

    def handle_data(self, data: str) -> None:
        """Keep what stands in a script."""
        if self._inside == "script" and data.strip():
            self.scripts.append(data)
