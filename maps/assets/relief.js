// Contours by zoom: index lines from far off, the others nearer by; spot heights where there is room.
const INDEX_ZOOM = 9.5, ALL_ZOOM = 11.8, NUMBERS_ZOOM = 12;
function reliefLines(layer) {
  if (!layer.read) {
    const read = reader(blob(layer.lines));
    const counts = Array.from({ length: layer.count }, () => read.next());
    const heights = wholes(layer.heights, layer.count);
    const ends = [];
    counts.reduce((sum, count) => (ends.push(sum + count), sum + count), 0);
    const [x, y] = [0, 1].map(() => {
      let last = 0;
      return Int32Array.from({ length: ends[ends.length - 1] || 0 }, () => (last += unzigzag(read.next())));
    });
    layer.read = { heights, ends, x, y };
  }
  return layer.read;
}

const Contours = Parcels.extend({
  grouped: () => [],
  paint(pen, view) {
    const { heights, ends, x, y } = reliefLines(this.layer);
    const zoom = this._map.getZoom();
    if (zoom < INDEX_ZOOM) return;
    const { scale, left, top } = view;
    pen.lineJoin = "round";
    pen.strokeStyle = paint(this.layer.looks[0].stroke);
    for (const strong of [false, true]) {
      if (!strong && zoom < ALL_ZOOM) continue;
      pen.globalAlpha = strong ? 0.6 : 0.42;
      pen.lineWidth = strong ? 1.15 : 0.7;
      pen.beginPath();
      for (let line = 0; line < ends.length; line += 1) {
        if ((heights[line] % this.layer.index === 0) !== strong) continue;
        let k = line ? ends[line - 1] : 0;
        pen.moveTo(left + x[k] * scale, top - y[k] * scale);
        for (k += 1; k < ends[line] - 1; k += 1) { // rounded between the middles of its pieces
          pen.quadraticCurveTo(left + x[k] * scale, top - y[k] * scale, left + (x[k] + x[k + 1]) / 2 * scale, top - (y[k] + y[k + 1]) / 2 * scale);
        }
        pen.lineTo(left + x[k] * scale, top - y[k] * scale);
      }
      pen.stroke();
    }
  },
});

function drawRelief(layer) {
  return layer.lines === undefined ? L.layerGroup() : new Contours(layer, null, [], { pane: layer.pane, className: "contours" });
}

// Heights on index contours and at summits, where nothing else is written; as far apart as is calm.
function placeHeights(taken) {
  for (const layer of D.layers) {
    if (layer.kind !== "relief" || !visible(layer)) continue;
    if (layer.spots) placeSpots(layer.spots, taken);
    else if (map.getZoom() >= NUMBERS_ZOOM) placeNumbers(layer, taken);
  }
}

function placeSpots(spots, taken) {
  for (const [lat, lng, height] of spots) {
    const at = map.latLngToContainerPoint([lat, lng]), text = String(height);
    const box = [at.x - 4, at.y - 8, at.x + 2 * halfWide(text, `600 10.5px ${FAMILY}`) + 8, at.y + 8];
    if (!taken.free(box) || taken.near("height", at, 110)) continue;
    const mark = placed(text, "label height", L.point((box[0] + box[2]) / 2, at.y), 0);
    mark.style.width = `${box[2] - box[0]}px`;
    taken.take(box, "height");
  }
}

function placeNumbers(layer, taken) {
  const { heights, ends, x, y } = reliefLines(layer);
  const view = map.getBounds();
  const [low, high] = [view.getSouthWest(), view.getNorthEast()].map((at) => L.CRS.EPSG3857.project(at).divideBy(UNIT));
  for (let line = 0; line < ends.length; line += 1) {
    if (heights[line] % layer.index !== 0) continue;
    const from = line ? ends[line - 1] : 0;
    for (let k = from + 2; k < ends[line] - 2; k += 3) {
      if (x[k] < low.x || x[k] > high.x || y[k] < low.y || y[k] > high.y) continue;
      const [a, b] = [k - 1, k + 1].map((n) => map.latLngToContainerPoint(degreesOf(x[n], y[n]).reverse()));
      const at = a.add(b).divideBy(2), turn = Math.atan((b.y - a.y) / (b.x - a.x || 1e-9));
      const text = String(heights[line]);
      const wide = halfWide(text, `600 10px ${FAMILY}`) + 2;
      const reach = [wide * Math.cos(turn) + 6 * Math.abs(Math.sin(turn)), 6 * Math.cos(turn) + wide * Math.abs(Math.sin(turn))];
      const box = [at.x - reach[0], at.y - reach[1], at.x + reach[0], at.y + reach[1]];
      if (taken.near("number", at, 260) || !taken.free(box)) continue;
      placed(text, "label number", at, (turn * 180) / Math.PI);
      taken.take(box, "number");
    }
  }
}
