// Pop-ups: a place's values, a feature's values, what binds it and where it comes from.
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

function pairRow(list, words, value, unit, english) {
  say(make("dt", "", list), words);
  const cell = make("dd", "", list);
  if (english) say(make("span", "", cell), [value, english]);
  else make("span", "", cell).textContent = value;
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
  if (!title) return false;
  say(make("dt", "", list), column.title);
  const cell = make("dd", "", list);
  if (/^\d\w{1,5}$/.test(value)) make("span", "", cell).textContent = `${value} `; // a land-use code
  say(make("span", "", cell), title);
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
  const named = new Map(layer.columns.map((column, place) => [column.name, feature.values[place]]));
  const english = new Set(layer.columns.map((column) => column.english));
  layer.columns.forEach((column, place) => {
    if (english.has(column.name) || codeRow(list, column, feature.values[place])) return;
    pairRow(list, column.title, figure(feature.values[place], column.decimals), column.unit, named.get(column.english));
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
  const left = byId("layers").hidden && byId("search").hidden ? 54 : 352;
  const right = 60; // the north arrow
  const room = map.getSize();
  const popup = L.popup({
    maxWidth: Math.max(220, Math.min(room.x - left - right - 40, 330)), minWidth: 220,
    maxHeight: Math.max(180, Math.min(room.y - 160, 400)),
    autoPanPaddingTopLeft: [left, 20], autoPanPaddingBottomRight: [right, 20],
  });
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
