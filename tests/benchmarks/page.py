"""The page of a consolidation: time to open, frames a second while it is dragged; beside folium.

    python tests/benchmarks/page.py [--run FOLDER] [--times 5] [--no-folium]

The run is that of hexi_chengzhao (33,600 parcels), made first where no folder is given. Our page
has all its layers, the planned parcels as they are now and then; folium's has the parcels alone,
each once, as its GeoJson draws them with and without a canvas; the Leaflet that it would fetch is handed to it from maps/assets. Both are
opened in Chromium without a network: opened is when all is drawn and two frames have been shown.
The map is dragged to and fro; frames are counted from the press to the frame after the release.
Targets on two quiet cores: 3 s to open, 30 frames a second.
"""

# ruff: noqa: T201 - a benchmark prints

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from maps.page import page
from scenarios.result import load

ROOT = Path(__file__).resolve().parents[2]
QUESTION, PARCELS = "hexi_chengzhao", ("land", "land_after")
SIZE = {"width": 1600, "height": 960}
LEAFLET = ROOT / "maps" / "assets" / "leaflet"
OPENED = """
const seen = () => requestAnimationFrame(() => requestAnimationFrame(() => {
  window.seen = performance.now();
}));
addEventListener('load', () => {
  const drawn = () => document.body.dataset.drawn === 'yes' || !document.querySelector('#data');
  if (drawn()) return seen();
  new MutationObserver((_, watch) => { if (drawn()) { watch.disconnect(); seen(); } })
    .observe(document.body, { attributes: true });
});
"""
COUNT = """
window.frames_ = [];
window.counting = true;
const next = (at) => { window.frames_.push(at); if (window.counting) requestAnimationFrame(next); };
requestAnimationFrame(next);
"""
COUNTED = "new Promise(done => requestAnimationFrame(() => { window.counting = false; done(window.frames_); }))"
WAYS = ((500, 200), (-500, -200), (-400, 300), (400, -300))  # pixels of each drag
STEPS, EVERY_MS = 60, 8


@dataclass(frozen=True)
class Seen:
    """A page: milliseconds to open, frames a second while dragged, the longest frame in ms."""

    opened: float
    frames: float
    longest: float

    def __str__(self) -> str:
        return (
            f"opens in {self.opened / 1000:.2f} s, {self.frames:.0f} frames a second dragged, "
            f"the longest {self.longest:.0f} ms"
        )


@contextmanager
def run_folder(given):
    """Give the folder of the run; one that is made is gone afterwards."""
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory() as made:
        command = [sys.executable, str(ROOT / "jingning.py"), "run", QUESTION, "-o", made]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        yield Path(made)


def parcels(run):
    """Give the layers of parcels."""
    return [one for one in run.result.layers if one.id in PARCELS]


def folium_page(run, *, canvas):
    """Give a page of the same parcels by folium."""
    import folium

    chart = folium.Map(prefer_canvas=canvas, tiles=None)
    for layer in parcels(run):
        names = [column.name for column in layer.columns]
        frame = layer.data[[*names, "geometry"]].to_crs(4326)
        folium.GeoJson(frame.to_json(), popup=folium.GeoJsonPopup(fields=names)).add_to(chart)
    west, south, east, north = frame.total_bounds
    chart.fit_bounds([[south, west], [north, east]])
    return chart.get_root().render()


def handed(route):
    """Give Leaflet for Leaflet, and nothing for the other things that folium would fetch."""
    name = route.request.url.rpartition("/")[2].replace(".min", "")
    if route.request.url.startswith("file:"):
        route.continue_()
    elif (path := LEAFLET / name).is_file():
        route.fulfill(path=path)
    else:
        route.fulfill(body="")


def dragged(tab):
    """Drag the map to and fro; give frames a second and the longest frame."""
    middle = SIZE["width"] / 2, SIZE["height"] / 2
    tab.evaluate(COUNT)
    for x, y in WAYS:
        tab.mouse.move(*middle)
        tab.mouse.down()
        for step in range(1, STEPS + 1):
            tab.mouse.move(middle[0] + x * step / STEPS, middle[1] + y * step / STEPS)
            tab.wait_for_timeout(EVERY_MS)
        tab.mouse.up()
    frames = tab.evaluate(COUNTED)
    gaps = [after - before for before, after in pairwise(frames)]
    return 1000 * len(gaps) / (frames[-1] - frames[0]), max(gaps)


def once(playwright, chromium, path):
    """Open a page in a fresh browser, drag it."""
    browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
    context = browser.new_context(viewport=SIZE, offline=True)
    context.route("**/*", handed)
    tab = context.new_page()
    tab.add_init_script(OPENED)
    tab.goto(path.as_uri())
    while (at := tab.evaluate("window.seen")) is None:
        tab.wait_for_timeout(50)
    seen = Seen(at, *dragged(tab))
    browser.close()
    return seen


def measured(pages, times):
    """Open each page so many times, in turn; give the medians."""
    from playwright.sync_api import sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome")
    chromium = next(filter(None, map(shutil.which, names)), None)
    if chromium is None:
        sys.exit("no Chromium")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        paths = {name: Path(folder) / f"{place}.html" for place, name in enumerate(pages)}
        for name, text in pages.items():
            paths[name].write_text(text, encoding="utf-8", newline="\n")
        rounds = [
            {name: once(playwright, chromium, path) for name, path in paths.items()}
            for _ in range(times)
        ]
    return {
        name: Seen(
            *(
                median(getattr(one[name], what) for one in rounds)
                for what in ("opened", "frames", "longest")
            )
        )
        for name in pages
    }


def main():
    """Print a line for each page, and how many times ours is as fast."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--no-folium", action="store_true")
    chosen = parser.parse_args()
    with run_folder(chosen.run) as folder:
        run = load(folder)
        pages = {"ours": page(run)}
        if not chosen.no_folium:
            pages |= {
                "folium": folium_page(run, canvas=False),
                "folium on a canvas": folium_page(run, canvas=True),
            }
        seen = measured(pages, chosen.times)
    count = sum(len(one.data) for one in parcels(run))
    print(
        f"{count:,} parcels; load before and now: {os.getloadavg()[1]:.1f}, {os.getloadavg()[0]:.1f}"
    )
    for name, one in seen.items():
        ratios = (
            ""
            if name == "ours"
            else (
                f"; ours opens {one.opened / seen['ours'].opened:.1f} times as fast, "
                f"shows {seen['ours'].frames / one.frames:.1f} times the frames"
            )
        )
        print(f"{name:>18} {len(pages[name].encode()) / 1e6:6.1f} MB: {one}{ratios}")


if __name__ == "__main__":
    main()
