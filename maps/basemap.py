"""Online basemaps, only where they are asked for: which hosts, which tiles, whose they are.

The page that stays offline is the default. A page with a basemap may fetch pictures from the hosts
named here and from nowhere else, and says so. Tianditu wants a token of the user's own, which then
stands in the page. Gaode and Baidu are not offered: their tiles are shifted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from geo.words import NO_TEXT, Text
from maps.wording import PageError

TOKEN = "JINGNING_TIANDITU_TOKEN"  # noqa: S105 - the name of a variable
OSM, TIANDITU = "osm", "tianditu"
NAMES = (OSM, TIANDITU)
SERVERS = "01234567"


class BasemapError(PageError):
    """A basemap that cannot be had as asked for."""

    exit_code = 2


@dataclass(frozen=True)
class Basemap:
    """A basemap: tiles from below to above, the hosts they come from, words for the page.

    `warning` is what must be known of a page that holds a token.
    """

    tiles: tuple[str, ...]
    servers: str
    hosts: tuple[str, ...]
    credit: Text
    warning: Text = NO_TEXT


def basemap(name: str, environ: Mapping[str, str]) -> Basemap:
    """Give a basemap by name.

    Parameters
    ----------
    name
        One of `NAMES`.
    environ
        The environment, which holds the token of Tianditu.

    Raises
    ------
    BasemapError
        If there is no token where one is needed, or it cannot be one.

    Examples
    --------
    >>> basemap("osm", {}).hosts
    ('https://tile.openstreetmap.org',)
    """
    if name == OSM:
        return Basemap(
            ("https://tile.openstreetmap.org/{z}/{x}/{y}.png",),
            "",
            ("https://tile.openstreetmap.org",),
            Text(
                "在线底图 © OpenStreetMap 贡献者，须联网",
                "online basemap © OpenStreetMap contributors",
            ),
        )
    token = environ.get(TOKEN, "")
    if not re.fullmatch(r"[0-9A-Za-z]{8,64}", token):
        raise BasemapError(
            Text(
                f"天地图须用本单位申请的密钥：设置环境变量 {TOKEN}（字母与数字）",
                f"Tianditu wants a token of your own: set {TOKEN} (letters and digits)",
            )
        )
    return Basemap(
        tuple(_tianditu(layer, token) for layer in ("vec", "cva")),
        SERVERS,
        tuple(f"https://t{server}.tianditu.gov.cn" for server in SERVERS),
        Text("在线底图 © 天地图，须联网", "online basemap © Tianditu"),
        Text(
            "本页内含天地图密钥，仅限本单位使用，勿外传",
            "this page holds a Tianditu token: do not pass it on",
        ),
    )


def _tianditu(layer: str, token: str) -> str:
    asked = {
        "SERVICE": "WMTS",
        "REQUEST": "GetTile",
        "VERSION": "1.0.0",
        "LAYER": layer,
        "STYLE": "default",
        "TILEMATRIXSET": "w",
        "FORMAT": "tiles",
        "TILEMATRIX": "{z}",
        "TILEROW": "{y}",
        "TILECOL": "{x}",
        "tk": token,
    }
    query = "&".join(f"{key}={value}" for key, value in asked.items())
    return f"https://t{{s}}.tianditu.gov.cn/{layer}_w/wmts?{query}"
