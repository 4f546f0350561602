// Search by name or id.
function startSearch() {
  const query = byId("query");
  if (ways.length) say(query, D.ui.search_stations, "place");
  const list = byId("found");
  let hits = [];
  let chosen = -1;
  let entries = null;
  function listed() {
    const found = [];
    const seen = new Set(); // layers that share shapes and cells are searched once
    for (const layer of D.layers) {
      const key = layer.packed ? JSON.stringify([layer.shapes, layer.rows]) : layer.id;
      if (layer.kind !== "vector" || layer.meaning === "outline" || (!layer.runs && seen.has(key))) continue;
      seen.add(key);
      for (const feature of layer.features) {
        const own = JSON.stringify([layer.id, feature.id]); // of several runs the first
        if (layer.runs && seen.has(own)) continue;
        seen.add(own);
        const texts = [feature.id, ...(feature.label || []), ...feature.values.filter((v) => typeof v === "string")];
        found.push({ layer, feature, text: texts.join("\n").toLowerCase() });
      }
    }
    return found;
  }
  function mark() {
    [...list.children].forEach((row, place) => row.setAttribute("aria-selected", String(place === chosen)));
    if (chosen >= 0) query.setAttribute("aria-activedescendant", `hit-${chosen}`);
    else query.removeAttribute("aria-activedescendant");
  }
  function look() {
    const wanted = query.value.trim().toLowerCase();
    list.textContent = "";
    chosen = -1;
    entries = entries || listed();
    hits = stationsNamed(wanted);
    for (let k = 0; wanted && k < entries.length && hits.length < 12; k += 1) if (entries[k].text.includes(wanted)) hits.push(entries[k]);
    query.setAttribute("aria-expanded", String(hits.length > 0));
    if (wanted) map.closePopup();
    hits.forEach((hit, place) => {
      const row = make("li", "", list);
      row.id = `hit-${place}`;
      row.setAttribute("role", "option");
      say(make("b", "", row), hit.feature.label || hit.feature.id);
      say(make("span", "", row), hit.layer.title);
      row.addEventListener("click", () => go(hit));
    });
    if (wanted && !hits.length) say(make("li", "none", list), D.ui.nothing);
    mark();
    placeFlags();
  }
  function go(hit) {
    if (hit.go) {
      hit.go();
      return;
    }
    const layer = holding(hit.layer, hit.feature);
    chooseFor(layer, hit.feature);
    query.value = told(hit.feature.label || hit.feature.id);
    hits = [];
    list.textContent = "";
    query.setAttribute("aria-expanded", "false");
    const at = visit(layer, [hit.feature.id]);
    explain(layer, layer.features.find((one) => one.id === hit.feature.id), hit.feature.spot ? L.latLng(hit.feature.spot) : at);
  }
  query.addEventListener("input", look);
  query.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && hits.length) {
      chosen = (chosen + step + hits.length) % hits.length;
      event.preventDefault();
      mark();
    }
    if (event.key === "Enter" && hits.length) go(hits[Math.max(chosen, 0)]);
  });
}

// Go to features of a layer: shown, zoomed to and lit. Gives the middle of them.
const CLOSE = { parcels: 15.5, others: 13 };
function visit(layer, ids) {
  shown.set(layer, true);
  enterFor(layer.side, layer);
  refresh();
  drawThemes();
  map.closePopup();
  const wanted = new Set(ids);
  const box = L.latLngBounds([]);
  for (const feature of layer.features) if (wanted.has(feature.id)) box.extend(L.geoJSON(feature.geometry).getBounds());
  const near = Math.max(layer.packed ? CLOSE.parcels : CLOSE.others, map.getZoom()); // nearer, never farther for its own sake
  if (box.isValid()) map.fitBounds(box, { animate: false, maxZoom: near, padding: [60, 60] });
  light(layer, ids);
  if (window.innerWidth <= 900) byId("stage").scrollIntoView();
  return box.isValid() ? box.getCenter() : map.getCenter();
}

// Lit features: drawn once more above everything, in a colour no layer uses.
let lit = null;
function light(layer, ids) {
  if (lit) lit.remove();
  lit = null;
  if (!layer || layer.kind !== "vector") return 0;
  const wanted = new Set(ids);
  if (layer.packed) {
    const places = [...layer.features.keys()].filter((k) => !wanted.size || wanted.has(layer.features[k].id));
    lit = L.layerGroup(litParcels(layer, places)).addTo(map);
    return places.length;
  }
  const features = layer.features.filter((one) => !wanted.size || wanted.has(one.id));
  const data = { type: "FeatureCollection", features: features.map((one) => ({ type: "Feature", properties: {}, geometry: one.geometry })) };
  const style = (color, weight, className) => ({ pane: "highlight", interactive: false, color, weight, fillColor: "#F0C75E", fillOpacity: 0.22, radius: 8, className });
  const part = (color, weight, name) => L.geoJSON(data, {
    pane: "highlight", interactive: false, style: () => style(color, weight, name),
    pointToLayer: (feature, at) => L.circleMarker(at, style(color, weight, name)),
  });
  lit = L.layerGroup([part("#22303C", 5, "lit-edge"), part("#F0C75E", 2.6, "lit")]).addTo(map);
  return features.length;
}
