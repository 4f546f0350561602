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

// What a printed column cannot hold whole is left out and counted, never cut.
function fitPrinted(column, items) {
  const edge = column.getBoundingClientRect().bottom - 6;
  const low = (item) => item.getBoundingClientRect().bottom;
  if (items.every((item) => low(item) <= edge)) return;
  const over = items.slice(items.findIndex((item) => low(item) > edge - 18));
  const note = make(over[0].tagName === "LI" ? "li" : "p", "rest");
  over[0].before(note);
  over.forEach((item) => item.classList.add("over"));
  say(note, D.ui.hidden_more.map((words) => words.replace("0", over.length)));
}

function printedWhole() {
  const all = (...selectors) => selectors.flatMap((one) => [...document.querySelectorAll(one)]).filter((one) => one.offsetHeight);
  fitPrinted(byId("left"), all("#cards > *", "#gaps li"));
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
