"""A page of many parcels: time to draw, size, time to open; side by side with folium's GeoJson.

    python tests/benchmarks/parcels.py [--parcels 35000 100000] [--no-folium]

Ours holds the parcels three times (now, planned, changed) with eight columns; folium's holds them
once with the same columns, on a canvas. Folium's page loads its libraries from the network, so only
its building and its size are measured; ours is opened in Chromium without a network.
"""

# ruff: noqa: T201 - a benchmark prints

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from maps.page import page
from tests.made_up import land

SEEN = (
    "requestAnimationFrame(() => requestAnimationFrame(() => { window.seen = performance.now(); }))"
)


def ours(run):
    """Draw the run's page; give seconds and the page."""
    start = time.perf_counter()
    text = page(run)
    return time.perf_counter() - start, text


def folium_page(run):
    """Draw one of the three layers with folium; give seconds and bytes."""
    import folium

    layer = next(one for one in run.result.layers if one.id == "before")
    names = [column.name for column in layer.columns]
    frame = layer.data[[*names, "geometry"]].to_crs(4326)
    start = time.perf_counter()
    chart = folium.Map(prefer_canvas=True)
    folium.GeoJson(frame.to_json(), popup=folium.GeoJsonPopup(fields=names)).add_to(chart)
    size = len(chart.get_root().render().encode())
    return time.perf_counter() - start, size


def opened(text):
    """Open a page five times; give the median of milliseconds until its second frame."""
    found = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if found is None:
        return None
    from playwright.sync_api import sync_playwright

    times = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder) / "index.html"
        path.write_text(text, encoding="utf-8", newline="\n")
        for _ in range(5):
            browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
            tab = browser.new_context(offline=True).new_page()
            tab.add_init_script(f"addEventListener('DOMContentLoaded', () => {SEEN})")
            tab.goto(path.as_uri())
            while (seen := tab.evaluate("window.seen")) is None:
                tab.wait_for_timeout(20)
            times.append(seen)
            browser.close()
    return sorted(times)[2]


def main():
    """Print one line for each number of parcels."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parcels", type=int, nargs="+", default=[35_000, 70_000])
    parser.add_argument("--no-folium", action="store_true")
    chosen = parser.parse_args()
    for count in chosen.parcels:
        side = round(count**0.5)
        land.SIDE = min(95.0, 18_000 / side)
        run = land.run(side, side)
        seconds, text = ours(run)
        seen = opened(text)
        shown = "no Chromium" if seen is None else f"opens in {seen / 1000:.1f} s"
        print(
            f"{side * side:>8,} parcels x 3: ours {seconds:.1f} s, {len(text.encode()) / 1e6:.1f} MB, {shown}"
        )
        if chosen.no_folium:
            continue
        theirs, size = folium_page(run)
        print(
            f"{'':>8} x 1: folium {theirs:.1f} s, {size / 1e6:.1f} MB; ratio {theirs / seconds:.1f} in time, {size / len(text.encode()):.1f} in size"
        )


if __name__ == "__main__":
    main()
