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
    placeFlags();
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
