// Pop-ups, labels, search, measuring, read-out, export, print.
function figure(value, decimals) {
  if (value === null || value === undefined) return told(D.ui.unknown);
  if (typeof value === "boolean") return told(value ? D.ui.yes : D.ui.no);
  if (typeof value !== "number") return String(value);
  if (decimals === null || decimals === undefined) return String(Number.isInteger(value) ? value : Number(value.toPrecision(6)));
  const fixed = value.toFixed(Math.min(Math.max(decimals, 0), 12));
  const [whole, part] = fixed.split(".");
  const grouped = Math.abs(value) >= 10000 ? whole.replace(/\B(?=(\d{3})+$)/g, ",") : whole;
  return (part ? `${grouped}.${part}` : grouped).replace("-", "−");
}

const grids = new Map();
function cellAt(layer, at) {
  const grid = layer.grid;
  if (!grid) return undefined;
  if (!grids.has(layer)) {
    const raw = atob(grid.cells);
    const bytes = Uint8Array.from(raw, (c) => c.charCodeAt(0));
    grids.set(layer, new DataView(bytes.buffer));
  }
  const low = map.options.crs.project(L.latLng(layer.bounds[0]));
  const high = map.options.crs.project(L.latLng(layer.bounds[1]));
  const point = map.options.crs.project(at);
  const column = Math.floor(((point.x - low.x) / (high.x - low.x)) * grid.columns);
  const row = Math.floor(((high.y - point.y) / (high.y - low.y)) * grid.rows);
  if (row < 0 || column < 0 || row >= grid.rows || column >= grid.columns) return undefined;
  const packed = grids.get(layer).getUint16(2 * (row * grid.columns + column), true);
  return packed ? grid.low + (packed - 1) * grid.step : null;
}

function pairRow(list, words, value, unit) {
  say(make("dt", "", list), words);
  const cell = make("dd", "", list);
  make("span", "", cell).textContent = value;
  if (!unit || !unit.some(Boolean) || value === told(D.ui.unknown)) return;
  cell.append(" ");
  say(make("span", "unit", cell), unit);
}

function valuesHere(box, at) {
  const here = D.layers.filter((layer) => visible(layer) && layer.grid);
  const found = here.map((layer) => [layer, cellAt(layer, at)]).filter(([, value]) => value !== undefined);
  if (!found.length) return false;
  both(make("h4", "", box), D.ui.here);
  const list = make("dl", "", box);
  for (const [layer, value] of found) pairRow(list, layer.title, figure(value, 1), layer.unit);
  return true;
}

// Titles of codes, by the column that holds them; maps, for codes may be any words.
const codeTitles = new Map(Object.entries(D.codes).map(([name, list]) => [name, new Map(list.map(([code, ...title]) => [code, title]))]));

function codeRow(list, column, value) {
  const titles = codeTitles.get(column.name);
  const title = titles && titles.get(value);
  if (!title || title.includes(value)) return false;
  say(make("dt", "", list), column.title);
  const cell = make("dd", "", list);
  const number = /^\d/.test(value);
  if (number) make("span", "", cell).textContent = `${value} `;
  say(make("span", "", cell), title);
  if (!number) make("span", "unit", cell).textContent = ` ${value}`;
  return true;
}

// Why? A feature's values, the rules that bind it, and where it comes from.
function explain(layer, feature, at) {
  const box = make("div", "why");
  const head = make("h3", "", box);
  if (feature.label) say(head, feature.label);
  else say(head, layer.title);
  say(make("p", "kind", box), feature.label ? layer.title : layer.theme);
  const list = make("dl", "", box);
  pairRow(list, D.ui.identity, feature.id);
  layer.columns.forEach((column, place) => {
    if (codeRow(list, column, feature.values[place])) return;
    pairRow(list, column.title, figure(feature.values[place], column.decimals), column.unit);
  });
  if (layer.packed) outlinesHere(list, at, layer);
  valuesHere(box, at);
  const own = layer.bindings[feature.bound || 0].filter((one) => !layer.rules.includes(one));
  if (layer.rules.length || own.length) {
    both(make("h4", "", box), D.ui.rules);
    for (const one of [...own, ...layer.rules]) drawRule(box, D.rules[one] || { id: one, title: ["", ""], document: "", clause: "", status: "unknown" });
  }
  if (layer.sources.length) {
    both(make("h4", "", box), D.ui.source);
    for (const place of layer.sources) drawSource(box, D.sources[place]);
  }
  open(box, at);
}

function drawRule(box, rule) {
  const line = make("p", "rule", box);
  if (rule.title.some(Boolean)) say(make("span", "title", line), rule.title);
  make("b", "", line).textContent = rule.id;
  make("span", "", line).textContent = ` ${rule.document} ${rule.clause} `;
  say(make("span", `standing ${rule.status === "verified" ? "good" : ""}`, line), D.ui[rule.status] || rule.status);
}

function drawSource(box, source) {
  const line = make("p", "source", box);
  say(make("b", "", line), source.title);
  const rest = (place) => [source.publisher, source.licence, source.retrieved].map((one) => one[place]).filter(Boolean).join(" · ");
  say(make("span", "", line), [` ${rest(0)} `, ` ${rest(1)} `]);
  say(make("span", "standing", line), source.quality);
}

function open(box, at) {
  const popup = L.popup({ maxWidth: 330, minWidth: 220, maxHeight: Math.max(180, Math.min(map.getSize().y - 160, 400)), autoPanPaddingTopLeft: [byId("layers").hidden && byId("search").hidden ? 54 : 352, 20], autoPanPaddingBottomRight: [20, 20] });
  popup.setLatLng(at).setContent(box).openOn(map);
  const close = popup.getElement().querySelector(".leaflet-popup-close-button");
  if (close) say(close, D.ui.close, "hint");
}

map.on("click", (event) => {
  if (measuring()) return;
  const parcel = parcelSeen(event.latlng);
  if (parcel) {
    explain(parcel.layer, parcel.feature, event.latlng);
    return;
  }
  const box = make("div", "why");
  if (valuesHere(box, event.latlng)) open(box, event.latlng);
});

// Labels: one that would cover a stronger one is left out until there is room.
let marks = [];
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
      marks.push({ marker: marker.addTo(map), text, point, feature, side: layer.side, wide: 0, high: 0 });
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
    for (const { geometry } of layer.features) {
      if (geometry.type !== "Point") continue;
      const at = map.latLngToContainerPoint([geometry.coordinates[1], geometry.coordinates[0]]);
      boxes.push([at.x - 5, at.y - 5, at.x + 5, at.y + 5, null]);
    }
  }
  return boxes;
}

function placeLabels() {
  const size = map.getSize();
  const taken = symbols();
  for (const mark of marks) {
    const at = map.latLngToContainerPoint(mark.feature.spot);
    const { wide, high } = mark;
    const spots = mark.point
      ? [[7, -high / 2], [-wide - 7, -high / 2], [-wide / 2, -high - 5], [-wide / 2, 6]]
      : [[-wide / 2, -high / 2], [-wide / 2, -high / 2 - 14], [-wide / 2, -high / 2 + 14]];
    const inside = at.x > -50 && at.y > -50 && at.x < size.x + 50 && at.y < size.y + 50;
    const away = state === "compare" && ((mark.side === "before" && at.x > share * size.x) || (mark.side === "after" && at.x < share * size.x));
    const free = inside && !away && spots.find(([x, y]) => taken.every((box) => at.x + x > box[2] || at.x + x + wide < box[0] || at.y + y > box[3] || at.y + y + high < box[1]));
    const same = taken.some((box) => box[4] === mark.text.textContent && Math.hypot(box[0] - at.x, box[1] - at.y) < 90);
    mark.text.style.visibility = free && !same ? "visible" : "hidden";
    if (!free || same) continue;
    mark.text.style.transform = `translate(${free[0].toFixed(1)}px, ${free[1].toFixed(1)}px)`;
    taken.push([at.x + free[0] - 2, at.y + free[1] - 1, at.x + free[0] + wide + 2, at.y + free[1] + high + 1, mark.text.textContent]);
  }
}

function startLabels() {
  map.on("zoomend moveend resize", placeLabels);
  afterLanguage.push(measureLabels, () => map.closePopup());
}

// Search by name or id.
function startSearch() {
  const query = byId("query");
  const list = byId("found");
  let hits = [];
  let chosen = -1;
  let entries = null;
  function listed() {
    const found = [];
    const seen = new Set(); // layers that share shapes and cells are searched once
    for (const layer of D.layers) {
      const key = layer.packed ? JSON.stringify([layer.shapes, layer.ids, layer.cells]) : layer.id;
      if (layer.kind !== "vector" || layer.meaning === "outline" || seen.has(key)) continue;
      seen.add(key);
      for (const feature of layer.features) {
        const texts = [feature.id, ...(feature.label || []), ...feature.values.filter((v) => typeof v === "string")];
        found.push({ layer, feature, text: texts.join("\n").toLowerCase() });
      }
    }
    return found;
  }
  function mark() {
    [...list.children].forEach((row, place) => row.setAttribute("aria-selected", String(place === chosen)));
    if (chosen >= 0) query.setAttribute("aria-activedescendant", `hit-${chosen}`);
    else query.removeAttribute("aria-activedescendant");
  }
  function look() {
    const wanted = query.value.trim().toLowerCase();
    list.textContent = "";
    chosen = -1;
    entries = entries || listed();
    hits = [];
    for (let k = 0; wanted && k < entries.length && hits.length < 12; k += 1) if (entries[k].text.includes(wanted)) hits.push(entries[k]);
    query.setAttribute("aria-expanded", String(hits.length > 0));
    hits.forEach((hit, place) => {
      const row = make("li", "", list);
      row.id = `hit-${place}`;
      row.setAttribute("role", "option");
      say(make("b", "", row), hit.feature.label || hit.feature.id);
      say(make("span", "", row), hit.layer.title);
      row.addEventListener("click", () => go(hit));
    });
    if (wanted && !hits.length) say(make("li", "none", list), D.ui.nothing);
    mark();
  }
  function go(hit) {
    shown.set(hit.layer, true);
    if (!SIDES[state].includes(hit.layer.side)) enter(hit.layer.side);
    refresh();
    drawThemes();
    const box = L.geoJSON(hit.feature.geometry).getBounds();
    const placed = box.isValid();
    if (placed) map.fitBounds(box, { maxZoom: hit.layer.packed ? 15.5 : 13, padding: [60, 60] });
    const at = hit.feature.spot ? L.latLng(hit.feature.spot) : placed ? box.getCenter() : map.getCenter();
    light(hit.layer, [hit.feature.id]);
    explain(hit.layer, hit.feature, at);
  }
  query.addEventListener("input", look);
  query.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && hits.length) {
      chosen = (chosen + step + hits.length) % hits.length;
      event.preventDefault();
      mark();
    }
    if (event.key === "Enter" && hits.length) go(hits[Math.max(chosen, 0)]);
  });
}

// Lit features: drawn once more above everything, in a colour no layer uses.
let lit = null;
function light(layer, ids) {
  if (lit) lit.remove();
  lit = null;
  if (!layer || layer.kind !== "vector") return 0;
  const wanted = new Set(ids);
  if (layer.packed) {
    const places = [...layer.features.keys()].filter((k) => !wanted.size || wanted.has(layer.features[k].id));
    lit = L.layerGroup(litParcels(layer, places)).addTo(map);
    return places.length;
  }
  const features = layer.features.filter((one) => !wanted.size || wanted.has(one.id));
  const data = { type: "FeatureCollection", features: features.map((one) => ({ type: "Feature", properties: {}, geometry: one.geometry })) };
  const style = (color, weight, className) => ({ pane: "highlight", interactive: false, color, weight, fillColor: "#F0C75E", fillOpacity: 0.22, radius: 8, className });
  const part = (color, weight, name) => L.geoJSON(data, {
    pane: "highlight", interactive: false, style: () => style(color, weight, name),
    pointToLayer: (feature, at) => L.circleMarker(at, style(color, weight, name)),
  });
  lit = L.layerGroup([part("#22303C", 5, "lit-edge"), part("#F0C75E", 2.6, "lit")]).addTo(map);
  return features.length;
}

// Measuring on the ellipsoid's local radii: right to about one part in ten thousand across a county.
const measure = { on: false, done: false, points: [], line: null };
const measuring = () => measure.on;

function metres(points) {
  const a = 6378137, e2 = 0.00669437999014;
  const middle = (points.reduce((sum, p) => sum + p.lat, 0) / points.length) * Math.PI / 180;
  const w = Math.sqrt(1 - e2 * Math.sin(middle) ** 2);
  const north = (a * (1 - e2)) / w ** 3 * Math.PI / 180;
  const east = a / w * Math.cos(middle) * Math.PI / 180;
  return points.map((p) => [p.lng * east, p.lat * north]);
}

function measured(points) {
  let length = 0, twice = 0;
  if (points.length < 2) return { length, area: 0 };
  const xy = metres(points);
  for (let k = 1; k < xy.length; k += 1) length += Math.hypot(xy[k][0] - xy[k - 1][0], xy[k][1] - xy[k - 1][1]);
  xy.forEach(([x, y], k) => {
    const [u, v] = xy[(k + 1) % xy.length];
    twice += (x - xy[0][0]) * (v - xy[0][1]) - (u - xy[0][0]) * (y - xy[0][1]);
  });
  return { length, area: points.length > 2 ? Math.abs(twice) / 2 : 0 };
}

function drawMeasure() {
  if (measure.line) measure.line.remove();
  const style = { pane: "highlight", color: "#B5179E", weight: 2.4, dashArray: "5 4", fillOpacity: 0.12, interactive: false, className: "measure" };
  measure.line = (measure.points.length > 2 ? L.polygon : L.polyline)(measure.points, style).addTo(map);
  const box = byId("measured");
  box.hidden = !measure.on;
  const { length, area } = measured(measure.points);
  if (!length) {
    say(box, D.ui.measure_hint);
    return;
  }
  const long = length < 10000 ? `${length.toFixed(1)} m` : `${(length / 1000).toFixed(3)} km`;
  const wide = (zh) => `${(area / 10000).toFixed(2)} ${zh ? "公顷" : "ha"} = ${(area / 10000 * 15).toFixed(1)} ${zh ? "亩" : "mu"}`;
  say(box, [
    `${D.ui.length[0]} ${long}${area ? ` · ${D.ui.area[0]} ${wide(true)}` : ""}`,
    `${D.ui.length[1]} ${long}${area ? ` · ${D.ui.area[1]} ${wide(false)}` : ""}`,
  ]);
}

function startMeasure() {
  const button = byId("measure-button");
  function turn(on) {
    Object.assign(measure, { on, done: false, points: [] });
    button.setAttribute("aria-pressed", String(on));
    map.getContainer().classList.toggle("measuring", on);
    map.doubleClickZoom[on ? "disable" : "enable"]();
    map.closePopup();
    drawMeasure();
  }
  button.addEventListener("click", () => turn(!measure.on));
  map.on("click", (event) => {
    if (!measure.on) return;
    if (measure.done) Object.assign(measure, { done: false, points: [] });
    const last = measure.points[measure.points.length - 1];
    if (!last || !last.equals(event.latlng)) measure.points.push(event.latlng);
    drawMeasure();
  });
  map.on("dblclick", () => { measure.done = true; });
  document.addEventListener("keydown", (event) => {
    if (!measure.on) return;
    if (event.key === "Enter") measure.done = true;
    if (event.key === "Escape") turn(false);
  });
}

function startReadout() {
  const place = byId("place");
  let last = null;
  const tell = (event) => {
    if (event && event.latlng) last = event.latlng;
    if (!last) last = map.getCenter();
    place.textContent = `${told(D.ui.lon)} ${last.lng.toFixed(5)}°E  ${told(D.ui.lat)} ${last.lat.toFixed(5)}°N`;
  };
  map.on("mousemove click", tell);
  afterLanguage.push(tell);
  tell();
}

function startExport() {
  say(byId("export"), D.ui.export);
  byId("export").title = D.ui.export_hint.join("\n");
  byId("export").addEventListener("click", () => {
    const features = [];
    for (const layer of D.layers) {
      if (layer.kind !== "vector" || !visible(layer)) continue;
      for (const one of layer.features) {
        const properties = { layer: layer.title[0] };
        layer.columns.forEach((column, place) => { properties[told(column.title)] = one.values[place]; });
        features.push({ type: "Feature", id: one.id, properties, geometry: one.geometry });
      }
    }
    const text = JSON.stringify({ type: "FeatureCollection", features });
    const link = make("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/geo+json" }));
    link.download = `${D.key.replace(/[^\w-]/g, "_").slice(0, 40) || "run"}.geojson`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
}

// What a printed column cannot hold whole is left out and counted, never cut.
function fitPrinted(column, items) {
  const edge = column.getBoundingClientRect().bottom - 6;
  const low = (item) => item.getBoundingClientRect().bottom;
  if (items.every((item) => low(item) <= edge)) return;
  const over = items.slice(items.findIndex((item) => low(item) > edge - 18));
  const note = make(over[0].tagName === "LI" ? "li" : "p", "rest");
  over[0].before(note);
  over.forEach((item) => item.classList.add("over"));
  say(note, D.ui.hidden_more.map((words) => words.replace("0", over.length)));
}

function printedWhole() {
  const all = (...selectors) => selectors.flatMap((one) => [...document.querySelectorAll(one)]).filter((one) => one.offsetHeight);
  fitPrinted(byId("left"), all("#cards > *", "#gaps li"));
  fitPrinted(byId("right"), all("#checks li", "#charts > [open]"));
}

function printedNoMore() {
  for (const one of document.querySelectorAll(".over")) one.classList.remove("over");
  for (const one of document.querySelectorAll(".rest")) one.remove();
}

// Print: the page takes the shape of an A3 sheet first, so that the map is drawn for it.
function startPrint() {
  const corner = map.getContainer().querySelector(".leaflet-bottom.leaflet-right");
  const before = () => {
    if (document.body.classList.contains("printing")) return;
    document.body.classList.add("printing");
    byId("printed").textContent = new Date().toISOString().slice(0, 10);
    map.closePopup();
    printedWhole();
    map.invalidateSize({ animate: false, pan: false });
    if (ways.length) fitProfile();
    const high = byId("legend").offsetHeight + 12;
    corner.style.bottom = `${high}px`;
    map.fitBounds(focus, { animate: false, paddingTopLeft: [12, 12], paddingBottomRight: [12, high + 12] });
    clip();
  };
  const after = () => {
    document.body.classList.remove("printing");
    printedNoMore();
    corner.style.bottom = "";
    map.invalidateSize({ animate: false, pan: false });
    if (ways.length) fitProfile();
    fitFocus();
  };
  window.addEventListener("beforeprint", before);
  window.addEventListener("afterprint", after);
  byId("print").addEventListener("click", () => {
    before();
    window.print();
  });
}
