// An online basemap, where one was asked for: below all else, instead of the hillshade; named on the map.
function startBasemap() {
  if (!D.basemap) return;
  for (const layer of D.layers) if (layer.meaning === "hillshade") shown.set(layer, false);
  map.getPane("mask").style.opacity = "0.35";
  for (const url of D.basemap.tiles) {
    L.tileLayer(url, {
      subdomains: D.basemap.servers || "a", maxNativeZoom: 18, maxZoom: 20,
      referrerPolicy: "strict-origin-when-cross-origin",
    }).addTo(map);
  }
  const note = make("p", "basemap", byId("stage"));
  both(note, D.basemap.credit);
  if (D.basemap.warning[0]) both(make("strong", "", note), D.basemap.warning);
}
