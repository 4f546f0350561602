// Labels: one that would cover a stronger one, or stand under a control, is left out until there is room.
let marks = [];
const strips = make("div", "strips");
function drawLabels() {
  for (const mark of marks) mark.marker.remove();
  marks = [];
  for (const layer of D.layers) {
    if (layer.kind !== "vector" || layer.packed || !visible(layer)) continue;
    for (const feature of layer.features) {
      if (!feature.label) continue;
      const point = feature.geometry.type.includes("Point");
      const text = make("span", `label ${point ? "point" : layer.meaning}`);
      say(text, feature.label);
      const icon = L.divIcon({ html: text, className: "spot", iconSize: [0, 0] });
      const marker = L.marker(feature.spot, { icon, pane: "labels", interactive: false, keyboard: false });
      marks.push({ marker: marker.addTo(map), text, point, layer, feature, side: layer.side === "planned" ? "after" : layer.side, wide: 0, high: 0 });
    }
  }
  marks.sort((a, b) => b.feature.priority - a.feature.priority);
  measureLabels();
}

function measureLabels() {
  for (const mark of marks) {
    mark.wide = mark.text.offsetWidth;
    mark.high = mark.text.offsetHeight;
  }
  placeLabels();
}

// Boxes of the point symbols that no label may cover, as long as they are few enough to be read.
function symbols() {
  const boxes = [];
  for (const layer of D.layers) {
    if (layer.kind !== "vector" || layer.meaning !== "place" || layer.features.length > 150 || !visible(layer)) continue;
    const kept = (shape(layer).spots || []).filter((one) => one.shape.getElement() && !one.shape.getElement().classList.contains("thinned"));
    const places = kept.length ? kept.map((one) => one.shape.getLatLng())
      : layer.features.filter((one) => one.geometry.type === "Point").map(({ geometry }) => L.latLng(geometry.coordinates[1], geometry.coordinates[0]));
    for (const place of places) {
      const at = map.latLngToContainerPoint(place);
      boxes.push([at.x - 5, at.y - 5, at.x + 5, at.y + 5, null]);
    }
  }
  return boxes;
}

// Boxes of what stands over the map: tools, legend, north arrow, scale, read-out, the swipe and its knob.
const CONTROLS = "#tools, #north, #legend, #flag-before, #flag-after, #knob, #measured, #place, .leaflet-control-scale";
function controls() {
  const frame = map.getContainer().getBoundingClientRect();
  const root = document.body.classList.contains("printing") ? map.getContainer() : byId("stage"); // tools stay off paper
  const boxes = [...root.querySelectorAll(CONTROLS)].filter((one) => one.offsetWidth || one.offsetHeight).map((one) => {
    const box = one.getBoundingClientRect();
    return [box.left - frame.left - 3, box.top - frame.top - 3, box.right - frame.left + 3, box.bottom - frame.top + 3, null];
  });
  const middle = share * map.getSize().x;
  if (state === "compare") boxes.push([middle - 3, 0, middle + 3, map.getSize().y, null]);
  return boxes;
}

// A table of boxes that are taken, with the map's own edges.
function room() {
  const size = map.getSize();
  const boxes = [...controls(), ...symbols()];
  const free = (box) => box[0] >= 2 && box[1] >= 2 && box[2] <= size.x - 2 && box[3] <= size.y - 2
    && boxes.every((one) => box[0] > one[2] || box[2] < one[0] || box[1] > one[3] || box[3] < one[1]);
  const near = (text, at, far) => boxes.some((one) => one[4] === text && Math.hypot((one[0] + one[2]) / 2 - at.x, (one[1] + one[3]) / 2 - at.y) < far);
  return { size, free, near, take: (box, text) => boxes.push([...box, text]) };
}
const offSide = (side, x, size) => state === "compare" && ((side === "before" && x > share * size.x) || (side === "after" && x < share * size.x));

function placeLabels() {
  if (!map._loaded) return;
  const taken = room();
  for (const mark of marks) placeMark(mark, taken);
  placeStrips(taken);
}

function placeMark(mark, taken) {
  const at = map.latLngToContainerPoint(mark.feature.spot);
  const { wide, high } = mark;
  const spots = mark.point
    ? [[7, -high / 2], [-wide - 7, -high / 2], [-wide / 2, -high - 6], [-wide / 2, 7], [7, -high - 3], [7, 3], [-wide - 7, -high - 3], [-wide - 7, 3]]
    : areaSpots(mark, at);
  const box = ([x, y]) => [at.x + x - 2, at.y + y - 1, at.x + x + wide + 2, at.y + y + high + 1];
  const text = mark.text.textContent;
  const spot = !offSide(mark.side, at.x, taken.size) && !taken.near(text, at, 90)
    && spots.find((one) => taken.free(box(one)));
  mark.text.style.visibility = spot ? "visible" : "hidden";
  if (!spot) return;
  mark.text.style.transform = `translate(${spot[0].toFixed(1)}px, ${spot[1].toFixed(1)}px)`;
  taken.take(box(spot), text);
}

// An area's label has its middle in the area's box; that of an area narrower than its label stands
// beside it, unless it would be read as its neighbour's: then only in it, if it is not much wider.
const SPILLS = 1.5; // times as wide as its area
function areaSpots({ layer, feature, wide, high }, at) {
  const bounds = boundsOf(feature);
  const low = map.latLngToContainerPoint(bounds.getSouthWest()).subtract(at), top = map.latLngToContainerPoint(bounds.getNorthEast()).subtract(at);
  const inside = [[0, 0], [0, -14], [0, 14], [wide / 2 + 8, 0], [-wide / 2 - 8, 0], [0, -high / 2 - 16], [0, high / 2 + 16]]
    .filter(([x, y]) => x > low.x && x < top.x && y > top.y && y < low.y);
  let beside = [];
  if (wide > top.x - low.x) {
    const middles = [[top.x + wide / 2 + 3, 0], [low.x - wide / 2 - 3, 0], [0, top.y - high / 2 - 2], [0, low.y + high / 2 + 2]];
    const corner = ([x, y], way) => map.containerPointToLatLng(at.add([x + (way * wide) / 2, y + (way * high) / 2]));
    const taken = (box) => layer.features.some((one) => one !== feature && boundsOf(one).intersects(box));
    beside = middles.filter((middle) => !taken(L.latLngBounds(corner(middle, -1), corner(middle, 1))));
  }
  const most = beside.length || wide < SPILLS * (top.x - low.x) ? [...beside, ...inside] : [];
  return most.map(([x, y]) => [x - wide / 2, y - high / 2]);
}

// What is written along lines: shields of roads, then names of waters.
const APART = { shield: 230, name: 420 }; // pixels between two of the same words
function placeStrips(taken) {
  strips.textContent = "";
  L.DomUtil.setPosition(strips, map.containerPointToLayerPoint([0, 0]));
  const along = D.layers.filter((layer) => layer.along && visible(layer)).flatMap((layer) => layer.along.map((one) => ({ ...one, side: layer.side })));
  for (const one of along.filter((each) => each.shield)) placeShields(one, taken);
  for (const one of along.filter((each) => !each.shield)) placeName(one, taken);
  placeHeights(taken);
}

function placed(text, name, at, turn) {
  const element = make("span", name, strips);
  element.textContent = text;
  element.style.transform = `translate(${at.x.toFixed(1)}px, ${at.y.toFixed(1)}px) translate(-50%, -50%) rotate(${turn.toFixed(1)}deg)`;
  return element;
}

// Half the width of words as they will be written.
const ruler = document.createElement("canvas").getContext("2d");
function halfWide(text, font) {
  ruler.font = font;
  return ruler.measureText(text).width / 2;
}
const FAMILY = '"PingFang SC", "Microsoft YaHei", "Source Han Sans SC", "Noto Sans CJK SC", "WenQuanYi Micro Hei", sans-serif';

function placeShields({ said, shield, side, lines }, taken) {
  const text = told(said);
  const wide = halfWide(text, '700 10.5px Arial, "PingFang SC", sans-serif') + 7, high = 10;
  for (const line of lines) {
    const way = walked(line);
    for (const far of outwards(way.length, 24)) {
      const at = way.at(far);
      const box = [at.x - wide, at.y - high, at.x + wide, at.y + high];
      if (offSide(side, at.x, taken.size) || taken.near(text, at, APART.shield) || !taken.free(box)) continue;
      placed(text, `shield ${shield}`, at, 0);
      taken.take(box, text);
    }
  }
}

// A name along its line: Chinese letter by letter, English as one word on a stretch that is straight.
function placeName({ said, side, lines }, taken) {
  const text = told(said);
  const letters = lang === "zh" ? [...text] : [text];
  const step = lang === "zh" ? 23 : 0, wide = lang === "zh" ? 8 : halfWide(text, `italic 600 13px ${FAMILY}`) + 2;
  for (const line of lines) {
    const way = walked(line);
    for (const far of outwards(way.length, 20)) {
      const spots = lettered(way, far, { count: letters.length, step, wide });
      if (!spots || offSide(side, spots[0].x, taken.size) || taken.near(text, spots[0], APART.name)) continue;
      const reach = (spot) => [Math.abs(wide * Math.cos(spot.turn)) + 8 * Math.abs(Math.sin(spot.turn)), 8 * Math.abs(Math.cos(spot.turn)) + Math.abs(wide * Math.sin(spot.turn))];
      const boxes = spots.map((spot) => [spot.x - reach(spot)[0], spot.y - reach(spot)[1], spot.x + reach(spot)[0], spot.y + reach(spot)[1]]);
      if (!boxes.every(taken.free)) continue;
      spots.forEach((spot, k) => { placed(letters[k], "label water along", spot, (spot.turn * 180) / Math.PI).dataset.word = text; });
      boxes.forEach((box) => taken.take(box, text));
    }
  }
}

// Where letters stand beside a line about one of its places, read from the left; nothing where it bends too much.
const BESIDE = 11;
function lettered(way, middle, { count, step, wide }) {
  const half = ((count - 1) * step) / 2 + wide;
  if (middle < half || middle > way.length - half) return null;
  const from = way.at(middle - half), to = way.at(middle + half);
  const chord = Math.hypot(to.x - from.x, to.y - from.y);
  if (chord < (count > 1 ? 1.5 : 1.9) * half) return null;
  const back = to.x < from.x;
  const turn = Math.atan2((back ? -1 : 1) * (to.y - from.y), Math.abs(to.x - from.x));
  if (Math.abs(turn) > 1.25) return null;
  return Array.from({ length: count }, (_, k) => {
    const at = way.at(middle + (back ? -1 : 1) * (k - (count - 1) / 2) * step);
    return { x: at.x + BESIDE * Math.sin(turn), y: at.y - BESIDE * Math.cos(turn), turn };
  });
}

// A line on the screen, walked from its start.
function walked(line) {
  const points = line.map((at) => map.latLngToContainerPoint(at));
  const far = [0];
  for (let k = 1; k < points.length; k += 1) far.push(far[k - 1] + points[k].distanceTo(points[k - 1]));
  const length = far[far.length - 1];
  let k = 1;
  return {
    length,
    at(where) {
      while (k > 1 && far[k - 1] > where) k -= 1;
      while (k < points.length - 1 && far[k] < where) k += 1;
      const part = (where - far[k - 1]) / (far[k] - far[k - 1] || 1);
      return L.point(points[k - 1].x + part * (points[k].x - points[k - 1].x), points[k - 1].y + part * (points[k].y - points[k - 1].y));
    },
  };
}

// Places along a length from its middle outwards, as many as a few screens hold.
function outwards(length, step) {
  const count = Math.min(Math.floor(length / 2 / step), 400);
  const found = [length / 2];
  for (let k = 1; k <= count; k += 1) found.push(length / 2 + k * step, length / 2 - k * step);
  return found;
}

function startLabels() {
  map.getPane("labels").appendChild(strips);
  map.on("zoomstart", () => { strips.textContent = ""; });
  map.on("zoomend", thinPlaces);
  map.on("zoomend moveend resize", placeLabels);
  afterLanguage.push(measureLabels, () => map.closePopup());
  thinPlaces();
  measureLabels();
}
