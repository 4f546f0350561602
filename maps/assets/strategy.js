// A strategy: plans against plans as a square, what a cell says, whether all fit together.
const S = D.strategy;
const planAt = (place) => S.plans[place];
const planWords = (place) => planAt(place).title.map((title) => `${planAt(place).number} ${title}`);
const stateOfCell = (cell) => S.states.find((one) => one.code === cell.state) || { code: "own", words: D.ui.own, mark: "" };
const into = (form, ...words) => [0, 1].map((side) => words.reduce((text, one, k) => text.replace(`{${k}}`, one[side]), form[side]));
const wordsFrom = () => (lang === "zh" ? 30 : 42); // pixels of a cell in which its word has room below its mark
const MATRIX = { wide: 298, name: 88, gap: 2, least: 24, most: 46 }; // pixels

function panelPart(id, title) {
  const block = make("details", "plot strategic unsplit", byId("charts"));
  block.id = id;
  block.open = true;
  both(make("summary", "section", block), title);
  return block;
}

function drawMatrix(block) {
  const count = S.plans.length;
  const room = MATRIX.wide - MATRIX.name - MATRIX.gap * (count + 2);
  const size = Math.min(Math.max(Math.floor(room / count), MATRIX.least), MATRIX.most);
  say(make("p", "hint", block), D.ui.relations_hint);
  const frame = make("div", "matrix-frame", block);
  const grid = make("table", size === MATRIX.least ? "matrix many" : "matrix", frame);
  const word = () => grid.classList.toggle("worded", size >= wordsFrom());
  afterLanguage.push(word);
  word();
  grid.setAttribute("role", "grid");
  for (const [name, pixels] of [["cell", size], ["name", MATRIX.name], ["gap", MATRIX.gap]]) grid.style.setProperty(`--${name}`, `${pixels}px`);
  say(grid, D.ui.relations, "label");
  const head = make("tr", "", make("thead", "", grid));
  make("td", "", head);
  S.plans.forEach((plan, place) => {
    const cell = make("th", "", head);
    cell.scope = "col";
    say(cell, planWords(place), "hint");
    cell.textContent = plan.number;
  });
  const body = make("tbody", "", grid);
  const cells = S.cells.map((row, up) => {
    const line = make("tr", "", body);
    const name = make("th", "", line);
    name.scope = "row";
    say(make("span", "", name), planWords(up));
    say(name, planWords(up), "hint");
    return row.map((cell, across) => drawCell(cell, up, across, line));
  });
  drawKey(block);
  const detail = make("div", "relation", block);
  detail.setAttribute("role", "status");
  moveInMatrix(grid, cells);
  cells.forEach((row, up) => row.forEach((button, across) => button.addEventListener("click", () => {
    const again = pressed === button;
    dark();
    focusCell(cells, up, across);
    tellCell(detail, up, across);
    if (again) return;
    pressed = button;
    button.setAttribute("aria-pressed", "true");
    showCell(S.cells[up][across]);
  })));
  const [urgent] = [...contestsOf({ codes: S.plans.map((plan) => plan.name) }), ...everyPair().filter(({ up, across }) => S.cells[up][across].state === "help"), { up: 0, across: 0 }];
  focusCell(cells, urgent.up, urgent.across);
  tellCell(detail, urgent.up, urgent.across);
}

function drawCell(cell, up, across, line) {
  const { code, words, mark } = stateOfCell(cell);
  const box = make("td", "", line);
  box.setAttribute("role", "gridcell");
  const button = make("button", `cell ${code}`, box);
  button.type = "button";
  button.tabIndex = -1;
  button.setAttribute("aria-pressed", "false");
  make("b", "", button).textContent = mark || planAt(up).number;
  if (code !== "own") say(make("span", "", button), words);
  const size = cell.ha ? [` ${cell.ha} 公顷`, ` ${cell.ha} ha`] : ["", ""];
  const whose = up === across ? planWords(up) : into(D.ui.relation_of, planWords(up), planWords(across));
  say(button, whose.map((name, side) => `${name}${side ? ": " : "："}${words[side]}${size[side]}`), "hint");
  return button;
}

// What the marks say, and how many cells say so.
function drawKey(block) {
  const key = make("ul", "matrix-key", block);
  for (const { code, words, mark } of S.states) {
    const count = S.cells.flat().filter((cell) => cell.state === code).length;
    const row = make("li", "", key);
    make("b", `cell ${code}`, row).textContent = mark;
    say(make("span", "", row), words);
    make("span", "count", row).textContent = count;
  }
}

function focusCell(cells, up, across) {
  cells.flat().forEach((one) => { one.tabIndex = -1; });
  cells[up][across].tabIndex = 0;
}

function moveInMatrix(grid, cells) {
  grid.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    const up = cells.findIndex((row) => row.includes(document.activeElement));
    if (!step || up < 0) return;
    event.preventDefault();
    const last = cells.length - 1;
    const across = cells[up].indexOf(document.activeElement);
    const next = [up + step[0], across + step[1]].map((one) => Math.min(Math.max(one, 0), last));
    focusCell(cells, ...next);
    cells[next[0]][next[1]].focus();
  });
}

// A cell's hectares on the map; on a phone its clause in a pop-up, for the panel is out of sight there.
function showCell(cell) {
  const layer = layerNamed(cell.layer);
  if (!layer || !cell.features.length) return;
  showLit({ layer: cell.layer, features: cell.features, stretches: [] });
  if (window.innerWidth > 900) return;
  byId("stage").scrollIntoView();
  const feature = layer.features.find((one) => one.id === cell.features[0]);
  if (feature) explain(layer, feature, boxOf(layer, [feature.id]).getCenter());
}

function tellCell(box, up, across) {
  const cell = S.cells[up][across];
  const { code, words } = stateOfCell(cell);
  box.textContent = "";
  const head = make("p", "whose", box);
  say(make("b", "", head), up === across ? planWords(up) : into(D.ui.relation_of, planWords(up), planWords(across)));
  say(make("span", `badge state-${code}`, head), words);
  if (cell.why.some(Boolean)) say(make("p", "why-words", box), cell.why);
  if (cell.ha) {
    const size = make("p", "size", box);
    make("b", "", size).textContent = cell.ha;
    say(make("span", "unit", size), ["公顷", "ha"]);
    say(make("span", "also", size), cell.mu);
  }
  detailLines(box, D.ui.land_now, cell.pieces);
  detailLines(box, D.ui.uses, cell.uses);
  if (cell.state === "conflict") {
    say(make("h4", "", box), D.ui.clauses);
    if (!cell.rules.length) say(make("p", "", box), D.ui.no_clause);
    for (const one of cell.rules) drawRule(box, D.rules[one] || { id: one, title: ["", ""], document: "", clause: "", status: "unknown" });
  }
  if (!cell.features.length) say(make("p", "hint", box), D.ui.off_map);
}

function detailLines(box, title, told) {
  if (!told.length) return;
  say(make("h4", "", box), title);
  for (const line of told) say(make("p", "", box), line);
}

// Whether all plans fit together; else why not, and the subset that does and counts most.
function drawFit(block) {
  const { all, best } = S.subsets;
  if (!all) {
    say(make("p", "", block), D.ui.too_many);
    return;
  }
  fitRow(block, all, D.ui.all_plans.map((words) => `${words} (${S.subsets.all.codes.length})`));
  if (best && best.fits) fitRow(block, best, D.ui.best_plans);
  const button = make("button", "every-subset", block);
  button.type = "button";
  say(button, D.ui.all_subsets);
  button.addEventListener("click", () => {
    const place = shelved.leaves.findIndex((leaf) => leaf.id === "subsets");
    if (shelved.open !== place) openShelf(place);
    if (window.innerWidth <= 900) byId("shelf").scrollIntoView();
  });
}

function fitRow(block, subset, title) {
  const row = make("div", subset.fits ? "fit good" : "fit bad", block);
  const head = make("p", "", row);
  make("b", "sign", head).textContent = subset.fits ? "✓" : "✕";
  say(make("b", "", head), title);
  say(make("span", subset.fits ? "badge good" : "badge bad", head), subset.verdict);
  if (subset === S.subsets.best) say(make("p", "plans", row), subset.plans);
  for (const { up, across } of contestsOf(subset)) contestRow(row, up, across);
  if (subset.rest.some(Boolean)) say(make("p", "plans", row), subset.rest);
}

const everyPair = () => S.cells.flatMap((row, up) => row.map((_, across) => ({ up, across })));

// Pairs of plans of a subset that contest land, the largest first.
function contestsOf(subset) {
  const inside = (place) => subset.codes.includes(planAt(place).name);
  const size = ({ up, across }) => Number.parseFloat(S.cells[up][across].ha.replaceAll(",", ""));
  return everyPair().filter(({ up, across }) => up < across && inside(up) && inside(across) && S.cells[up][across].state === "conflict")
    .sort((one, other) => size(other) - size(one));
}

// A contested pair by the numbers of its plans; it leads to the cell of the matrix.
function contestRow(row, up, across) {
  const line = make("p", "plans", row);
  const button = make("button", "shows", line);
  button.type = "button";
  const { ha } = S.cells[up][across];
  say(button, into(D.ui.contests, ...[planAt(up).number, planAt(across).number, ha].map((one) => [one, one])));
  button.title = [up, across].map((place) => told(planWords(place))).join("\n");
  button.addEventListener("click", () => {
    const cell = document.querySelectorAll("#relations .matrix tbody tr")[up].querySelectorAll(".cell")[across];
    if (pressed !== cell) cell.click();
  });
}

function startStrategy() {
  const charts = [...byId("charts").children];
  drawFit(panelPart("fit", D.ui.fit));
  drawMatrix(panelPart("relations", D.ui.relations));
  byId("charts").append(...charts);
}
