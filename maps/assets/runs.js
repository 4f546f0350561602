// The choice of a page of several runs: which one is shown, which two are held side by side, and what of them.
const keptFeatures = JSON.parse(new TextDecoder().decode(blob(D.kept)));
for (const layer of D.layers) {
  if (typeof layer.features === "number") {
    layer.features = keptFeatures.features[layer.features];
    for (const feature of layer.features) feature.geometry = keptFeatures.geometries[feature.geometry];
  }
  if (layer.image !== undefined) layer.image = D.pictures[layer.image];
  layer.floor = layer.pane.includes("_") ? layer.pane.split("_")[0] : "";
}
const mapped = D.runs.filter((one) => one.indicators).map((one) => one.code); // the others are told by figures alone
const [base] = mapped;
const picked = { run: base, left: base, right: mapped[1] || base, other: mapped[1] || base, face: "after" };
const runOf = (wanted) => D.runs.find((one) => one.code === wanted);
const runWords = (wanted) => [0, 1].map((place) => `${wanted} · ${runOf(wanted).differs[place]}`);
const filledIn = (words, ...others) => words.map((one, place) => others.reduce((text, other, k) => text.replace(`{${k}}`, Array.isArray(other) ? other[place] : other), one));

// What of a run is seen: before, after or the change; what has no side of its own is always seen.
const faceOf = (layer) => (layer.own === "planned" ? "after" : layer.own);
const faces = ["before", "after", "difference"].filter((face) => D.layers.some((layer) => !layer.view && faceOf(layer) === face));
if (!faces.includes(picked.face)) picked.face = faces[0] || "after";

// Where a layer stands in the present view: on both sides of the swipe, on one, or away.
function sideNow(layer) {
  if (layer.view) return layer.view === state && (!layer.letter || layer.letter === picked.other) ? layer.view : "away";
  const has = (wanted) => layer.runs.includes(wanted);
  if (state !== "run" && state !== "compare") {
    const all = state === "difference" ? [base, picked.other] : mapped;
    return layer.own === "both" && all.every(has) ? "both" : "away";
  }
  if (layer.own !== "both" && faceOf(layer) !== picked.face) return "away";
  const [left, right] = state === "run" ? [has(picked.run), has(picked.run)] : [has(picked.left), has(picked.right)];
  return left && right ? "both" : left ? "before" : right ? "after" : "away";
}

// A layer that changes sides is drawn anew in its other pane; all others stay as they are.
function takeSides() {
  for (const layer of D.layers) {
    layer.side = sideNow(layer);
    if (!layer.floor || layer.side === "away") continue;
    const pane = `${layer.floor}_${layer.view ? "difference" : layer.side}`;
    if (pane !== layer.pane && drawn.has(layer)) {
      map.removeLayer(drawn.get(layer));
      drawn.delete(layer);
    }
    layer.pane = pane;
  }
}

const ofChosen = (layer) => layer.side !== "away";
const mates = (layer) => D.layers.filter((one) => one.mate === layer.mate);
const listed = (layer) => ofChosen(layer) && D.layers.find((one) => one.mate === layer.mate && ofChosen(one)) === layer;
const holding = (layer, feature) => mates(layer).find((one) => ofChosen(one) && one.features.some((other) => other.id === feature.id)) || layer;
const tagOf = () => null;
const letterOf = (layer) => (layer.side === "before" ? picked.left : layer.side === "after" ? picked.right : "");
const titleOf = (layer) => (letterOf(layer) ? layer.title.map((words) => `${words} · ${letterOf(layer)}`) : layer.title);

// The view in words: the run, the two runs, or the run held against the first.
function shownWords() {
  if (state === "run") return [runWords(picked.run)];
  if (state === "compare") return [runWords(picked.left), runWords(picked.right)];
  if (state === "losers") return [runWords(picked.other)];
  return state === "difference" ? [[0, 1].map((place) => `${runWords(picked.other)[place]} − ${base}`)] : [];
}
function chosen() {
  const parts = [D.ui[state] || ["", ""], ...shownWords()];
  return [0, 1].map((place) => parts.map((words) => words[place]).join(" | "));
}

// A layer of a run that is not in view is shown with its run; one of the comparison in its view.
function chooseFor(layer) {
  if (ofChosen(layer)) return;
  if (layer.view) {
    if (layer.letter) picked.other = layer.letter;
    enter(layer.view);
    return;
  }
  if (!layer.runs.includes(picked.run)) [picked.run] = layer.runs;
  if (layer.own !== "both") picked.face = faceOf(layer);
  enter("run");
}

// Alternatives within a run are looked at on its own page; here none is chosen.
const options = [], several = false, choice = 0, afterChoice = [];
const code = () => "";
const isOther = () => false;
const followChoice = () => {};
const followRows = () => {};
const startCompared = () => {};
const chooseCode = () => {};
const cardsNow = () => D.indicators;
const checksNow = () => D.checks;
