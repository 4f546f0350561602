// One canvas draws a packed layer: parcels by look, what lies in view, no finer than a pixel.
const WORLD = Math.PI * RADIUS;

const Parcels = L.Renderer.extend({
  // layer, its chosen places or null for all, and a brush for each look.
  initialize(layer, chosen, looks, options) {
    L.Renderer.prototype.initialize.call(this, { padding: 0.15, ...options });
    Object.assign(this, { layer, looks, groups: this.grouped(layer, chosen) });
  },

  grouped(layer, chosen) {
    const look = column(layer.look, layer.count);
    const groups = this.options.single ? [[]] : layer.looks.map(() => []);
    const places = chosen || layer.features.keys();
    for (const k of places) groups[this.options.single ? 0 : look(k)].push(k);
    return groups;
  },

  _initContainer() {
    this._container = document.createElement("canvas");
    this._container.className = `parcels ${this.options.className || ""}`;
  },

  _destroyContainer() {
    this._container.remove();
    delete this._container;
  },

  _updatePaths() {},

  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const sharp = document.body.classList.contains("printing") ? 3 : Math.min(window.devicePixelRatio || 1, 2);
    const size = this._bounds.getSize();
    const canvas = this._container;
    L.DomUtil.setPosition(canvas, this._bounds.min);
    canvas.width = sharp * size.x;
    canvas.height = sharp * size.y;
    canvas.style.width = `${size.x}px`;
    canvas.style.height = `${size.y}px`;
    const brush = canvas.getContext("2d");
    brush.scale(sharp, sharp);
    if (document.body.dataset.drawn) this.paint(brush, this.view(size));
    this.fire("update");
  },

  // From half metres of Mercator to pixels of the canvas, and the box in view.
  view(size) {
    const scale = (UNIT * 256 * 2 ** this._zoom) / (2 * WORLD);
    const origin = this._map.getPixelOrigin().add(this._bounds.min);
    const left = (128 * 2 ** this._zoom) - origin.x, top = (128 * 2 ** this._zoom) - origin.y;
    return {
      scale, left, top,
      west: -left / scale, east: (size.x - left) / scale,
      north: top / scale, south: (top - size.y) / scale,
    };
  },

  paint(brush, view) {
    const shapes = shapesOf(this.layer);
    const side = Math.sqrt(this.meanArea(shapes)) * view.scale;
    brush.lineJoin = "round";
    this.groups.forEach((places, number) => {
      if (!places.length) return;
      const look = this.looks[number];
      brush.beginPath();
      for (const place of places) trace(brush, shapes, place, view);
      if (look.fillOpacity > 0) {
        brush.globalAlpha = look.fillOpacity;
        brush.fillStyle = canvasFill(brush, look, this._map.getPixelOrigin().add(this._bounds.min));
        brush.fill();
      }
      const lines = look.casing ? [[look.casing, look.weight + 1.8], [look.color, look.weight]] : [[look.color, look.weight]];
      if (!(look.weight > 0) || !(side > 7 || look.always)) return;
      brush.globalAlpha = look.always ? 1 : Math.min((side - 5) / 12, 0.85);
      for (const [colour, width] of lines) {
        brush.strokeStyle = colour;
        brush.lineWidth = width;
        brush.stroke();
      }
    });
  },

  meanArea(shapes) {
    if (this._mean) return this._mean;
    let sum = 0;
    for (let k = 0; k < shapes.count; k += 1) sum += (shapes.box[4 * k + 2] - shapes.box[4 * k]) * (shapes.box[4 * k + 3] - shapes.box[4 * k + 1]);
    this._mean = sum / shapes.count;
    return this._mean;
  },
});

function trace(brush, shapes, place, view) {
  const { ringEnd, pointEnd, x, y, box } = shapes;
  const at = 4 * place;
  if (box[at] > view.east || box[at + 2] < view.west || box[at + 1] > view.north || box[at + 3] < view.south) return;
  const { scale, left, top } = view;
  const fine = 0.7 / scale;
  if (box[at + 2] - box[at] < 2 * fine && box[at + 3] - box[at + 1] < 2 * fine) {
    brush.rect(left + box[at] * scale, top - box[at + 3] * scale, (box[at + 2] - box[at]) * scale, (box[at + 3] - box[at + 1]) * scale);
    return;
  }
  for (let ring = place ? ringEnd[place - 1] : 0; ring < ringEnd[place]; ring += 1) {
    const first = ring ? pointEnd[ring - 1] : 0;
    let k = first, lastX = x[k], lastY = y[k];
    brush.moveTo(left + lastX * scale, top - lastY * scale);
    for (k += 1; k < pointEnd[ring]; k += 1) {
      if (Math.abs(x[k] - lastX) < fine && Math.abs(y[k] - lastY) < fine) continue;
      lastX = x[k];
      lastY = y[k];
      brush.lineTo(left + lastX * scale, top - lastY * scale);
    }
    brush.lineTo(left + x[first] * scale, top - y[first] * scale); // closePath takes longer the longer the path is
  }
}

function parcelBrush(look) {
  const { color, weight, fillColor, fillOpacity, fill, hatch } = brush(look);
  const outline = !fill || !fillOpacity;
  const casing = look.casing ? paint(look.casing) : "";
  return { color, weight, fillColor, hatch, fillOpacity: outline ? 0 : fillOpacity, casing, always: Boolean(look.always) || outline };
}

function drawPacked(layer) {
  return new Parcels(layer, null, layer.looks.map(parcelBrush), { pane: layer.pane });
}

// The parcel of a layer at a place, or nothing: even–odd over all rings.
function parcelAt(layer, at) {
  const shapes = shapesOf(layer);
  const { ringEnd, pointEnd, x, y, box } = shapes;
  const px = (at.lng * Math.PI) / 180 * RADIUS / UNIT;
  const py = Math.log(Math.tan(Math.PI / 4 + (at.lat * Math.PI) / 360)) * RADIUS / UNIT;
  for (let place = shapes.count - 1; place >= 0; place -= 1) {
    const b = 4 * place;
    if (px < box[b] || px > box[b + 2] || py < box[b + 1] || py > box[b + 3]) continue;
    let inside = false;
    for (let ring = place ? ringEnd[place - 1] : 0; ring < ringEnd[place]; ring += 1) {
      const first = ring ? pointEnd[ring - 1] : 0;
      for (let k = first, j = pointEnd[ring] - 1; k < pointEnd[ring]; j = k, k += 1) {
        if ((y[k] > py) !== (y[j] > py) && px < ((x[j] - x[k]) * (py - y[k])) / (y[j] - y[k]) + x[k]) inside = !inside;
      }
    }
    if (inside && !isOther(layer, layer.features[place])) return layer.features[place];
  }
  return null;
}

// The uppermost parcel that is seen at a place, with its layer; outlines come after what is filled.
const filled = (layer) => layer.legend.some((entry) => entry.ramp || layer.looks[entry.look].fillOpacity > 0);
function parcelSeen(at) {
  const right = map.latLngToContainerPoint(at).x > share * map.getSize().x;
  const seen = D.layers.filter((layer) => layer.packed && visible(layer) && !(state === "compare" && layer.side === (right ? "before" : "after")));
  for (const layer of [...seen.filter((one) => !filled(one)), ...seen.filter(filled)].reverse()) {
    const found = parcelAt(layer, at);
    if (found) return { layer, feature: found };
  }
  return null;
}

// While the page takes its shape nothing is painted; then everything once.
function paintParcels() {
  for (const layer of D.layers) if ((layer.packed || layer.lines !== undefined) && map.hasLayer(shape(layer))) shape(layer)._update();
}

// What outlines surround a place: their layer and first figure, below the values of the parcel.
function outlinesHere(list, at, but) {
  const right = map.latLngToContainerPoint(at).x > share * map.getSize().x;
  for (const layer of D.layers) {
    if (!layer.packed || layer === but || filled(layer) || !visible(layer)) continue;
    if (state === "compare" && layer.side === (right ? "before" : "after")) continue;
    const found = parcelAt(layer, at);
    if (!found) continue;
    const [first] = layer.columns;
    pairRow(list, layer.title, first ? figure(found.values[0], first.decimals) : found.id, first && first.unit);
  }
}

function startParcels() {
  if (!D.layers.some((layer) => layer.packed)) return;
  map.on("mousemove", (event) => {
    map.getContainer().classList.toggle("over-parcel", !measuring() && Boolean(parcelSeen(event.latlng)));
  });
}

// Lit parcels are drawn once more above everything, on a canvas of their own.
const LIT = { color: "#22303C", weight: 3.4, fillColor: "#F0C75E", fillOpacity: 0.3, always: true };
const LIT_EDGE = { color: "#F0C75E", weight: 1.8, fillColor: "#FFFFFF", fillOpacity: 0, always: true };
function litParcels(layer, places) {
  const options = { pane: "highlight", single: true };
  return [[LIT, "lit-edge"], [LIT_EDGE, "lit"]].map(([look, className]) => new Parcels(layer, places, [look], { ...options, className }));
}
