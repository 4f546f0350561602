"""Pages on a screen: its sizes, pictures of a part of it, what a pop-up says."""

import io
from dataclasses import replace

from PIL import Image

from maps.page import page

WIDE, DESK, PHONE = (1600, 960), (1366, 768), (390, 844)


def written(path, run, **changes):
    """Write the page of a run, with changes in its result, into a folder or file; give its path."""
    path = path / "index.html" if path.is_dir() else path
    changed = replace(run, result=replace(run.result, **changes))
    path.write_text(page(changed), encoding="utf-8", newline="\n")
    return path


def on_map(tab, lat, lng):
    """Give where a place on the map stands on the screen."""
    return tab.evaluate(
        "spot => { const p = map_1.latLngToContainerPoint(spot); return [p.x + 312, p.y + 60]; }",
        [lat, lng],
    )


def picture(tab, box):
    return Image.open(
        io.BytesIO(tab.screenshot(clip=dict(zip(("x", "y", "width", "height"), box, strict=True))))
    ).convert("RGB")


def why(tab, wanted):
    tab.fill("#query", wanted)
    tab.keyboard.press("Enter")
    return tab.text_content(".leaflet-popup-content")
