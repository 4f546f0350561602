// How classes look: brushes, hatches and shapes, the same on map and legend.
const COLOUR = /^#[0-9A-Fa-f]{6}$/;
const paint = (colour, fallback) => (COLOUR.test(colour || "") ? colour : fallback || "#6B7885");
const NS = document.querySelector("svg").namespaceURI;

function svg(tag, attributes, parent) {
  const element = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (parent) parent.appendChild(element);
  return element;
}

function brush(look) {
  return {
    color: paint(look.stroke), weight: Number(look.weight) || 0, opacity: 1,
    dashArray: /^[\d. ]+$/.test(look.dash || "") ? look.dash : null,
    fill: look.fill !== undefined, fillColor: paint(look.fill, "#FFFFFF"),
    fillOpacity: Number(look.fillOpacity) || 0, radius: Number(look.radius) || 4,
    lineCap: look.dash ? "butt" : "round", shape: look.shape, hatch: HATCH[(look.hatch || "").split(" ")[0]] ? look.hatch : "",
  };
}

// Lines of each hatch on a tile of eight pixels.
const TILE = 8;
const HATCH = {
  rise: "M-2 2L2 -2M0 8L8 0M6 10L10 6", fall: "M-2 6L2 10M0 0L8 8M6 -2L10 2",
  dots: "M1.6 1.6h1v1h-1zM5.6 5.6h1v1h-1z", level: "M0 4H8", upright: "M4 0V8",
  cross: "M0 8L8 0M0 0L8 8", grid: "M0 4H8M4 0V8", rings: "M2 4a2 2 0 1 0 4 0a2 2 0 1 0 -4 0",
  dashes: "M0 2H4M4 6H8",
};
// The ink of a hatch: the class's own colour, darker; white where it is dark itself, or asked for.
function ink(colour, white) {
  const parts = [1, 3, 5].map((k) => parseInt(colour.slice(k, k + 2), 16));
  const dark = 0.3 * parts[0] + 0.59 * parts[1] + 0.11 * parts[2] < 90;
  return white || dark ? "#FFFFFF" : `#${parts.map((v) => Math.round(v * 0.62).toString(16).padStart(2, "0")).join("")}`;
}
function hatchOf(look) {
  const [line, way] = look.hatch.split(" ");
  return { path: HATCH[line], ink: ink(look.fillColor, way === "white"), wide: { bold: 2.6, white: 1.6 }[way] || 1 };
}

const tiles = new Map();
function tileOf(look) {
  const colour = look.fillColor;
  const id = `hatch-${look.hatch.replace(" ", "-")}-${colour.slice(1)}`;
  if (!tiles.has(id)) {
    const holder = document.getElementById("hatches") || svg("svg", { id: "hatches", width: 0, height: 0, "aria-hidden": "true" }, document.body);
    const tile = svg("pattern", { id, width: TILE, height: TILE, patternUnits: "userSpaceOnUse" }, holder);
    svg("rect", { width: TILE, height: TILE, fill: colour }, tile);
    const hatch = hatchOf(look);
    svg("path", { d: hatch.path, fill: "none", stroke: hatch.ink, "stroke-width": hatch.wide }, tile);
    tiles.set(id, `url(#${id})`);
  }
  return tiles.get(id);
}
const fillOf = (look) => (look.hatch ? tileOf(look) : look.fillColor);

// The same on a canvas, held to the ground while the map is panned.
function canvasFill(pen, look, corner) {
  if (!look.hatch) return look.fillColor;
  const sheet = document.createElement("canvas");
  sheet.width = sheet.height = 2 * TILE;
  const own = sheet.getContext("2d");
  own.fillStyle = look.fillColor;
  own.fillRect(0, 0, 2 * TILE, 2 * TILE);
  own.scale(2, 2);
  const hatch = hatchOf(look);
  own.strokeStyle = hatch.ink;
  own.lineWidth = hatch.wide;
  own.stroke(new Path2D(hatch.path));
  const pattern = pen.createPattern(sheet, "repeat");
  pattern.setTransform(new DOMMatrix([0.5, 0, 0, 0.5, -(corner.x % TILE), -(corner.y % TILE)]));
  return pattern;
}

// Shapes of places about a middle, as wide as a circle of the radius looks.
const around = (count, turn, inner) => Array.from({ length: inner ? 2 * count : count }, (_, k) => {
  const angle = ((inner ? k / 2 : k) / count) * 2 * Math.PI + turn;
  const far = inner && k % 2 ? inner : 1.18;
  return [far * Math.sin(angle), -far * Math.cos(angle)];
});
const A = 0.4;
const SHAPE = {
  square: [[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]],
  triangle: around(3, 0).map(([x, y]) => [1.08 * x, 1.08 * y + 0.15]), diamond: around(4, 0), pentagon: around(5, 0),
  star: around(5, 0, 0.55), drop: around(3, Math.PI),
  cross: [[-A, -1.1], [A, -1.1], [A, -A], [1.1, -A], [1.1, A], [A, A], [A, 1.1], [-A, 1.1], [-A, A], [-1.1, A], [-1.1, -A], [-A, -A]],
};
function shaped(name, x, y, radius) {
  return `M${SHAPE[name].map(([dx, dy]) => `${(x + dx * radius).toFixed(1)} ${(y + dy * radius).toFixed(1)}`).join("L")}Z`;
}
const Spot = L.CircleMarker.extend({
  _updatePath() {
    const { shape } = this.options;
    const whole = SHAPE[shape] && this._renderer._setPath;
    if (!whole) this._renderer._updateCircle(this);
    else this._renderer._setPath(this, this._empty() ? "M0 0" : shaped(shape, this._point.x, this._point.y, this._radius));
  },
});
