// What leaves the page: GeoJSON of what is shown, and the printed sheet.
function startExport() {
  say(byId("export"), D.ui.export);
  byId("export").title = D.ui.export_hint.join("\n");
  byId("export").addEventListener("click", () => {
    const features = [];
    for (const layer of D.layers) {
      if (layer.kind !== "vector" || !visible(layer)) continue;
      for (const one of layer.features) {
        const properties = { layer: layer.title[0] };
        layer.columns.forEach((column, place) => { properties[told(column.title)] = one.values[place]; });
        features.push({ type: "Feature", id: one.id, properties, geometry: one.geometry });
      }
    }
    const text = JSON.stringify({ type: "FeatureCollection", features });
    const link = make("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/geo+json" }));
    link.download = `${D.key.replace(/[^\w-]/g, "_").slice(0, 40) || "run"}.geojson`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
}

// Leaves items out from one on, and says how many; no heading stays without what it heads.
function leaveOut(items, first) {
  while (first && items[first - 1].matches("h2, summary")) first -= 1;
  const over = items.slice(first);
  const start = over[0].matches("summary") ? over[0].parentElement : over[0];
  const note = make(start.matches("li, tr") ? start.tagName : "p", "rest");
  start.before(note);
  [start, ...over].forEach((item) => item.classList.add("over"));
  const place = start.matches("tr") ? make("td", "", note) : note;
  if (start.matches("tr")) place.colSpan = start.children.length;
  const hidden = over.filter((item) => !item.matches("h2, summary"));
  say(place, D.ui.hidden_more.map((words) => words.replace("0", hidden.length)));
  return note;
}

// What a printed column cannot hold whole is left out and counted, never cut.
function fitPrinted(column, items) {
  const edge = column.getBoundingClientRect().bottom - 6;
  const low = (item) => item.getBoundingClientRect().bottom;
  let first = items.findIndex((item) => low(item) > edge);
  let note = null;
  while (first >= 0 && (!note || low(note) > edge)) {
    if (note) note.remove();
    note = leaveOut(items, first); // a table without some of its rows may have wider ones
    first -= 1;
  }
}

function printedWhole() {
  const all = (...selectors) => selectors.flatMap((one) => [...document.querySelectorAll(one)]).filter((one) => one.offsetHeight);
  fitPrinted(byId("left"), all("#cards > :not(details), #cards summary, #cards tbody tr, #gaps > h2, #gaps li"));
  fitPrinted(byId("right"), all("#checks li", "#charts > [open]"));
}

function printedNoMore() {
  for (const one of document.querySelectorAll(".over")) one.classList.remove("over");
  for (const one of document.querySelectorAll(".rest")) one.remove();
}

// Print: the page takes the shape of an A3 sheet first, so that the map is drawn for it.
function startPrint() {
  const corner = map.getContainer().querySelector(".leaflet-bottom.leaflet-right");
  const before = () => {
    if (document.body.classList.contains("printing")) return;
    document.body.classList.add("printing");
    byId("printed").textContent = new Date().toISOString().slice(0, 10);
    map.closePopup();
    printedWhole();
    map.invalidateSize({ animate: false, pan: false });
    if (ways.length) fitProfile();
    const high = byId("legend").offsetHeight + 12;
    corner.style.bottom = `${high}px`;
    map.fitBounds(focus, { animate: false, paddingTopLeft: [12, 12], paddingBottomRight: [12, high + 12] });
    clip();
  };
  const after = () => {
    document.body.classList.remove("printing");
    printedNoMore();
    corner.style.bottom = "";
    map.invalidateSize({ animate: false, pan: false });
    if (ways.length) fitProfile();
    fitFocus();
  };
  window.addEventListener("beforeprint", before);
  window.addEventListener("afterprint", after);
  byId("print").addEventListener("click", () => {
    before();
    window.print();
  });
}
