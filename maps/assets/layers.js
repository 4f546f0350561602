// The map: pictures and shapes in their panes, legend, swipe, pop-ups, labels.
const map = map_1;
const COLOUR = /^#[0-9A-Fa-f]{6}$/;
const paint = (colour, fallback) => (COLOUR.test(colour || "") ? colour : fallback || "#6B7885");
const NS = document.querySelector("svg").namespaceURI;
const county = L.latLngBounds([[D.bounds[1], D.bounds[0]], [D.bounds[3], D.bounds[2]]]);
const focus = L.latLngBounds([[D.focus[1], D.focus[0]], [D.focus[3], D.focus[2]]]);
const shown = new Map(D.layers.map((layer) => [layer, layer.shown]));
const drawn = new Map();
let state = "";

function svg(tag, attributes, parent) {
  const element = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (parent) parent.appendChild(element);
  return element;
}

function brush(look) {
  return {
    color: paint(look.stroke), weight: Number(look.weight) || 0, opacity: 1,
    dashArray: /^[\d ]+$/.test(look.dash || "") ? look.dash : null,
    fill: look.fill !== undefined, fillColor: paint(look.fill, "#FFFFFF"),
    fillOpacity: Number(look.fillOpacity) || 0, radius: Number(look.radius) || 4,
    lineCap: look.dash ? "butt" : "round",
  };
}

function collection(layer) {
  return {
    type: "FeatureCollection",
    features: layer.features.map((one, place) => ({
      type: "Feature", geometry: one.geometry, properties: { place },
    })),
  };
}

function drawVector(layer) {
  const group = L.layerGroup();
  const renderer = layer.canvas ? L.canvas({ pane: layer.pane }) : L.svg({ pane: layer.pane });
  const look = (feature) => layer.looks[layer.features[feature.properties.place].look];
  const options = (name, style) => ({
    pane: layer.pane, renderer,
    style: (feature) => ({ ...style(feature), className: name }),
    pointToLayer: (feature, at) =>
      L.circleMarker(at, { ...style(feature), pane: layer.pane, renderer, className: name }),
    onEachFeature: (feature, shape) => {
      shape.on("click", (event) => {
        if (measuring()) return;
        L.DomEvent.stopPropagation(event);
        const areal = feature.geometry.type.includes("Polygon") ? parcelSeen(event.latlng) : null;
        if (areal) explain(areal.layer, areal.feature, event.latlng);
        else explain(layer, layer.features[feature.properties.place], event.latlng);
      });
    },
  });
  const data = collection(layer);
  if (layer.looks.some((one) => one.casing)) {
    const cased = {
      ...data,
      features: data.features.filter((feature) => look(feature).casing),
    };
    const casing = (feature) => ({
      ...brush(look(feature)), color: paint(look(feature).casing), dashArray: null,
      weight: look(feature).weight + 1.8, opacity: 0.85, fill: false,
    });
    group.addLayer(L.geoJSON(cased, options("casing", casing)));
  }
  group.addLayer(L.geoJSON(data, options("feature", (feature) => brush(look(feature)))));
  return group;
}

function drawOutline(layer) {
  const group = L.layerGroup();
  const still = { interactive: false, fill: false };
  const rings = [];
  const data = collection(layer);
  group.addLayer(L.geoJSON(data, { pane: "county", style: { ...still, color: "#D9699A", weight: 9, opacity: 0.28, className: "band" } }));
  group.addLayer(L.geoJSON(data, { pane: "county", style: { ...still, color: "#22303C", weight: 1.8, dashArray: "10 4 2 4", className: "outline" } }));
  for (const one of layer.features) {
    const polygons = one.geometry.type === "Polygon" ? [one.geometry.coordinates] : one.geometry.coordinates;
    for (const polygon of polygons) rings.push(polygon[0].map(([x, y]) => [y, x]));
  }
  const world = [[-85, -360], [-85, 360], [85, 360], [85, -360]];
  group.addLayer(L.polygon([world, ...rings], { pane: "mask", interactive: false, stroke: false, fillColor: "#F7F9FA", fillOpacity: 0.8, className: "mask" }));
  return group;
}

function drawRaster(layer) {
  const overlay = L.imageOverlay(layer.image, layer.bounds, { pane: layer.pane, className: "picture" });
  overlay.on("add", () => say(overlay.getElement(), layer.title, "alt"));
  return overlay;
}

function shape(layer) {
  if (!drawn.has(layer)) {
    const draw = layer.kind === "raster" ? drawRaster : layer.meaning === "outline" ? drawOutline : layer.packed ? drawPacked : drawVector;
    drawn.set(layer, draw(layer));
  }
  return drawn.get(layer);
}

// Which sides of the swipe a state shows.
const SIDES = {
  compare: ["both", "before", "after"], before: ["both", "before"],
  after: ["both", "after"], difference: ["both", "difference"],
};
const visible = (layer) => shown.get(layer) && SIDES[state].includes(layer.side);

// A box in the room that is left above the legend, where that costs little of its size.
function fitBox(box) {
  const size = map.getSize();
  const high = byId("legend-body").hidden ? 0 : byId("legend").offsetHeight + 22;
  const room = high < 0.34 * size.y ? high : 0;
  map.fitBounds(box, { animate: false, paddingBottomRight: [0, room] });
}
const fitCounty = () => fitBox(county);
const fitFocus = () => fitBox(focus.equals(county) ? county : focus.pad(0.12));

function refresh() {
  for (const layer of D.layers) {
    const on = visible(layer);
    if (on) map.addLayer(shape(layer));
    else if (drawn.has(layer)) map.removeLayer(shape(layer));
  }
  drawLegend();
  drawLabels();
}

// The swipe: panes of either side are clipped at the divider; nothing is moved or redrawn.
let share = 0.5;
function clip() {
  const size = map.getSize();
  const corner = map.containerPointToLayerPoint([0, 0]);
  const middle = corner.x + share * size.x;
  const box = (left, right) =>
    `polygon(${left}px ${corner.y}px, ${right}px ${corner.y}px, ${right}px ${corner.y + size.y}px, ${left}px ${corner.y + size.y}px)`;
  for (const name of D.panes) {
    const side = name.split("_")[1];
    let path = "";
    if (state === "compare" && side === "before") path = box(corner.x, middle);
    if (state === "compare" && side === "after") path = box(middle, corner.x + size.x);
    map.getPane(name).style.clipPath = path;
  }
  const divider = byId("divider");
  divider.hidden = state !== "compare";
  divider.style.left = `${middle}px`;
  divider.style.top = `${corner.y}px`;
  divider.style.height = `${size.y}px`;
  byId("knob").setAttribute("aria-valuenow", String(Math.round(share * 100)));
}

function swipeTo(value) {
  share = Math.min(Math.max(value, 0), 1);
  clip();
  placeLabels();
}

function startSwipe() {
  const knob = byId("knob");
  say(byId("flag-before"), [`◀ ${D.ui.before[0]}`, `◀ ${D.ui.before[1]}`]);
  say(byId("flag-after"), [`${D.ui.after[0]} ▶`, `${D.ui.after[1]} ▶`]);
  map.getPane("mapPane").appendChild(byId("divider"));
  L.DomEvent.disableClickPropagation(byId("divider"));
  knob.addEventListener("pointerdown", (event) => {
    knob.setPointerCapture(event.pointerId);
    event.preventDefault();
    knob.focus();
  });
  knob.addEventListener("pointermove", (event) => {
    if (!knob.hasPointerCapture(event.pointerId)) return;
    const frame = map.getContainer().getBoundingClientRect();
    swipeTo((event.clientX - frame.left) / frame.width);
  });
  knob.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -0.02, ArrowRight: 0.02, PageDown: -0.1, PageUp: 0.1, Home: -1, End: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    swipeTo(share + step);
  });
  map.on("move zoomend viewreset resize", clip);
}

function startStates() {
  const sides = new Set(D.layers.map((layer) => layer.side));
  const order = ["after"];
  if (sides.has("before")) order.unshift("before");
  if (sides.has("before") && sides.has("after")) order.unshift("compare");
  if (sides.has("difference")) order.push("difference");
  const list = byId("states");
  say(list, D.ui.states, "hint");
  list.removeAttribute("title");
  for (const name of order) {
    const tab = make("button", "", list);
    tab.type = "button";
    tab.dataset.tab = name;
    tab.setAttribute("role", "tab");
    say(tab, D.ui[name]);
    tab.addEventListener("click", () => enter(name));
  }
  list.hidden = order.length < 2;
  list.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    const next = order[(order.indexOf(state) + step + order.length) % order.length];
    enter(next);
    list.querySelector(`[data-tab=${next}]`).focus();
  });
  enter(order[0]);
}

function enter(name) {
  state = name;
  const own = D.layers.filter((layer) => layer.side === name);
  if (own.length && !own.some((layer) => shown.get(layer))) turn(own[0], true); // a view that would show nothing of its own
  for (const tab of byId("states").children) {
    const on = tab.dataset.tab === name;
    tab.setAttribute("aria-selected", String(on));
    tab.tabIndex = on ? 0 : -1;
  }
  document.body.dataset.state = name;
  map.closePopup();
  refresh();
  clip();
  drawThemes();
}

// A surface hides the one below it: turning one on turns those of its side off, and brings its own
// other sides with it (time_before, time_after …), so that every view speaks of the same thing.
const surface = (layer) => layer.kind === "raster" && Boolean(layer.grid);
const stem = (layer) => layer.id.replace(/^(time|change)_|_(before|after|difference|change)$/g, "");
function turn(layer, on) {
  shown.set(layer, on);
  if (!surface(layer)) return;
  const surfaces = D.layers.filter(surface);
  for (const own of surfaces.filter((one) => stem(one) === stem(layer))) {
    shown.set(own, on);
    const covers = (one) => one.side === own.side || one.side === "both" || own.side === "both";
    if (on) surfaces.filter((one) => stem(one) !== stem(layer) && covers(one)).forEach((one) => shown.set(one, false));
  }
}

// The layer panel, by theme.
function drawThemes() {
  const themes = new Map();
  for (const layer of D.layers) {
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
      const row = make("label", SIDES[state].includes(layer.side) ? "" : "away", group);
      const tick = make("input", "", row);
      tick.type = "checkbox";
      tick.checked = shown.get(layer);
      tick.dataset.layer = String(D.layers.indexOf(layer));
      tick.addEventListener("change", () => {
        turn(layer, tick.checked);
        refresh();
        for (const one of box.querySelectorAll("input")) one.checked = shown.get(D.layers[Number(one.dataset.layer)]);
      });
      both(make("span", "name", row), layer.title);
      if (layer.side !== "both") say(make("span", "tag", row), D.ui[layer.side]);
    }
  }
}

// The legend follows the layers that are on; layers that share a legend stand in it once.
function drawLegend() {
  const box = byId("legend-body");
  box.textContent = "";
  const groups = new Map();
  for (const layer of D.layers) {
    if (!visible(layer) || !layer.legend.length) continue;
    const many = layer.legend[0].ramp || layer.meaning === "amount" || layer.meaning === "change" || layer.unit.some(Boolean);
    const key = JSON.stringify(many ? [layer.legend, layer.looks, layer.unit] : [layer.theme]);
    if (!groups.has(key)) groups.set(key, { many, layers: [] });
    groups.get(key).layers.push(layer);
  }
  for (const { many, layers } of groups.values()) {
    const part = make("div", many ? "key wide" : "key", box);
    const merged = many && layers.length > 1;
    const head = make("h3", "", part);
    both(head, !many || merged ? layers[0].theme : layers[0].title);
    if (many) say(make("span", "unit", head), layers[0].unit);
    const list = make("ul", "", part);
    const seen = new Set();
    for (const layer of merged ? layers.slice(0, 1) : layers) {
      for (const entry of layer.legend) {
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
  if (layer.meaning === "outline") {
    svg("path", { d: "M1 7H25", stroke: "#D9699A", "stroke-width": 8, "stroke-opacity": 0.28 }, icon);
    svg("path", { d: "M1 7H25", stroke: "#22303C", "stroke-width": 1.8, "stroke-dasharray": "8 3 2 3" }, icon);
  } else {
    const look = brush(layer.looks[entry.look]);
    const stroke = { stroke: look.color, "stroke-width": Math.min(look.weight, 4), "stroke-dasharray": look.dashArray || "none" };
    const form = layer.kind === "raster" || layer.packed ? "Polygon" : ((layer.features[0] || {}).geometry || {}).type || "Polygon";
    const casing = layer.looks[entry.look].casing;
    if (form.includes("Line") && casing && look.color === "#FFFFFF") svg("path", { d: "M1 7H25", fill: "none", stroke: paint(casing), "stroke-width": Math.min(look.weight, 4) + 2.4 }, icon);
    if (form.includes("Line")) svg("path", { d: "M1 7H25", fill: "none", ...stroke }, icon);
    else if (form.includes("Point")) svg("circle", { cx: 13, cy: 7, r: Math.min(look.radius, 6), fill: look.fillColor, ...stroke }, icon);
    else svg("rect", { x: 2, y: 1.5, width: 22, height: 11, fill: look.fillColor, "fill-opacity": look.fillOpacity, ...stroke }, icon);
  }
  both(make("span", "name", row), entry.title);
}
