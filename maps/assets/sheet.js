// What leaves the page: GeoJSON of what is shown, the printed sheets, a picture of the first of them.
function download(blob, ending) {
  const link = make("a");
  link.href = URL.createObjectURL(blob);
  link.download = `${D.key.replace(/[^\w-]/g, "_").slice(0, 40) || "run"}.${ending}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

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
    download(new Blob([text], { type: "application/geo+json" }), "geojson");
  });
}

// What the reader may set before printing, and what is kept as long as the page is open.
const order = { title: null, author: "", only: false, tables: false, extent: "run" };
const sheetTitle = () => (order.title === null ? told(D.title) : order.title);
const STRIP = 62, STRIP_MASS = 86; // millimetres of the profile below the map

// Nodes that a sheet borrows from the page, and where each goes back to.
const borrowed = [];
function borrow(node, parent) {
  const place = document.createComment("");
  node.before(place);
  parent.append(node);
  borrowed.push([node, place]);
  return node;
}

function giveBack() {
  for (const [node, place] of borrowed.splice(0)) place.replaceWith(node);
}

// The map is drawn anew for its frame on paper: to a round scale, with nothing that the screen had of it.
function mapOnPaper(frame) {
  const kept = {
    centre: map.getCenter(), zoom: map.getZoom(), view: map.getBounds(), bounds: map.options.maxBounds,
    limits: [map.options.minZoom, map.options.maxZoom, map.options.zoomSnap],
  };
  map.closePopup();
  map.setMaxBounds(null);
  Object.assign(map.options, { minZoom: 0, maxZoom: 24, zoomSnap: 0 });
  borrow(map.getContainer(), frame);
  map.invalidateSize({ animate: false, pan: false });
  const whole = focus.equals(county) ? county : focus.pad(0.06);
  const box = { run: whole, county, screen: kept.view }[order.extent];
  const ratio = toScale(box);
  clip();
  leaveCutLabels(frame);
  return { ratio, kept };
}

// A label that the neat line would cut is left out; the next move of the map places all anew.
function leaveCutLabels(frame) {
  const edge = frame.getBoundingClientRect();
  for (const label of frame.querySelectorAll(".label")) {
    const box = label.getBoundingClientRect();
    if (box.left < edge.left || box.right > edge.right || box.top < edge.top || box.bottom > edge.bottom) label.style.visibility = "hidden";
  }
}

function mapOnScreen(kept) {
  map.invalidateSize({ animate: false, pan: false });
  map.setView(kept.centre, kept.zoom, { animate: false });
  [map.options.minZoom, map.options.maxZoom, map.options.zoomSnap] = kept.limits;
  if (kept.bounds) map.setMaxBounds(kept.bounds);
  clip();
}

function stripOnPaper(centre) {
  const drawer = byId("drawer");
  const folded = drawer.classList.contains("folded");
  drawer.classList.remove("folded");
  leaveStation();
  borrow(drawer, centre);
  drawer.style.height = `${drawer.querySelector(".way:not([hidden]) .mass") ? STRIP_MASS : STRIP}mm`;
  return folded;
}

function stripOnScreen(folded) {
  byId("drawer").style.height = "";
  byId("drawer").classList.toggle("folded", folded);
  fitProfile();
}

// The page takes the shape of its sheets before it is printed, and its own again afterwards.
let printing = null;
function toPaper() {
  if (printing) return;
  const top = [window.scrollX, window.scrollY];
  const parts = blocks();
  document.body.classList.add("printing");
  window.scrollTo(0, 0);
  if (D.board) {
    boardOnPaper(parts);
    printing = { top };
    return;
  }
  const first = addSheet("first");
  const folded = ways.length && !order.only ? stripOnPaper(first.centre) : null;
  const { ratio, kept } = mapOnPaper(first.neat);
  if (folded !== null) fitProfile();
  fillSheets(first, parts, ratio);
  printing = { kept, folded, top };
}

function toScreen() {
  if (!printing) return;
  document.body.classList.remove("printing");
  giveBack();
  if (!D.board && printing.folded !== null) stripOnScreen(printing.folded);
  if (!D.board) mapOnScreen(printing.kept);
  byId("sheets").textContent = "";
  window.scrollTo(...printing.top);
  printing = null;
}

function readOrder() {
  const title = byId("sheet-title").value.trim();
  order.title = title && title !== told(D.title) ? title : null;
  order.author = byId("sheet-author").value.trim();
  order.only = byId("sheet-only").checked;
  order.tables = byId("sheet-tables").checked;
  order.extent = byId("sheet-extent").value;
}

function startPrint() {
  const dialog = byId("sheet-order");
  byId("print").addEventListener("click", () => {
    byId("sheet-title").value = sheetTitle();
    dialog.showModal();
  });
  for (const name of ["run", "county", "screen"]) {
    const option = make("option", "", byId("sheet-extent"));
    option.value = name;
    say(option, D.ui[`extent_${name}`]);
  }
  byId("sheet-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("input", readOrder);
  afterLanguage.push(() => { if (dialog.open && order.title === null) byId("sheet-title").value = told(D.title); });
  byId("sheet-print").addEventListener("click", () => {
    dialog.close();
    toPaper();
    window.print();
  });
  byId("sheet-png").addEventListener("click", async () => {
    dialog.close();
    toPaper();
    try {
      download(await pictured(byId("sheets").firstElementChild), "png");
    } finally {
      toScreen();
    }
  });
  window.addEventListener("beforeprint", toPaper);
  window.addEventListener("afterprint", toScreen);
}
