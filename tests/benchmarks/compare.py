"""The page of a comparison: time to draw, size, time to open; beside one plain folium page a run.

    python tests/benchmarks/compare.py [--runs 2 12]

Access runs of the twin. Folium's pages hold the settlements and townships of each run on a map of
its own, without rasters, charts or checks; they load their libraries from the network, so only
their building and size are measured. Ours is opened in Chromium without a network.
"""

# ruff: noqa: T201 - a benchmark prints

from __future__ import annotations

import argparse
import sys
import time
from itertools import islice, product
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from layers import twin
from maps.compare.page import comparison_page
from scenarios.access import Access
from scenarios.running.runs import Order, perform
from scenarios.several.compare.comparing import compared
from scenarios.several.labels import lettered
from tests.benchmarks.parcels import opened

WALKS = (0.6, 0.7, 0.8, 1.0, 1.1, 1.2)
ROADS = ((), ("second_passage",))
SHOWN = ("settlements", "townships")


def runs(count):
    """Give access runs of the twin that differ in roads and walking."""
    asked = islice(product(ROADS, WALKS), count)
    orders = (
        Order("access", twin.county(), Access(cell_m=60, walk_factor=walk, open_roads=roads))
        for roads, walk in asked
    )
    return lettered([perform(order) for order in orders])


def ours(of):
    """Compare runs and draw the page; give seconds and the page."""
    start = time.perf_counter()
    text = comparison_page(compared(list(of.values()), stale={}), of)
    return time.perf_counter() - start, text


def folium_pages(of):
    """Draw settlements and townships of each run with folium; give seconds and bytes of all."""
    import folium

    start, size = time.perf_counter(), 0
    for run in of.values():
        chart = folium.Map()
        for layer in run.result.layers:
            if layer.id in SHOWN:
                names = [column.name for column in layer.columns]
                frame = layer.data[[*names, "geometry"]].to_crs(4326)
                popup = folium.GeoJsonPopup(fields=names)
                folium.GeoJson(frame.to_json(), popup=popup).add_to(chart)
        size += len(chart.get_root().render().encode())
    return time.perf_counter() - start, size


def main():
    """Print one line for each number of runs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, nargs="+", default=[2, 12])
    for count in parser.parse_args().runs:
        of = runs(count)
        seconds, text = ours(of)
        paint = opened(text)
        painted = "no Chromium" if paint is None else f"first paint {paint:.0f} ms"
        print(f"{count} runs: {seconds:.1f} s, {len(text.encode()) / 1e6:.2f} MB, {painted}")
        seconds, size = folium_pages(of)
        print(f"  folium, a page each: {seconds:.1f} s, {size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
