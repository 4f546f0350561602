// The map on paper: a round scale, the graticule around it, the scale bar, where the extent lies in the county.
const PIXEL_M = 0.0254 / 96;
const PIXEL_MM = 1000 * PIXEL_M;
const SEMI_MAJOR = 6378137, ECCENTRICITY_2 = 0.00669437999;
const ROUND = [1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 7.5, 8];

// Ground metres of a pixel in the middle of the map: Mercator on the sphere, the earth an ellipsoid of mean curvature.
function groundMetres(lat, zoom) {
  const radians = (lat * Math.PI) / 180;
  const mean = Math.sqrt(1 - ECCENTRICITY_2) / (1 - ECCENTRICITY_2 * Math.sin(radians) ** 2);
  return (2 * Math.PI * SEMI_MAJOR * Math.cos(radians) * mean) / (256 * 2 ** zoom);
}

const ratioAt = (lat, zoom) => groundMetres(lat, zoom) / PIXEL_M;

function roundUp(value, steps) {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = steps.find((one) => one * power >= value * (1 - 1e-9));
  return step === undefined ? 10 * power : step * power;
}

// Shows a box in the whole of the map at the largest round scale; gives the ratio's second figure.
function toScale(box) {
  const project = (at) => L.CRS.EPSG3857.latLngToPoint(at, 0);
  const low = project(box.getSouthWest()), high = project(box.getNorthEast());
  const size = map.getSize();
  const fits = Math.log2(Math.min(size.x / Math.max(high.x - low.x, 1e-9), size.y / Math.max(low.y - high.y, 1e-9)));
  const centre = L.CRS.EPSG3857.pointToLatLng(low.add(high).divideBy(2), 0);
  const ratio = Math.max(roundUp(ratioAt(centre.lat, Math.min(fits, 19)), ROUND), 500);
  map.setView(centre, Math.log2(ratioAt(centre.lat, 0) / ratio), { animate: false });
  return ratio;
}

const grouped = (value) => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, " ");
const ratioWords = (ratio) => `1:${grouped(ratio)}`;

const ARC = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 18000, 36000, 108000];
function arcWords(seconds, step, [plus, minus]) {
  const whole = Math.abs(Math.round(seconds));
  const two = (value) => String(value).padStart(2, "0");
  const fine = step < 60 ? `${two(whole % 60)}″` : "";
  return `${Math.floor(whole / 3600)}°${two(Math.floor(whole / 60) % 60)}′${fine}${seconds < 0 ? minus : plus}`;
}

// Ticks with longitude and latitude on all four sides, small crosses where the lines would meet.
const LINES = 3; // of the graticule at least, along the shorter side
const EDGE = 19; // pixels that the neat line stands in from the frame
function drawGraticule(frame) {
  const size = map.getSize();
  const over = svg("svg", { class: "graticule", width: size.x + 2 * EDGE, height: size.y + 2 * EDGE }, frame);
  const west = map.containerPointToLatLng([0, 0]), east = map.containerPointToLatLng([size.x, size.y]);
  const arcs = 3600 * (size.x < size.y ? east.lng - west.lng : west.lat - east.lat);
  const step = ARC.filter((one) => one <= arcs / LINES).pop() || ARC[0];
  const between = (low, high) => {
    const found = [];
    for (let k = Math.ceil((3600 * low) / step); k * step <= 3600 * high; k += 1) found.push(k * step);
    return found;
  };
  const columns = between(west.lng, east.lng).map((arc) => [map.latLngToContainerPoint([west.lat, arc / 3600]).x + EDGE, arcWords(arc, step, ["E", "W"])]);
  const rows = between(east.lat, west.lat).map((arc) => [map.latLngToContainerPoint([arc / 3600, west.lng]).y + EDGE, arcWords(arc, step, ["N", "S"])]);
  const tell = (x, y, words, turn) => { svg("text", { x, y, transform: turn ? `rotate(-90 ${x} ${y})` : "", "text-anchor": "middle" }, over).textContent = words; };
  const right = size.x + EDGE, low = size.y + EDGE;
  let ticks = "", crosses = "";
  for (const [x, words] of columns) {
    ticks += `M${x} ${EDGE}v-5M${x} ${low}v5`;
    if (x < EDGE + 40 || x > right - 40) continue;
    tell(x, EDGE - 7, words, false);
    tell(x, low + 14, words, false);
  }
  for (const [y, words] of rows) {
    ticks += `M${EDGE} ${y}h-5M${right} ${y}h5`;
    for (const [x] of columns) crosses += `M${x - 5} ${y}h10M${x} ${y - 5}v10`;
    if (y < EDGE + 40 || y > low - 40) continue;
    tell(EDGE - 7, y, words, true);
    tell(right + 14, y, words, true);
  }
  svg("path", { d: crosses, class: "crosses" }, over);
  svg("path", { d: ticks }, over);
}

// Two bars, black and white, of a round length; their ends are named.
const LONGEST_BAR = 0.042; // metres on paper
function drawScaleBar(parent, ratio) {
  const box = make("div", "scale-words", parent);
  const line = make("p", "", box);
  say(make("b", "", line), D.ui.scale);
  make("span", "ratio", line).textContent = ratioWords(ratio);
  say(make("span", "second", line), D.ui.at_a3);
  const most = LONGEST_BAR * ratio;
  const power = 10 ** Math.floor(Math.log10(most));
  const length = [5, 4, 2, 1].find((one) => one * power <= most) * power;
  const wide = length / ratio / PIXEL_M;
  const drawing = svg("svg", { class: "scale-bar", width: wide + 58, height: 27, "data-metres": length }, box);
  const unit = length >= 2000 ? 1000 : 1;
  for (let k = 0; k < 4; k += 1) svg("rect", { x: 12 + (k * wide) / 4, y: 3, width: wide / 4, height: 5, fill: k % 2 ? "#FFFFFF" : "#22303C", stroke: "#22303C", "stroke-width": 0.8 }, drawing);
  for (const share of [0, 0.5, 1]) {
    svg("text", { x: 12 + share * wide, y: 22, "text-anchor": "middle" }, drawing).textContent = String((share * length) / unit);
  }
  svg("text", { x: 12 + wide + 20, y: 22 }, drawing).textContent = unit === 1000 ? "km" : "m";
}

// The county's outline, small, with what the sheet shows of it.
const LOCATOR = { wide: 150, high: 128 };
function drawLocator(parent) {
  const layer = D.layers.find((one) => one.meaning === "outline" && one.kind === "vector");
  if (!layer) return;
  const project = (lng, lat) => L.CRS.EPSG3857.latLngToPoint(L.latLng(lat, lng), 8);
  const low = project(county.getWest(), county.getSouth()), high = project(county.getEast(), county.getNorth());
  const scale = Math.min((LOCATOR.wide - 12) / (high.x - low.x), (LOCATOR.high - 12) / (low.y - high.y));
  const place = (lng, lat) => {
    const at = project(lng, lat);
    return [LOCATOR.wide / 2 + scale * (at.x - (low.x + high.x) / 2), LOCATOR.high / 2 + scale * (at.y - (low.y + high.y) / 2)];
  };
  const drawing = svg("svg", { class: "locator", width: LOCATOR.wide, height: LOCATOR.high, viewBox: `0 0 ${LOCATOR.wide} ${LOCATOR.high}` }, parent);
  let path = "";
  for (const { geometry } of layer.features) {
    const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
    for (const ring of polygons.flat()) path += `${ring.map(([x, y], k) => `${k ? "L" : "M"}${place(x, y).map((v) => v.toFixed(1)).join(" ")}`).join("")}Z`;
  }
  svg("path", { d: path, class: "land" }, drawing);
  const view = map.getBounds();
  const inside = ([x, y]) => [Math.min(Math.max(x, 1), LOCATOR.wide - 1), Math.min(Math.max(y, 1), LOCATOR.high - 1)];
  const [left, top] = inside(place(view.getWest(), view.getNorth()));
  const [right, bottom] = inside(place(view.getEast(), view.getSouth()));
  svg("rect", { x: left, y: top, width: Math.max(right - left, 3), height: Math.max(bottom - top, 3), class: "extent" }, drawing);
}
