"""Online basemaps only where asked for: only their hosts, said on the page; the token with a warning."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from maps.__main__ import main
from maps.basemap import NAMES, TOKEN, BasemapError, basemap
from maps.page import page
from scenarios.running import folder as folders
from tests.made_up import pages

KEY = "0123456789abcdef0123456789abcdef"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8cf"
    "c0f01f0005000180d5b1a21c0000000049454e44ae426082"
)


@pytest.fixture(scope="module")
def run():
    return pages.run()


def policy(text):
    (found,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    return dict(one.split(" ", 1) for one in found.split("; "))


def test_the_policy_opens_the_hosts_of_the_basemap_and_no_others(run):
    plain = policy(page(run))
    assert plain["img-src"] == "data:"
    for name in NAMES:
        tiles = basemap(name, {TOKEN: KEY})
        opened = policy(page(run, tiles))
        assert opened["img-src"].split() == ["data:", *tiles.hosts]
        assert all(host.startswith("https://") and "*" not in host for host in tiles.hosts)
        rest = {key: value for key, value in opened.items() if key != "img-src"}
        assert rest == {key: value for key, value in plain.items() if key != "img-src"}


def test_a_token_stands_only_in_a_page_that_says_so(run):
    told = page(run, basemap("tianditu", {TOKEN: KEY}))
    assert KEY in told
    assert "勿外传" in told
    assert "do not pass it on" in told
    for other in (page(run), page(run, basemap("osm", {TOKEN: KEY}))):
        assert KEY not in other
        assert "勿外传" not in other


@pytest.mark.parametrize("token", ["", "a b", "x'><script>", "k&tk=1", "短"])
def test_what_cannot_be_a_token_is_refused(token):
    with pytest.raises(BasemapError, match=TOKEN):
        basemap("tianditu", {TOKEN: token})


def test_the_command_leaves_the_offline_page_as_it_is(run, tmp_path, capsys, monkeypatch):
    top = tmp_path / "run"
    with folders.locked(top):
        folders.write(replace(run, result=replace(run.result, metrics=())), top)
    monkeypatch.setenv(TOKEN, KEY)
    assert main([str(top), "--basemap", "tianditu", "--lang", "zh"]) == 0
    assert "勿外传" in capsys.readouterr().out
    holding = [one for one in top.rglob("*") if one.is_file() and KEY.encode() in one.read_bytes()]
    assert holding == [top / "online.html"]
    assert not (top / "index.html").exists()
    monkeypatch.delenv(TOKEN)
    assert main([str(top), "--basemap", "tianditu", "--lang", "zh"]) == 2
    assert TOKEN in capsys.readouterr().err


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_the_page_asks_the_hosts_of_the_basemap_for_pictures_and_nobody_else(
    run, chromium, tmp_path
):
    tiles = basemap("tianditu", {TOKEN: KEY})
    path = Path(tmp_path / "online.html")
    path.write_text(page(run, tiles), encoding="utf-8")
    asked = []

    def answered(route):
        asked.append(route.request.url)
        route.fulfill(body=PIXEL, content_type="image/png")

    tab = chromium.new_page(viewport={"width": 1366, "height": 768})
    tab.route(re.compile("^https?:"), answered)
    tab.goto(path.as_uri())
    tab.wait_for_selector("body[data-drawn=yes]")
    tab.wait_for_selector("img.leaflet-tile-loaded", state="attached")
    assert asked
    assert all(url.startswith(tiles.hosts) and f"tk={KEY}" in url for url in asked)
    note = tab.locator(".basemap")
    assert note.is_visible()
    assert "天地图密钥" in note.inner_text()
    assert tab.locator("img.picture[alt*=晕渲]").count() == 0
    tab.close()
