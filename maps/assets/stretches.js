// Places that figures and verdicts speak of: stretches of a road by chainage, features of a layer.
const STATION = /^\s*(?:(.*?)\s+)?k?\s*(\d+)\+(\d{1,3}(?:\.\d+)?)\s*$/i;
const LEAST_M = 40; // a shorter stretch is drawn as long, so that it is seen
const wayOf = (wanted) => ways.findIndex((way) => way.code === wanted);

// The place on a road at a chainage, between its stations.
function spotAt(way, metres) {
  const { chainage, spots } = way;
  let k = chainage.findIndex((one) => one >= metres);
  if (k < 0) return spots[spots.length - 1];
  if (k === 0) return spots[0];
  k -= 1;
  const part = (metres - chainage[k]) / (chainage[k + 1] - chainage[k] || 1);
  return [0, 1].map((axis) => spots[k][axis] + part * (spots[k + 1][axis] - spots[k][axis]));
}

// From and to, at least as long as is seen, within the road.
function seenStretch(way, [from, to]) {
  const middle = (from + to) / 2;
  const half = Math.max(to - from, LEAST_M) / 2;
  return [Math.max(middle - half, way.chainage[0]), Math.min(middle + half, way.chainage[way.chainage.length - 1])];
}

function lineAlong(way, [from, to]) {
  const between = way.spots.filter((_, k) => way.chainage[k] > from && way.chainage[k] < to);
  return [spotAt(way, from), ...between, spotAt(way, to)];
}

// Light stretches on the map and in the profile; the map goes there.
function lightStretches(stretches) {
  const place = wayOf(code());
  if (place < 0) return;
  const way = ways[place];
  const whole = stretches.map((one) => seenStretch(way, one));
  const lines = whole.map((one) => lineAlong(way, one));
  const still = { pane: "highlight", interactive: false };
  const drawnLines = [["#22303C", 10, "lit-edge"], ["#F0C75E", 6, "lit"]].map(([color, weight, className]) =>
    L.polyline(lines, { ...still, color, weight, className, lineCap: "butt" }));
  const rings = lines.map((line) => L.circleMarker(line[Math.floor(line.length / 2)], { ...still, radius: 13, color: "#22303C", weight: 2, fill: false, className: "lit-ring" }));
  lit = L.layerGroup([...drawnLines, ...rings]).addTo(map);
  litSide = "planned";
  showWay(place);
  bandStretches(place, whole);
  toStation(nearestStation(way, ((stretches[0][0] + stretches[0][1]) / 2 - way.chainage[0]) / (way.chainage[way.chainage.length - 1] - way.chainage[0] || 1)), false);
  goTo(L.latLngBounds(lines.flat()));
}

function bandStretches(place, stretches) {
  const way = ways[place];
  const cross = frameOf(place).querySelector(".cross");
  const length = way.chainage[way.chainage.length - 1] - way.chainage[0] || 1;
  for (const [from, to] of stretches) {
    const share = (metres) => `${((100 * (metres - way.chainage[0])) / length).toFixed(3)}%`;
    const band = svg("rect", { class: "lit-band", x: share(from), width: `${((100 * (to - from)) / length).toFixed(3)}%`, height: "100%" });
    cross.prepend(band);
  }
}

// Nothing is lit any more.
function dark() {
  light(null, []);
  litSide = "";
  if (ways.length) leaveStation();
  for (const band of document.querySelectorAll(".lit-band")) band.remove();
  if (pressed) pressed.setAttribute("aria-pressed", "false");
  pressed = null;
}

function goTo(box) {
  if (!box.isValid()) return;
  fitBox(box.pad(0.2));
  if (map.getZoom() > 16) map.setZoom(16, { animate: false });
}

// What is lit of a layer lies in this box.
function boxOf(layer, ids) {
  const wanted = new Set(ids);
  const box = L.latLngBounds([]);
  if (layer.packed) {
    const { box: ends } = shapesOf(layer);
    for (const k of layer.features.keys()) {
      if (wanted.size && !wanted.has(layer.features[k].id)) continue;
      const corner = (x, y) => map.options.crs.unproject(L.point(x * UNIT, y * UNIT));
      if (ends[4 * k] <= ends[4 * k + 2]) box.extend(corner(ends[4 * k], ends[4 * k + 1])).extend(corner(ends[4 * k + 2], ends[4 * k + 3]));
    }
    return box;
  }
  for (const one of layer.features) if (!wanted.size || wanted.has(one.id)) box.extend(L.geoJSON(one.geometry).getBounds());
  return box;
}

const hasPlace = (entry) => Boolean(((entry.stretches || []).length && wayOf(code()) >= 0) || layerNamed(entry.layer));

// Show what an entry speaks of: its stretches, else its features.
function showLit(entry) {
  light(null, []);
  for (const band of document.querySelectorAll(".lit-band")) band.remove();
  if ((entry.stretches || []).length && wayOf(code()) >= 0) {
    enterFor("planned");
    lightStretches(entry.stretches);
    return;
  }
  const layer = layerNamed(entry.layer);
  if (!layer) return;
  enterFor(layer.side, layer);
  turn(layer, true);
  refresh();
  drawThemes();
  light(layer, entry.features);
  litSide = layer.side;
  clip();
  goTo(boxOf(layer, entry.features));
}

// Go to a station of a road: its profile, its mark, the map near it.
function goToStation(place, metres) {
  const way = ways[place];
  const last = way.chainage.length - 1;
  chooseCode(way.code);
  enterFor("planned");
  showWay(place);
  toStation(nearestStation(way, (metres - way.chainage[0]) / (way.chainage[last] - way.chainage[0] || 1)), false);
  profile.mark.setLatLng(spotAt(way, metres));
  map.setView(spotAt(way, metres), Math.max(map.getZoom(), 15), { animate: false });
}

// Stations that a search means, as hits of the search: of the road chosen, then of the others.
function stationsNamed(text) {
  const found = STATION.exec(text);
  if (!found || !ways.length) return [];
  const metres = 1000 * Number(found[2]) + Number(found[3]);
  const wanted = (found[1] || "").toLowerCase();
  const meant = (way) => !wanted || [way.code, ...way.title].some((one) => one.toLowerCase().includes(wanted));
  const there = (way) => metres >= way.chainage[0] - 0.5 && metres <= way.chainage[way.chainage.length - 1] + 0.5;
  const order = [...new Set([Math.max(wayOf(code()), 0), ...ways.keys()])];
  return order.filter((place) => meant(ways[place]) && there(ways[place])).map((place) => {
    const post = chainageWords(metres);
    return { layer: { title: ways[place].title }, feature: { id: post, label: [post, post] }, go: () => goToStation(place, metres) };
  });
}

// A cell that holds a station goes there.
function linkStation(cell, value, owner) {
  const found = typeof value === "string" ? /^K(\d+)\+(\d{3}(?:\.\d+)?)$/.exec(value) : null;
  const place = owner === undefined ? (ways.length === 1 ? 0 : -1) : wayOf(owner);
  if (!found || place < 0) return false;
  const button = make("button", "post", cell);
  button.type = "button";
  button.textContent = value;
  say(button, D.ui.to_station, "hint");
  button.setAttribute("aria-label", `${value} · ${told(D.ui.to_station)}`);
  button.addEventListener("click", () => goToStation(place, 1000 * Number(found[1]) + Number(found[2])));
  return true;
}
