// The layer panel, by theme.
function drawThemes() {
  const themes = new Map();
  for (const layer of D.layers.filter(listed)) {
    const key = layer.theme.join("\n");
    if (!themes.has(key)) themes.set(key, []);
    themes.get(key).push(layer);
  }
  const box = byId("themes");
  box.textContent = "";
  for (const layers of themes.values()) {
    const group = make("fieldset", "", box);
    both(make("legend", "", group), layers[0].theme);
    for (const layer of layers) {
      const entry = make("div", "layer", group);
      const row = make("label", SIDES[state].includes(layer.side) ? "" : "away", entry);
      const tick = make("input", "", row);
      tick.type = "checkbox";
      tick.checked = shown.get(layer);
      tick.dataset.layer = String(D.layers.indexOf(layer));
      tick.addEventListener("change", () => {
        turn(layer, tick.checked);
        refresh();
        for (const one of box.querySelectorAll("input[type=checkbox]")) one.checked = shown.get(D.layers[Number(one.dataset.layer)]);
      });
      both(make("span", "name", row), layer.title);
      if (tagOf(layer)) say(make("span", "tag", row), tagOf(layer));
      drawOpacity(layer, entry);
    }
  }
}

// What of a layer lies in view: the looks of its features; of a scale all, for its steps need each other.
function looksInView(layer) {
  if (layer.spots) return new Set(layer.spots.some(([lat, lng]) => map.getBounds().contains([lat, lng])) ? [0] : []);
  if (layer.kind !== "vector") return map.getBounds().intersects(layer.bounds) ? null : new Set();
  if (layer.meaning === "amount" || layer.meaning === "change" || layer.unit.some(Boolean)) return null;
  const view = map.getBounds();
  const seen = new Set();
  if (layer.packed) {
    const { box } = shapesOf(layer), look = column(layer.look, layer.count);
    const [low, high] = [view.getSouthWest(), view.getNorthEast()].map((at) => L.CRS.EPSG3857.project(at).divideBy(UNIT));
    for (let k = 0; k < layer.count; k += 1) {
      if (box[4 * k] <= high.x && box[4 * k + 2] >= low.x && box[4 * k + 1] <= high.y && box[4 * k + 3] >= low.y) seen.add(look(k));
    }
    return seen;
  }
  for (const feature of layer.features) if (!seen.has(feature.look) && view.intersects(boundsOf(feature))) seen.add(feature.look);
  return seen;
}

const boxes = new WeakMap();
function boundsOf(feature) {
  if (!boxes.has(feature)) {
    const box = L.latLngBounds([]);
    const add = (part) => (typeof part[0] === "number" ? box.extend([part[1], part[0]]) : part.forEach(add));
    (feature.geometry.geometries || [feature.geometry]).forEach((one) => add(one.coordinates));
    boxes.set(feature, box);
  }
  return boxes.get(feature);
}

// In the difference view what stands back is not what the map tells: its classes are left out.
const FADING = ["difference", "consensus", "losers"];
const faded = (layer) => FADING.includes(state) && layer.side === "both" && layer.pane === "area_both";

// The legend follows the layers that are on and what of them is in view; layers that share a legend
// stand in it once.
function drawLegend() {
  const box = byId("legend-body");
  const groups = new Map();
  for (const layer of D.layers) {
    if (!visible(layer) || !layer.legend.length || faded(layer)) continue;
    const seen = looksInView(layer);
    const entries = layer.legend.filter((entry) => !seen || entry.ramp || seen.has(entry.look));
    if (!entries.length) continue;
    const many = layer.kind !== "relief" && (layer.legend[0].ramp || layer.meaning === "amount" || layer.meaning === "change" || layer.unit.some(Boolean));
    const key = JSON.stringify(many ? [layer.legend, layer.looks, layer.unit] : [layer.theme]);
    if (!groups.has(key)) groups.set(key, { many, parts: [] });
    groups.get(key).parts.push({ layer, entries });
  }
  const told = JSON.stringify([state, lang, [...groups].map(([key, { parts }]) => [key, parts.map(({ layer, entries }) => [layer.id, layer.opacity, entries])])]);
  if (box.dataset.told !== told) {
    box.dataset.told = told;
    box.textContent = "";
    for (const group of groups.values()) drawGroup(box, group);
  }
  packLegend();
}

function drawGroup(box, { many, parts }) {
  const part = make("div", many ? "key wide" : "key", box);
  const merged = many && parts.length > 1;
  const [{ layer: first }] = parts;
  const head = make("h3", "", part);
  both(head, !many || merged ? first.theme : first.title);
  if (many) say(make("span", "unit", head), first.unit);
  const list = make("ul", "", part);
  const seen = new Set();
  for (const { layer, entries } of merged ? parts.slice(0, 1) : parts) {
    for (const entry of entries) {
      const mark = JSON.stringify([entry.title, entry.ramp, layer.looks && layer.looks[entry.look]]);
      if (seen.has(mark)) continue;
      seen.add(mark);
      if (entry.ramp) drawRamp(list, entry);
      else drawEntry(list, layer, entry);
    }
  }
  part.classList.toggle("many", list.children.length > 6);
  part.classList.toggle("crowd", list.children.length > 12);
}

// So many columns that the legend is lowest; where that is more than a quarter of the map, one
// language less, and what is then left of a third is scrolled.
const TALLEST = 0.35;
const TALL = 0.25;
const COLUMN = 166; // pixels that an entry in two languages needs
const WORTH = 12; // pixels of height that a further column has to save
function packLegend() {
  const legend = byId("legend"), body = byId("legend-body");
  const size = map.getSize();
  const room = size.x < 700 ? size.x - 24 : size.x - 250; // beside it stand scale and read-out
  legend.style.maxHeight = `${Math.floor(TALLEST * size.y)}px`;
  if (body.hidden || !size.x || document.body.classList.contains("printing")) return;
  const tall = (count, wide) => {
    body.style.columnCount = String(count);
    body.style.width = `${count * wide}px`;
    return legend.scrollHeight;
  };
  for (const tight of [false, true]) {
    legend.classList.toggle("tight", tight);
    const wide = tight ? COLUMN - 44 : COLUMN;
    const most = Math.max(Math.floor((room - 26) / wide), 1);
    let best = 1, low = tall(1, wide);
    for (let count = 2; count <= most; count += 1) {
      const high = tall(count, wide);
      if (high < low - WORTH) [best, low] = [count, high];
    }
    tall(best, wide);
    if (low <= TALL * size.y) return;
  }
}

function drawRamp(list, entry) {
  const row = make("li", "ramp", list);
  const band = make("div", "band", row);
  for (const colour of entry.ramp) make("i", "", band).style.backgroundColor = paint(colour);
  const ends = make("div", "ends", row);
  for (const end of entry.ends) make("span", "", ends).textContent = end;
}

function drawEntry(list, layer, entry) {
  const row = make("li", "", list);
  const icon = svg("svg", { viewBox: "0 0 26 14", width: 26, height: 14, "aria-hidden": "true" }, row);
  icon.style.opacity = String(Number(getComputedStyle(map.getPane(layer.pane)).opacity) * (layer.opacity === undefined ? 1 : layer.opacity));
  if (layer.meaning === "outline") {
    svg("path", { d: "M1 7H25", stroke: "#D9699A", "stroke-width": 8, "stroke-opacity": 0.28 }, icon);
    svg("path", { d: "M1 7H25", stroke: "#22303C", "stroke-width": 1.8, "stroke-dasharray": "8 3 2 3" }, icon);
  } else drawSwatch(icon, layer, layer.looks[entry.look]);
  both(make("span", "name", row), entry.title);
}

function drawSwatch(icon, layer, kept) {
  const look = brush(kept);
  const stroke = { stroke: look.color, "stroke-width": Math.min(look.weight, 4), "stroke-dasharray": look.dashArray || "none" };
  if (layer.spots) svg("circle", { cx: 13, cy: 7, r: 2, fill: "#5B4326" }, icon);
  if (layer.spots) return;
  const form = layer.kind === "relief" ? "Line" : layer.kind === "raster" || layer.packed ? "Polygon" : ((layer.features[0] || {}).geometry || {}).type || "Polygon";
  if (form.includes("Line")) {
    if (kept.casing && look.color === "#FFFFFF") svg("path", { d: "M1 7H25", fill: "none", stroke: paint(kept.casing), "stroke-width": Math.min(look.weight, 4) + 2.4 }, icon);
    svg("path", { d: "M1 7H25", fill: "none", ...stroke }, icon);
    return;
  }
  const filled = { fill: fillOf(look), "fill-opacity": look.fillOpacity, ...stroke };
  if (!form.includes("Point")) svg("rect", { x: 2, y: 1.5, width: 22, height: 11, ...filled }, icon);
  else if (SHAPE[look.shape]) svg("path", { d: shaped(look.shape, 13, 7, Math.min(look.radius, 6)), ...filled }, icon);
  else svg("circle", { cx: 13, cy: 7, r: Math.min(look.radius, 6), ...filled }, icon);
}

function startLegend() {
  map.on("moveend resize", drawLegend);
  afterLanguage.push(drawLegend);
  drawLegend();
}
