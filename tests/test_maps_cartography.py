"""Maps as they open: legend beside the answer, labels clear of each other, ground masked, names along lines."""

import base64
import io
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from PIL import Image

from geo.contours import contours, summits
from geo.raster import Raster
from geo.words import Text
from maps import draw, relief, ribbons, style
from maps.page import page
from maps.store import Store
from scenarios.result import Category, Column
from tests.made_up import controls
from tests.made_up import pages as made_up
from tests.made_up.ground import EPSG, GRID, ground
from tests.made_up.screen import DESK, PHONE, WIDE, written

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = ("access", *sorted(p.stem for p in ROOT.glob("layers/data/jingning/scripts/*.toml")))
SIZES = [WIDE, DESK, PHONE]
on_screen = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

# Boxes of labels that are seen, and of what stands over the map; letters of one name are one label.
BOXES = """() => {
  const seen = (one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && one.getBoundingClientRect().width > 0;
  const box = (one) => { const b = one.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; };
  const labels = [...document.querySelectorAll(".leaflet-labels-pane .label, .leaflet-labels-pane .shield")].filter(seen);
  const controls = [...document.querySelectorAll("#tools, #north, #legend, #flag-before, #flag-after, #knob, #place, .leaflet-control-scale")].filter(seen);
  return {
    labels: labels.map((one) => ({ text: one.textContent, word: one.dataset.word || "", box: box(one) })),
    controls: controls.map((one) => ({ text: one.id || one.className, box: box(one) })),
  };
}"""


# Boxes on the screen of the features of these ids.
SHAPES = """ids => {
  const features = JSON.parse(document.getElementById("data").textContent).layers.flatMap((one) => one.features || []);
  const frame = map_1.getContainer().getBoundingClientRect();
  return ids.map((id) => {
    const box = L.geoJSON(features.find((one) => one.id === id || one.values[0] === id).geometry).getBounds();
    const [a, b] = [box.getNorthWest(), box.getSouthEast()].map((at) => map_1.latLngToContainerPoint(at));
    return [a.x + frame.left, a.y + frame.top, b.x + frame.left, b.y + frame.top];
  });
}"""


def covering(one, other):
    a, b = one["box"], other["box"]
    return min(a[2], b[2]) - max(a[0], b[0]) > 0.5 and min(a[3], b[3]) - max(a[1], b[1]) > 0.5


def collisions(tab):
    """Give the pairs of labels, and of labels and controls, that lie over each other."""
    found = tab.evaluate(BOXES)
    labels, controls = found["labels"], found["controls"]
    pairs = [
        (a, b)
        for k, a in enumerate(labels)
        for b in labels[:k]
        if not a["word"] or a["word"] != b["word"]
    ]
    pairs += [(a, b) for a in labels for b in controls]
    return len(labels), [(a["text"], b["text"]) for a, b in pairs if covering(a, b)]


def relief_layers():
    heights, _ = ground()
    dem = Raster(np.asarray(heights, dtype=float), GRID)
    column = (Column("height_m", Text("高程", "Height"), "m", 0),)
    shade = made_up.layers()[0]
    for name, frame in (("contours", contours(dem, 100.0)), ("spot_heights", summits(dem, 4000.0))):
        yield replace(
            shade,
            id=name,
            title=Text({"contours": "等高线", "spot_heights": "高程点"}[name], name),
            meaning="relief",
            data=frame.rename(columns={"height": "height_m"}),
            value="height_m",
            unit="m",
            columns=column,
        )


@pytest.fixture(scope="session")
def run():
    layers = [replace(one, label="name") if one.id == "rivers" else one for one in made_up.layers()]
    return made_up.run(
        result=replace(made_up.run().result, layers=(layers[0], *relief_layers(), *layers[1:]))
    )


@pytest.fixture(scope="session")
def file(run, tmp_path_factory):
    return written(tmp_path_factory.mktemp("map"), run)


def test_the_same_run_gives_the_same_bytes(file, run):
    assert file.read_text(encoding="utf-8") == page(run)


def layer_of(run, name):
    return next(one for one in run.result.layers if one.id == name)


def test_contours_come_back_within_half_a_metre(run):
    layer, store = layer_of(run, "contours"), Store()
    found = relief.relief(layer, store)
    raw = iter(store._blobs[found["lines"]])

    def natural():
        value, shift = 0, 0
        while (byte := next(raw)) > 127:
            value, shift = value | (byte & 127) << shift, shift + 7
        return value | byte << shift

    counts = [natural() for _ in range(found["count"])]
    signs = [[natural() for _ in range(sum(counts))] for _ in range(2)]
    x, y = (np.cumsum([-(v + 1) // 2 if v % 2 else v // 2 for v in one]) * 0.5 for one in signs)
    assert next(raw, None) is None
    wanted = shapely.get_coordinates(layer.data.to_crs(3857).geometry.to_numpy())
    assert np.abs(np.column_stack([x, y]) - wanted).max() <= 0.26
    assert (found["step"], found["index"]) == (100.0, 500.0)


def test_spot_heights_are_told_in_whole_metres_from_the_highest(run):
    layer = layer_of(run, "spot_heights")
    spots = relief.relief(layer, Store())["spots"]
    assert [one[2] for one in spots] == sorted(
        (round(h) for h in layer.data["height_m"]), reverse=True
    )


def test_numbers_and_names_are_those_of_the_layer_and_pieces_are_joined():
    lines = [[(0, 0), (9e3, 0)], [(9e3, 0), (9e3, 9e3)], [(0, 5e3), (1e3, 5e3)]]
    frame = gpd.GeoDataFrame(
        {"ref": ["G638", "G638", None], "class": ["national", "national", "county"]},
        geometry=[shapely.LineString(np.add(one, (5e5, 3.09e6))) for one in lines],
        crs=EPSG,
    )
    layer = replace(layer_of(made_up.run(), "roads"), data=frame)
    found = ribbons.ribbons(layer)
    assert [(one["said"], one["shield"], len(one["lines"])) for one in found] == [
        (["G638", "G638"], "national", 1)
    ]
    water = replace(layer, meaning="water", value="", label="", columns=())
    assert ribbons.ribbons(water) == []
    named = replace(water, data=frame.assign(name=["小溪", "小溪", None]), label="name")
    assert [one["said"] for one in ribbons.ribbons(named)] == [["小溪", "小溪"]]
    assert "along" not in draw.vectors(replace(layer, meaning="boundary"), {}, Store())


def test_the_hillshade_ends_where_the_county_does(run):
    shade = next(one for one in draw.layers(run, Store()) if one["meaning"] == "hillshade")
    image = Image.open(io.BytesIO(base64.b64decode(shade["image"].split(",")[1]))).convert("RGBA")
    clear = np.asarray(image)[..., 3] == 0
    (south, west), (north, east) = shade["bounds"]
    county = layer_of(run, "outline").data.to_crs(4326).geometry.union_all()
    rows, columns = clear.shape
    x = west + (np.arange(columns) + 0.5) * (east - west) / columns
    y = north - (np.arange(rows) + 0.5) * (north - south) / rows
    cell = 2 * (east - west) / columns
    inside = shapely.contains_xy(county.buffer(-cell), *np.meshgrid(x, y))
    outside = ~shapely.contains_xy(county.buffer(cell), *np.meshgrid(x, y))
    assert inside.any()
    assert outside.any()
    assert not clear[inside].any()
    assert clear[outside].all()


def test_the_mask_lies_over_roads_and_under_places():
    heights = dict(draw.PANES)
    assert heights["path_difference"] < heights["mask"] < heights["county"] < heights["place_both"]


class TestOnScreen:
    pytestmark = on_screen

    @pytest.mark.parametrize("size", SIZES, ids=str)
    def test_no_label_lies_under_another_or_under_a_control(self, opened, file, size):
        tab = opened(file, size)
        for _ in range(2):
            count, bad = collisions(tab)
            assert count >= 5
            assert bad == []
            tab.click("#lang")
        if "compare" in (tab.get_attribute("body", "data-state") or ""):
            tab.focus("#knob")
            tab.keyboard.press("PageDown")
            assert collisions(tab)[1] == []

    @pytest.mark.parametrize("size", SIZES, ids=str)
    def test_the_legend_leaves_the_map_two_thirds(self, opened, file, size):
        tab = opened(file, size)
        assert tab.locator("#legend-body").is_visible() == (size[0] >= 1400)
        if size[0] < 1400:
            tab.click("#legend-button")
        high = tab.locator("#legend").bounding_box()["height"]
        assert high <= 0.35 * tab.locator("#stage").bounding_box()["height"] + 1
        for name in ("before", "after", "difference", "compare"):
            tab.click(f"[data-tab={name}]")
            assert tab.locator("#legend").bounding_box()["height"] <= high * 1.6
            share = (
                tab.locator("#legend").bounding_box()["height"]
                / tab.locator("#stage").bounding_box()["height"]
            )
            assert share <= 0.352

    def test_the_legend_keeps_off_the_county(self, opened, file):
        tab = opened(file, WIDE)
        legend, county = (tab.locator(one).bounding_box() for one in ("#legend", "path.outline"))
        below = county["y"] + county["height"] <= legend["y"] + 2
        assert below or county["x"] >= legend["x"] + legend["width"] - 2

    def test_labels_of_small_areas_are_read_as_those_of_their_own(self, opened, run, tmp_path):
        apart = [(x, 0, x + 60, 60) for x in (0, 3000)]
        row = [(x, 3000, x + 100, 3400) for x in range(1000, 1600, 100)]
        corners = np.array(apart + row) + [5e5, 3.09e6] * 2
        frame = gpd.GeoDataFrame(
            {"name": [f"plot-{k}" for k in range(8)], "kind": "0601"},
            geometry=shapely.box(*corners.T),
            crs=EPSG,
        )
        columns = (Column("name", Text("编号", "Id")),)
        plots = replace(
            layer_of(run, "services"),
            id="plots",
            meaning="category",
            data=frame,
            value="kind",
            label="name",
            categories=(Category("0601", Text("工业用地", "Industry")),),
            columns=columns,
            focus=True,
        )
        tab = opened(written(tmp_path, run, layers=(*run.result.layers, plots)), WIDE)
        found = {one["text"]: one["box"] for one in tab.evaluate(BOXES)["labels"]}
        boxes = tab.evaluate(SHAPES, [f"plot-{k}" for k in range(8)])
        for k in (0, 1):  # beside the area, which stays seen
            assert not covering({"box": found[f"plot-{k}"]}, {"box": boxes[k]})
        assert len(found.keys() & {f"plot-{k}" for k in range(2, 8)}) > 1
        for k, (left, top, right, low) in enumerate(boxes):
            others = (box for name, box in found.items() if name != f"plot-{k}")
            middles = [((a + c) / 2, (b + d) / 2) for a, b, c, d in others]
            assert not any(left < x < right and top < y < low for x, y in middles)
        tools = next(one for one in tab.evaluate(BOXES)["controls"] if one["text"] == "tools")
        assert not any(covering({"box": one}, tools) for one in boxes)

    def test_every_layer_is_turned_off_and_seen_through_by_its_controls(self, opened, file):
        tab = opened(file, WIDE)
        controls.layers_turned(tab)
        tab.click("#layers-button")
        assert tab.locator(".opacity[aria-label*=等高线]").count() == 1
        assert tab.locator(".opacity[aria-label*=高程点]").count() == 0

    def test_the_hillshade_stands_back_where_its_cells_are_seen(self, opened, file):
        tab = opened(file, WIDE)
        faint = "Number(getComputedStyle(map_1.getPane('hillshade')).opacity)"
        assert tab.evaluate(faint) == 1
        tab.evaluate("void map_1.setZoom(17, { animate: false })")
        assert tab.evaluate(faint) == 0.4

    def test_the_legend_tells_what_is_in_view(self, opened, file, run):
        tab = opened(file, WIDE)
        assert "医院" in tab.inner_text("#legend-body")
        services = layer_of(run, "services").data.to_crs(4326)
        at = services[services["kind"] == "primary_school"].geometry.iloc[0]
        tab.evaluate("at => void map_1.setView(at, 17, { animate: false })", [at.y, at.x])
        assert "小学" in tab.inner_text("#legend-body")
        assert "医院" not in tab.inner_text("#legend-body")
        assert "出行时间" in tab.inner_text("#legend-body")

    def test_the_difference_view_tells_its_own_classes(self, opened, run, tmp_path):
        layers = tuple(
            replace(one, shown=True) if one.id == "town_time" else one for one in run.result.layers
        )
        tab = opened(written(tmp_path, run, layers=layers))
        assert "平均时间" in tab.inner_text("#legend-body") or "出行时间" in tab.inner_text(
            "#legend-body"
        )
        steps = tab.locator("#legend-body .wide li").count()
        tab.click("[data-tab=difference]")
        assert "时间变化" in tab.inner_text("#legend-body")
        assert tab.locator("#legend-body .wide").count() == 1
        assert tab.locator("#legend-body .wide li").count() == 7 != steps

    def test_the_hospital_is_seen_before_schools(self, opened, run, tmp_path):
        services = layer_of(run, "services")
        near = services.data.geometry.affine_transform(
            [0.02, 0, 0, 0.02, 0.98 * 5e5, 0.98 * 3.09e6]
        )
        layers = tuple(
            replace(one, data=one.data.set_geometry(near)) if one.id == "services" else one
            for one in run.result.layers
        )
        tab = opened(written(tmp_path, run, layers=layers), DESK)
        hidden = tab.locator("path.feature.thinned")
        few = hidden.count()
        assert few > 0
        fills = hidden.evaluate_all("all => all.map(one => one.getAttribute('fill'))")
        assert style.PLACES["hospital"] not in fills
        tab.evaluate(
            "at => void map_1.setView(at, 16, { animate: false })",
            [*near.to_crs(4326).iloc[0].coords[0]][::-1],
        )
        assert hidden.count() < few

    def test_names_numbers_and_heights_are_written_where_the_lines_are(self, opened, file):
        tab = opened(file, WIDE)
        assert tab.locator(".shield").count() > 0
        assert tab.locator(".label.height").count() > 0
        assert tab.locator(".contours").count() == 1
        tab.evaluate("void map_1.setZoom(13, { animate: false })")
        assert tab.locator(".label.number").count() > 0
        assert collisions(tab)[1] == []

    def test_words_have_contrast(self, opened, file):
        tab = opened(file, WIDE)
        tab.click("#layers-button")
        for _ in range(2):
            assert tab.evaluate(PALE) == []
            tab.click("#lang")


# Words whose contrast to what lies behind them is below 4.5; on the map that is their white halo.
PALE = """() => {
  const read = (c) => (c.match(/[\\d.]+/g) || []).map(Number);
  const lum = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)).reduce((s, v, k) => s + v * [0.2126, 0.7152, 0.0722][k], 0);
  const behind = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const c = read(getComputedStyle(at).backgroundColor);
      if (c.length === 3 || c[3] > 0.8) return c;
      if (at.matches(".leaflet-labels-pane")) return [255, 255, 255];
    }
    return [255, 255, 255];
  };
  const found = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const one = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || one.matches("script, style, noscript, .skip") || !one.checkVisibility({ visibilityProperty: true })) continue;
    const style = getComputedStyle(one);
    const ink = read(one.namespaceURI.endsWith("svg") ? style.fill : style.color);
    const [low, high] = [lum(ink), lum(behind(one))].sort((a, b) => a - b);
    const contrast = (high + 0.05) / (low + 0.05);
    if (contrast < 4.5) found.add(`${one.className.baseVal ?? one.className} ${ink.slice(0, 3)} on ${behind(one).slice(0, 3)}: ${contrast.toFixed(2)}`);
  }
  return [...found];
}"""


def opening_view(file, opened):
    """Give what lies over each other on a page as it opens, by the size of the screen."""
    bad = {}
    for size in SIZES:
        tab = opened(file, size)
        for lang in ("zh", "en"):
            if lang == "en":
                tab.click("#lang")
            _, pairs = collisions(tab)
            high, stage = (
                tab.locator(one).bounding_box()["height"] for one in ("#legend", "#stage")
            )
            share = [("legend", high / stage)] if high > 0.352 * stage else []
            bad[size, lang] = [*pairs, *share, *tab.evaluate(PALE)]
        tab.context.close()
    return {view: found for view, found in bad.items() if found}


@pytest.mark.prove
@pytest.mark.browser
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("script", SCRIPTS)
def test_every_ready_made_script_opens_clear(script, opened, ready_made, figures):
    file = ready_made(script) / "index.html"
    size = file.stat().st_size
    figures(f"{script}: page of {size:,} bytes")
    assert opening_view(file, opened) == {}
    assert size <= (3_500_000 if script == "access" else 6_000_000)
