// How opaque each layer is drawn: a slider beside its name in the list of layers.
const opacities = new Map();
const opacityOf = (layer) => opacities.get(layer) || 1;

// The elements that hold a layer's drawing and nothing else.
function drawings(layer) {
  if (layer.meaning === "outline") return ["county", "mask"].map((name) => map.getPane(name));
  if (layer.kind === "raster") return [shape(layer).getElement()];
  if (layer.packed || layer.lines !== undefined) return [shape(layer)._container];
  return shape(layer).getLayers().map((one) => one.options.renderer._container);
}

function applyOpacities() {
  for (const layer of D.layers) {
    if (!visible(layer) || !opacities.has(layer)) continue;
    for (const one of drawings(layer)) if (one) one.style.opacity = opacityOf(layer);
  }
  for (const slider of document.querySelectorAll(".opacity")) slider.style.visibility = visible(D.layers[Number(slider.dataset.of)]) ? "" : "hidden";
}

function drawOpacity(layer, parent) {
  if (layer.spots) return; // heights are words, which are not seen through
  const slider = make("input", "opacity", parent);
  Object.assign(slider, { type: "range", min: "10", max: "100", step: "5", value: String(Math.round(100 * opacityOf(layer))) });
  slider.dataset.of = String(D.layers.indexOf(layer));
  slider.style.visibility = visible(layer) ? "" : "hidden";
  const words = () => D.ui.opacity.map((one, side) => `${one} ${slider.value} % · ${layer.title[side]}`);
  say(slider, words(), "hint");
  slider.addEventListener("input", () => {
    opacities.set(layer, Number(slider.value) / 100);
    applyOpacities();
    say(slider, words(), "hint");
  });
}
