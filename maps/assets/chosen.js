// The one choice of the page: which alternative. Cards, map, profile, checks, charts, tables and print follow it.
const options = D.alternatives;
let choice = 0;
const afterChoice = [];
const code = () => (options.length ? options[choice].code : "");
const several = options.length > 1;

// What the page shows just now, in words: its side and, where there are several, its alternative.
function chosen() {
  const parts = [state ? D.ui[state] : ["", ""], several ? options[choice].title : ["", ""]];
  return [0, 1].map((place) => parts.map((words) => words[place]).filter(Boolean).join(" · "));
}

// The view in words, for those who do not see it, and for tests.
function tellView() {
  document.body.dataset.alternative = code();
  byId("stage").setAttribute("aria-label", told(chosen()));
}

const cardsNow = () => (options.length && options[choice].cards.length ? options[choice].cards : D.indicators);

// Checks as they are for the alternative chosen, the most urgent first.
function checksNow() {
  const told = D.checks.map((entry) => ({ ...entry, ...(entry.parts[code()] || {}) }));
  return told.sort((one, other) => one.urgency - other.urgency);
}

// A layer of one alternative is seen with it alone; in a layer of several each feature says whose it is.
const ofChosen = (layer) => !layer.alternative || layer.alternative === code();
const listed = ofChosen; // in the list of layers
const mates = (layer) => [layer]; // what is turned on and off together
const holding = (layer) => layer; // which of its mates shows a feature
const titleOf = (layer) => layer.title;
const tagOf = (layer) => (layer.side === "both" ? null : D.ui[layer.side]);
const shownWords = () => (several ? [options[choice].title] : []);
const owners = new Map();
function ownerColumn(layer) {
  if (!owners.has(layer)) owners.set(layer, several && layer.columns ? layer.columns.findIndex((one) => one.name === "alternative") : -1);
  return owners.get(layer);
}
function isOther(layer, feature) {
  const place = ownerColumn(layer);
  return place >= 0 && options.some((one) => one.code === feature.values[place]) && feature.values[place] !== code();
}

// Roads of the others stand back; what is built of them, and their land, is not drawn.
const pieces = new Map();
function followChoice(layer, group) {
  if (layer.kind !== "vector" || ownerColumn(layer) < 0) return;
  if (layer.packed) {
    const own = [...layer.features.keys()].filter((k) => !isOther(layer, layer.features[k]));
    group.groups = group.grouped(layer, own);
    if (map.hasLayer(group)) group._update();
    return;
  }
  if (!pieces.has(layer)) {
    const found = [];
    group.eachLayer((part) => part.eachLayer((path) => {
      const feature = layer.features[path.feature.properties.place];
      found.push({ part, path, feature, opacity: path.options.opacity, fillOpacity: path.options.fillOpacity });
    }));
    pieces.set(layer, found);
  }
  for (const { part, path, feature, opacity, fillOpacity } of pieces.get(layer)) {
    const other = isOther(layer, feature);
    if (layer.ways) {
      path.setStyle({ opacity: other ? 0.35 * opacity : opacity, fillOpacity });
      if (!other && map.hasLayer(path)) path.bringToFront();
    } else if (other) part.removeLayer(path);
    else if (!part.hasLayer(path)) part.addLayer(path);
  }
}

// What was on of the one stays on of the other: plan_A becomes plan_B.
function keepShown(before, after) {
  const stemOf = (layer) => layer.id.slice(0, layer.id.length - layer.alternative.length);
  for (const layer of D.layers.filter((one) => one.alternative === after)) {
    const mate = D.layers.find((one) => one.alternative === before && stemOf(one) === stemOf(layer));
    if (mate) shown.set(layer, shown.get(mate));
  }
}

function choose(place) {
  if (place === choice || !options[place]) return;
  keepShown(code(), options[place].code);
  choice = place;
  tellView();
  dark();
  map.closePopup();
  refresh();
  drawThemes();
  for (const follow of afterChoice) follow();
}

// A feature of another alternative is seen with that one.
function chooseFor(layer, feature) {
  if (layer.alternative) chooseCode(layer.alternative);
  else if (isOther(layer, feature)) chooseCode(feature.values[ownerColumn(layer)]);
  else choose(options.findIndex((one) => one.layer === layer.id && one.features.includes(feature.id)));
}

const chooseCode = (wanted) => choose(options.findIndex((one) => one.code === wanted));

// The tabs of the alternatives; arrows go from one to the next.
function startChoice() {
  const box = byId("choices");
  afterLanguage.push(tellView);
  afterState.push(tellView);
  tellView();
  box.hidden = !several;
  if (!several) return;
  say(box, D.ui.alternatives, "hint");
  box.removeAttribute("title");
  options.forEach((one, place) => {
    const tab = make("button", "", box);
    tab.type = "button";
    tab.setAttribute("role", "radio");
    if (one.colour) make("i", "", tab).style.backgroundColor = paint(one.colour);
    say(make("span", "", tab), one.title);
    tab.addEventListener("click", () => {
      choose(place);
      showAlternative(one);
    });
  });
  box.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = (choice + step + options.length) % options.length;
    choose(next);
    box.children[next].focus();
  });
  const mark = () => [...box.children].forEach((tab, place) => {
    tab.setAttribute("aria-checked", String(place === choice));
    tab.tabIndex = place === choice ? 0 : -1;
  });
  afterChoice.push(mark);
  mark();
}

// An alternative that is a place and not a road is shown where it lies.
function showAlternative(one) {
  const layer = layerNamed(one.layer);
  if (layer && !layer.ways && one.features.length) showLit({ ...one, stretches: [] });
}

// Columns of a comparison: the one of the alternative chosen is marked, and each chooses its own.
function startCompared(grid, table) {
  const heads = [...grid.querySelectorAll("thead th")];
  const states = new Set(stateNames());
  table.columns.forEach((column, place) => {
    const known = several ? options.findIndex((one) => one.code === column.code) : -1;
    if (!place || (known < 0 && !states.has(column.code))) return;
    const title = heads[place].firstElementChild;
    const button = make("button", "pick");
    button.type = "button";
    button.append(...title.childNodes);
    title.replaceWith(button);
    say(button, column.title);
    button.addEventListener("click", () => {
      if (known < 0) enter(column.code);
      else {
        choose(known);
        showAlternative(options[known]);
      }
    });
  });
  const mark = () => {
    const here = several ? code() : state;
    for (const row of grid.querySelectorAll("tr")) {
      [...row.children].forEach((cell, place) => cell.classList.toggle("taken", place > 0 && table.columns[place].code === here));
    }
  };
  afterChoice.push(mark);
  afterState.push(mark);
  mark();
}

// Rows of the others are left out of a table that holds several alternatives.
function followRows(table, lines, more) {
  if (!table.ways || !several) return;
  const follow = () => {
    lines.forEach((line, place) => line.classList.toggle("others", table.ways[place] !== code()));
    const left = table.over[code()] || 0;
    more.hidden = !left;
    say(more, D.ui.more.map((words) => words.replace("0", left)));
  };
  afterChoice.push(follow);
  follow();
}
