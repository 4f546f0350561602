// The map: pictures and shapes in their panes, and what is shown.
const map = map_1;
const county = L.latLngBounds([[D.bounds[1], D.bounds[0]], [D.bounds[3], D.bounds[2]]]);
const focus = L.latLngBounds([[D.focus[1], D.focus[0]], [D.focus[3], D.focus[2]]]);
const shown = new Map(D.layers.map((layer) => [layer, layer.shown]));
const drawn = new Map();
let state = "";

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
  const hatched = (style) => ({ ...style, fillColor: layer.canvas ? style.fillColor : fillOf(style) });
  group.spots = [];
  const options = (name, style) => ({
    pane: layer.pane, renderer,
    style: (feature) => ({ ...hatched(style(feature)), className: name }),
    pointToLayer: (feature, at) =>
      new Spot(at, { ...hatched(style(feature)), pane: layer.pane, renderer, className: name }),
    onEachFeature: (feature, shape) => {
      if (look(feature).rank !== undefined) group.spots.push({ shape, rank: look(feature).rank });
      shape.on("click", (event) => {
        if (measuring()) return;
        L.DomEvent.stopPropagation(event);
        chooseFor(layer, layer.features[feature.properties.place]);
        if (layer.ways && ways.length) followMap(event);
        const areal = feature.geometry.type.includes("Polygon") ? parcelSeen(event.latlng) : null;
        if (areal) explain(areal.layer, areal.feature, event.latlng);
        else explain(layer, layer.features[feature.properties.place], event.latlng);
      });
    },
  });
  const data = collection(layer);
  if (layer.looks.some((one) => one.rank)) data.features.sort((one, other) => (look(other).rank || 0) - (look(one).rank || 0));
  if (layer.looks.some((one) => one.casing)) {
    const cased = {
      ...data,
      features: data.features.filter((feature) => look(feature).casing),
    };
    const casing = (feature) => ({
      ...brush(look(feature)), color: paint(look(feature).casing), dashArray: null,
      weight: look(feature).weight + (look(feature).edge || 1.8), opacity: 0.85, fill: false,
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

// The hillshade stands back where its cells are seen one by one.
const FINE = 2, FAINTEST = 0.4; // pixels of a cell, opacity
function fadeHillshade() {
  const layer = D.layers.find((one) => one.meaning === "hillshade");
  if (!layer) return;
  const [low, high] = layer.bounds.map((at) => map.latLngToContainerPoint(at));
  const cell = (high.x - low.x) / layer.across;
  map.getPane(layer.pane).style.opacity = String(Math.min(Math.max(FINE / cell, FAINTEST), 1).toFixed(2));
}

function drawRaster(layer) {
  const overlay = L.imageOverlay(layer.image, layer.bounds, { pane: layer.pane, className: "picture" });
  overlay.on("add", () => say(overlay.getElement(), layer.title, "alt"));
  return overlay;
}

function shape(layer) {
  if (!drawn.has(layer)) {
    const draw = layer.kind === "raster" ? drawRaster : layer.kind === "relief" ? drawRelief : layer.meaning === "outline" ? drawOutline : layer.packed ? drawPacked : drawVector;
    drawn.set(layer, draw(layer));
  }
  return drawn.get(layer);
}

// Which sides of the swipe a state shows.
const SIDES = {
  compare: ["both", "before", "after", "planned"], before: ["both", "before"],
  after: ["both", "after", "planned"], difference: ["both", "difference", "planned"],
};
const visible = (layer) => shown.get(layer) && SIDES[state].includes(layer.side) && ofChosen(layer);

// A box in the room that is left above the legend or beside it, where it is seen larger.
function fitBox(box, beside = 0) {
  const folded = byId("legend-body").hidden;
  const { offsetWidth, offsetHeight } = byId("legend");
  const rooms = folded ? [[beside, 0]] : [[beside, offsetHeight + 22], [offsetWidth + 20, 0]];
  const zoom = ([x, y]) => map.getBoundsZoom(box, false, L.point(x, y));
  const [left, low] = rooms.reduce((one, other) => (zoom(other) > zoom(one) ? other : one));
  map.fitBounds(box, { animate: false, paddingTopLeft: [left, 0], paddingBottomRight: [0, low] });
}
// What may fill the map's corners keeps off the tools; a county's outline does so on a phone alone.
const NARROW_MAP = 700;
const outlined = D.layers.some((layer) => layer.meaning === "outline");
const besideTools = () => byId("tools").offsetLeft + byId("tools").offsetWidth;
const fitCounty = () => fitBox(county, outlined && map.getSize().x > NARROW_MAP ? 0 : besideTools());
function fitFocus() {
  if (focus.equals(county)) {
    fitCounty();
    return;
  }
  for (let times = 2; times; times -= 1) fitBox(focus.pad(0.06), besideTools()); // the legend follows what is in view
}

// Facilities too close to be told apart give way to those of a higher rank until there is room.
function thinPlaces() {
  const spots = D.layers.filter((layer) => drawn.has(layer) && visible(layer)).flatMap((layer) => shape(layer).spots || []);
  const kept = [];
  for (const { shape: spot, rank } of spots.sort((one, other) => one.rank - other.rank)) {
    const at = map.latLngToContainerPoint(spot.getLatLng()), radius = spot.getRadius();
    const room = kept.every((one) => one.at.distanceTo(at) >= one.radius + radius + 1);
    if (room) kept.push({ at, radius, rank });
    if (spot.getElement()) spot.getElement().classList.toggle("thinned", !room);
  }
}

function refresh() {
  for (const layer of D.layers) {
    const on = visible(layer);
    if (on) followChoice(layer, shape(layer));
    if (on) map.addLayer(shape(layer));
    else if (drawn.has(layer)) map.removeLayer(shape(layer));
  }
  thinPlaces();
  applyOpacities();
  drawLegend();
  drawLabels();
}

// A surface hides the one below it: turning one on turns those of its side off, and brings its own
// other sides with it (time_before, time_after …), so that every view speaks of the same thing.
const surface = (layer) => layer.kind === "raster" && Boolean(layer.grid);
const stem = (layer) => layer.stem || layer.id.slice(0, layer.id.length - (layer.alternative ? layer.alternative.length + 1 : 0)).replace(/^(time|change)_|_(before|after|difference|change)$/g, "");
function turn(layer, on) {
  for (const one of mates(layer)) shown.set(one, on);
  if (!surface(layer)) return;
  const face = (one) => one.own || one.side;
  const surfaces = D.layers.filter(surface);
  for (const own of surfaces.filter((one) => stem(one) === stem(layer))) {
    shown.set(own, on);
    const covers = (one) => face(one) === face(own) || face(one) === "both" || face(own) === "both";
    if (on) surfaces.filter((one) => stem(one) !== stem(layer) && covers(one)).forEach((one) => shown.set(one, false));
  }
}
