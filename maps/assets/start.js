// Everything in its order: panels first, then the map in the room they leave.
function flyout(name) {
  const button = byId(`${name}-button`);
  const box = byId(name);
  const turn = (on) => {
    box.hidden = !on;
    button.setAttribute("aria-expanded", String(on));
    if (on && name === "search") byId("query").focus();
    if (on && popupBox() && !clearOf(popupBox(), screenBox(box))) map.closePopup();
    placeFlags();
  };
  button.addEventListener("click", () => turn(box.hidden));
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    turn(false);
    button.focus();
  });
  return turn;
}

let foldLegend = null;
const LOW = 560; // pixels of a map so low, above a profile, that a legend would take the room of what it tells
function startTools() {
  const layers = flyout("layers");
  const search = flyout("search");
  byId("layers-button").addEventListener("click", () => search(false));
  byId("search-button").addEventListener("click", () => layers(false));
  byId("measure-button").addEventListener("click", () => [layers, search].forEach((turned) => turned(false)));
  byId("zoom-in").addEventListener("click", () => map.zoomIn());
  byId("zoom-out").addEventListener("click", () => map.zoomOut());
  const legend = byId("legend-button");
  const fold = (on) => {
    byId("legend-body").hidden = !on;
    byId("legend").classList.toggle("folded", !on);
    legend.setAttribute("aria-expanded", String(on));
    if (state) packLegend();
    if (state) placeLabels();
  };
  legend.addEventListener("click", () => fold(byId("legend-body").hidden));
  fold(window.innerWidth >= 1400 && byId("stage").clientHeight >= LOW);
  foldLegend = fold;
  for (const id of ["tools", "layers", "search", "legend", "measured"]) {
    L.DomEvent.disableClickPropagation(byId(id));
    L.DomEvent.disableScrollPropagation(byId(id));
  }
}

startChoice();
startBasemap();
drawPanels();
foldToFit();
fillCharts();
startBoard();
startFronts();
startProfile();
map.invalidateSize({ animate: false });
map.fitBounds(county, { animate: false });
startTools();
startSwipe();
startStates();
fitCounty();
map.setMinZoom(Math.max(map.getZoom() - 1.5, 1));
map.setMaxZoom(17);
const widest = viewBounds({ centre: county.getCenter(), zoom: map.getMinZoom(), size: map.getSize() });
map.setMaxBounds(county.pad(2).extend(widest.pad(0.6))); // a pop-up at the edge must find room, on a small screen too
fitFocus();
L.control.scale({ imperial: false, position: "bottomright", maxWidth: 130 }).addTo(map);
map.on("zoomend", fadeHillshade);
fadeHillshade();
startLegend();
fitFocus();
startReadout();
startLabels();
startParcels();
joinProfileAndMap();
startSearch();
startMeasure();
startView();
startExport();
startPrint();
document.body.dataset.drawn = "yes";
paintParcels();
