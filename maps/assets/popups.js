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
function cellsOf(grid) {
  const raw = atob(grid.cells);
  const bytes = new DataView(Uint8Array.from(raw, (c) => c.charCodeAt(0)).buffer);
  return (place) => bytes.getUint16(2 * place, true);
}

function cellAt(layer, at) {
  const grid = layer.grid;
  if (!grid) return undefined;
  if (!grids.has(layer)) grids.set(layer, grid.kept ? column(grid.kept, grid.rows * grid.columns) : cellsOf(grid));
  const low = map.options.crs.project(L.latLng(layer.bounds[0]));
  const high = map.options.crs.project(L.latLng(layer.bounds[1]));
  const point = map.options.crs.project(at);
  const across = Math.floor(((point.x - low.x) / (high.x - low.x)) * grid.columns);
  const row = Math.floor(((high.y - point.y) / (high.y - low.y)) * grid.rows);
  if (row < 0 || across < 0 || row >= grid.rows || across >= grid.columns) return undefined;
  const packed = grids.get(layer)(row * grid.columns + across);
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

// An area of a hectare or more, as planners read it: 公顷 and 亩.
function largeArea(list, words, hectares) {
  say(make("dt", "", list), words);
  const [ha, mu] = [figure(hectares, 2), figure(hectares * 15, 1)];
  say(make("dd", "", list), [`${ha} 公顷（${mu} 亩）`, `${ha} ha (${mu} mu)`]);
}

function valuesHere(box, at) {
  const here = D.layers.filter((layer) => visible(layer) && layer.grid);
  const found = here.map((layer) => [layer, cellAt(layer, at)]).filter(([, value]) => value !== undefined);
  if (!found.length) return false;
  both(make("h4", "", box), D.ui.here);
  const list = make("dl", "", box);
  for (const [layer, value] of found) pairRow(list, titleOf(layer), figure(value, 1), layer.unit);
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
  say(make("p", "kind", box), feature.label ? titleOf(layer) : layer.theme);
  const figures = make("div", "part", box);
  const list = make("dl", "values", figures);
  pairRow(list, D.ui.identity, feature.id);
  const named = new Map(layer.columns.map((column, place) => [column.name, feature.values[place]]));
  const english = new Set(layer.columns.map((column) => column.english));
  layer.columns.forEach((column, place) => {
    if (english.has(column.name) || codeRow(list, column, feature.values[place])) return;
    const value = feature.values[place];
    if (column.area && Math.abs(value) >= 10000) largeArea(list, column.title, value / 10000);
    else pairRow(list, column.title, figure(value, column.decimals), column.unit, named.get(column.english));
  });
  if (layer.packed) outlinesHere(list, at, layer);
  valuesHere(figures, at);
  const ground = make("div", "part ground", box);
  const own = layer.bindings[feature.bound || 0].filter((one) => !layer.rules.includes(one));
  if (layer.rules.length || own.length) {
    both(make("h4", "", ground), D.ui.rules);
    for (const one of [...own, ...layer.rules]) drawRule(ground, D.rules[one] || { id: one, title: ["", ""], document: "", clause: "", status: "unknown" });
  }
  if (layer.sources.length) {
    both(make("h4", "", ground), D.ui.source);
    for (const place of layer.sources) drawSource(ground, D.sources[place]);
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

// The height of a pop-up's content at a width, before it is opened.
function heightOf(box, width) {
  const frame = make("div", "leaflet-popup-content sized", byId("stage"));
  frame.style.width = `${width}px`;
  frame.append(box);
  const high = frame.offsetHeight;
  frame.remove();
  return high;
}

// Values, rules and source are seen without scrolling: in two columns where one is too long; then
// with as many values, and rules on one line each, as there is room for, the others behind buttons.
let opened = null;
const NARROW = 330, BROAD = 640, AROUND = { x: 34, y: 72 }, KEPT = { values: 4, ground: 2 };
function fitted(box, room) {
  const high = room.high - AROUND.y;
  const [narrow, width] = [NARROW, BROAD].map((one) => Math.max(220, Math.min(one, room.wide - AROUND.x)));
  const fits = () => heightOf(box, width) <= high;
  if (heightOf(box, narrow) <= high) return narrow;
  box.classList.toggle("broad", width >= 460);
  if (fits()) return width;
  const [figures, ground] = box.querySelectorAll(".part");
  box.style.setProperty("--room", `${high}px`);
  drawTurn(figures, [...figures.querySelectorAll("dl.values > *")], { kept: KEPT.values, step: 2, fits, words: D.ui.all_values });
  if (fits()) return width;
  box.classList.add("tight");
  if (!fits()) drawTurn(ground, [...ground.querySelectorAll(".rule, .source")], { kept: KEPT.ground, step: 1, fits, words: D.ui.all_grounds });
  const left = [...figures.querySelectorAll(".rest-of")];
  for (let k = 0; k < left.length; k += 1) { // rules on one line each may leave room for values again
    left[k].classList.remove("rest-of");
    if (!fits()) {
      left.slice(k - (k % 2)).forEach((one) => one.classList.add("rest-of"));
      break;
    }
  }
  box.classList.toggle("long", !fits());
  return width;
}

// Items of a part that find no room are left out, and a button turns to the whole part and back.
function drawTurn(part, items, { kept, step, fits, words }) {
  const button = make("button", "turn", part);
  button.type = "button";
  const all = words.map((one) => one.replace("0", items.length / step));
  say(button, all);
  button.addEventListener("click", () => {
    const whole = part.classList.toggle("whole");
    say(button, whole ? D.ui.back : all);
    opened.update();
    bringIn(popupRoom());
  });
  const alike = (item) => items.filter((one) => one.className === item.className); // one rule and one source stay
  for (let k = items.length - 1; k >= kept && !fits(); k -= 1) if (step > 1 || alike(items[k]).length > 1) items[k].classList.add("rest-of");
}

// The map is moved by no more than brings the pop-up into its room.
function bringIn(room) {
  const stage = screenBox(byId("stage"));
  const { left, right, top, bottom } = screenBox(opened.getElement());
  const over = (low, high, from, to) => Math.min(Math.max(high - to, 0) || Math.min(low - from, 0), low - from); // its beginning is seen
  const x = over(left, right, stage.left + room.left, stage.right - room.right);
  const y = over(top, bottom, stage.top + room.top, stage.bottom - room.bottom);
  if (x || y) map.panBy([Math.round(x), Math.round(y)], { animate: false });
}

function open(box, at) {
  const room = popupRoom();
  const width = box.querySelector("dl.values") ? fitted(box, room) : Math.max(220, Math.min(NARROW, room.wide - AROUND.x));
  opened = L.popup({ maxWidth: width, minWidth: width, autoPan: false });
  opened.setLatLng(at).setContent(box).openOn(map);
  bringIn(room);
  const close = opened.getElement().querySelector(".leaflet-popup-close-button");
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
