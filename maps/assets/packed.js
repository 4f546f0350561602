// Packed layers: shapes and columns inflated once, read where they are needed.
const packedBytes = (() => {
  const text = document.getElementById("packed");
  if (!D.ends.length) return null;
  const raw = atob(text.textContent);
  text.textContent = "";
  const bytes = new Uint8Array(raw.length);
  for (let k = 0; k < raw.length; k += 1) bytes[k] = raw.charCodeAt(k);
  return fflate.inflateSync(bytes, { out: new Uint8Array(D.ends[D.ends.length - 1]) });
})();
const blob = (number) => packedBytes.subarray(number ? D.ends[number - 1] : 0, D.ends[number]);

// A reader of natural numbers in seven bits a byte; beyond 28 bits by multiplication.
function reader(bytes) {
  let at = 0;
  return {
    more: () => at < bytes.length,
    next() {
      let byte = bytes[at++];
      if (byte < 128) return byte;
      let value = byte & 127, factor = 128;
      do {
        byte = bytes[at++];
        value += (byte & 127) * factor;
        factor *= 128;
      } while (byte > 127);
      return value;
    },
  };
}
const unzigzag = (value) => (value % 2 ? -(value + 1) / 2 : value / 2);

function wholes(column, count) {
  const read = reader(blob(column.blob));
  const found = new Float64Array(count);
  let last = 0;
  for (let k = 0; k < count; k += 1) {
    const value = unzigzag(read.next());
    last = column.steps ? last + value : value;
    found[k] = last;
  }
  return found;
}

// Gives a function from a row to its value.
const columnsRead = new Map();
function column(kept, count) {
  const key = JSON.stringify(kept);
  if (!columnsRead.has(key)) columnsRead.set(key, readColumn(kept, count));
  return columnsRead.get(key);
}

// Where the rows of a layer stand: each in a part of their pool, which layers share.
const poolsRead = new Map();
function rowsOf(kept, count) {
  if (!poolsRead.has(kept.pool)) poolsRead.set(kept.pool, D.pools[kept.pool].flatMap((part) => Array.from({ length: part.count }, (_, row) => ({ part, row }))));
  const where = poolsRead.get(kept.pool);
  return Array.from(wholes(kept, count), (place) => where[place]);
}

function readColumn(kept, count) {
  if (kept.kind === "real") {
    const bytes = blob(kept.blob).slice();
    const values = new Float64Array(bytes.buffer);
    return (k) => (Number.isNaN(values[k]) ? null : values[k]);
  }
  const values = wholes(kept, count);
  if (kept.kind === "whole") return (k) => values[k];
  if (kept.kind === "text") {
    const words = JSON.parse(new TextDecoder().decode(blob(kept.words)));
    return (k) => words[values[k]];
  }
  const known = kept.known === undefined ? null : blob(kept.known);
  const scale = 10 ** kept.decimals;
  return (k) => {
    if (known && !known[k]) return null;
    return kept.kind === "truth" ? values[k] !== 0 : values[k] / scale;
  };
}

// Shapes as rings of points in half metres of Web Mercator, with the box of each shape.
const shapesRead = new Map();
function shapesOf(layer) {
  if (layer.outlines) return layer.outlines;
  const key = JSON.stringify(layer.shapes);
  if (!shapesRead.has(key)) shapesRead.set(key, gatheredShapes(rowsOf(layer.shapes, layer.count)));
  layer.outlines = shapesRead.get(key);
  return layer.outlines;
}

function partShapes(part) {
  if (!shapesRead.has(part)) shapesRead.set(part, readShapes(blob(part.blob), part.count));
  return shapesRead.get(part);
}

// The shapes of some rows, which may be of several parts, one behind the other; one part as a whole stays as it is.
function gatheredShapes(rows) {
  const [first] = rows;
  if (first && rows.length === first.part.count && rows.every(({ part, row }, k) => part === first.part && row === k)) return partShapes(first.part);
  const ends = ({ part, row }) => {
    const { ringEnd, pointEnd } = partShapes(part);
    const ring = row ? ringEnd[row - 1] : 0;
    return { ring, toRing: ringEnd[row], point: ring ? pointEnd[ring - 1] : 0, toPoint: ringEnd[row] ? pointEnd[ringEnd[row] - 1] : 0 };
  };
  const spans = rows.map(ends);
  const sum = (of) => spans.reduce((all, one) => all + of(one), 0);
  const rings = sum((one) => one.toRing - one.ring), points = sum((one) => one.toPoint - one.point);
  const found = {
    count: rows.length, ringEnd: new Uint32Array(rows.length), pointEnd: new Uint32Array(rings), hole: new Uint8Array(rings),
    x: new Int32Array(points), y: new Int32Array(points), box: new Int32Array(4 * rows.length),
  };
  let ring = 0, point = 0;
  rows.forEach(({ part, row }, k) => {
    const from = partShapes(part), span = spans[k];
    found.x.set(from.x.subarray(span.point, span.toPoint), point);
    found.y.set(from.y.subarray(span.point, span.toPoint), point);
    found.hole.set(from.hole.subarray(span.ring, span.toRing), ring);
    for (let one = span.ring; one < span.toRing; one += 1) found.pointEnd[ring++] = from.pointEnd[one] - span.point + point;
    point += span.toPoint - span.point;
    found.ringEnd[k] = ring;
    found.box.set(from.box.subarray(4 * row, 4 * row + 4), 4 * k);
  });
  return found;
}

function readShapes(bytes, count) {
  const read = reader(bytes);
  const ringEnd = new Uint32Array(count);
  let rings = 0;
  for (let k = 0; k < count; k += 1) ringEnd[k] = rings += read.next();
  const pointEnd = new Uint32Array(rings), hole = new Uint8Array(rings);
  let points = 0;
  for (let k = 0; k < rings; k += 1) {
    const said = read.next();
    hole[k] = said % 2;
    pointEnd[k] = points += Math.floor(said / 2);
  }
  const [x, y] = [0, 1].map(() => {
    const values = new Int32Array(points);
    let last = 0;
    for (let k = 0; k < points; k += 1) values[k] = last += unzigzag(read.next());
    return values;
  });
  const box = new Int32Array(4 * count);
  for (let k = 0, ring = 0, point = 0; k < count; k += 1) {
    let west = 2147483647, south = west, east = -west, north = -west;
    const end = ringEnd[k] ? pointEnd[ringEnd[k] - 1] : 0;
    for (; ring < ringEnd[k]; ring += 1) {
      for (; point < end; point += 1) {
        if (x[point] < west) west = x[point];
        if (x[point] > east) east = x[point];
        if (y[point] < south) south = y[point];
        if (y[point] > north) north = y[point];
      }
    }
    box.set([west, south, east, north], 4 * k);
  }
  return { count, ringEnd, pointEnd, hole, x, y, box };
}

const RADIUS = 6378137;
const UNIT = 0.5;
const degreesOf = (x, y) => [
  Number(((x * UNIT) / RADIUS * 180 / Math.PI).toFixed(6)),
  Number(((2 * Math.atan(Math.exp((y * UNIT) / RADIUS)) - Math.PI / 2) * 180 / Math.PI).toFixed(6)),
];

// One feature of a packed layer, with the same face as those that come as JSON.
class Parcel {
  constructor(layer, place) {
    this.layer = layer;
    this.place = place;
  }

  get at() {
    if (!this.layer.where) this.layer.where = rowsOf(this.layer.rows, this.layer.count);
    return this.layer.where[this.place];
  }

  get id() {
    const { part, row } = this.at;
    return column(part.cells[0], part.count)(row);
  }

  get look() { return column(this.layer.look, this.layer.count)(this.place); }

  get bound() { return column(this.layer.bound, this.layer.count)(this.place); }

  get values() {
    const { part, row } = this.at;
    return part.cells.slice(1).map((kept) => column(kept, part.count)(row));
  }

  get geometry() {
    const { ringEnd, pointEnd, hole, x, y } = shapesOf(this.layer);
    const polygons = [];
    for (let ring = this.place ? ringEnd[this.place - 1] : 0; ring < ringEnd[this.place]; ring += 1) {
      const points = [];
      for (let k = ring ? pointEnd[ring - 1] : 0; k < pointEnd[ring]; k += 1) points.push(degreesOf(x[k], y[k]));
      points.push(points[0]);
      if (hole[ring]) polygons[polygons.length - 1].push(points);
      else polygons.push([points]);
    }
    return polygons.length === 1 ? { type: "Polygon", coordinates: polygons[0] } : { type: "MultiPolygon", coordinates: polygons };
  }
}

for (const layer of D.layers) {
  if (layer.rows === undefined) continue;
  layer.packed = true;
  layer.features = Array.from({ length: layer.count }, (_, place) => new Parcel(layer, place));
}
