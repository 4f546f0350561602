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
      marks.push({ marker: marker.addTo(map), text, point, feature, side: layer.side === "planned" ? "after" : layer.side, wide: 0, high: 0 });
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
