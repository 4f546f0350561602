// All figures of all runs: a table as a heat map, and parallel coordinates.
const ALIKE = 1e-9; // figures that differ by less than this share of the larger one are the same
const INKS = ["#F6F8F9", "#DCE9EC", "#B9D3D9", "#8FB8C2", "#5F97A5"]; // from the worst to the best
const valuesOf = (place) => D.runs.map((one) => D.figures.values[one.code][place]);
function spanOf(place) {
  const known = valuesOf(place).filter((value) => typeof value === "number");
  return { low: Math.min(...known), high: Math.max(...known), known: known.length };
}

// Where a value stands between the worst and the best of all runs; the larger is the better where nobody says.
function merit(column, place, value) {
  const { low, high } = spanOf(place);
  if (value === null || !(high - low > ALIKE * Math.max(Math.abs(low), Math.abs(high)))) return null;
  const part = (value - low) / (high - low);
  return column.better === "lower" ? 1 - part : part;
}

const figuresSeen = () => D.figures.columns.map((column, place) => ({ column, place })).filter(({ place }) => spanOf(place).known);
const differing = () => figuresSeen().filter(({ place }) => {
  const { low, high } = spanOf(place);
  return high - low > ALIKE * Math.max(Math.abs(low), Math.abs(high));
});

// A run that is on the map is shown; the others are told by their figures alone.
function showRun(wanted) {
  if (!mapped.includes(wanted)) return;
  picked.run = wanted;
  enter("run");
}
const inView = () => ({ run: [picked.run], compare: [picked.left, picked.right], difference: [base, picked.other], losers: [picked.other] }[state] || []);

function drawHeat(leaf) {
  say(make("p", "hint", leaf), D.ui.heat_hint);
  const frame = make("div", "scroll", leaf);
  frame.tabIndex = 0;
  const grid = make("table", "heat", frame);
  const head = make("tr", "", make("thead", "", grid));
  const body = make("tbody", "", grid);
  say(make("th", "", head), D.ui.runs_shown);
  const lines = D.runs.map((run) => heatRow(run, body));
  const sorting = { place: -1, down: false };
  figuresSeen().forEach(({ column }, place) => {
    const cell = make("th", "number", head);
    cell.scope = "col";
    const button = make("button", "sort", cell);
    button.type = "button";
    say(make("span", "", button), column.title);
    if (column.unit.some(Boolean)) say(make("small", "", button), column.unit);
    button.addEventListener("click", () => {
      Object.assign(sorting, { down: sorting.place === place && !sorting.down, place });
      const key = (line) => (line.dataset[`v${place}`] === "" ? NaN : Number(line.dataset[`v${place}`]));
      const order = [...lines].sort((a, b) => Number.isNaN(key(a)) - Number.isNaN(key(b)) || (sorting.down ? key(b) - key(a) : key(a) - key(b)) || 0);
      body.append(...order);
      [...head.children].forEach((one, k) => (k === place + 1 ? one.setAttribute("aria-sort", sorting.down ? "descending" : "ascending") : one.removeAttribute("aria-sort")));
    });
  });
  const mark = () => lines.forEach((line, k) => line.classList.toggle("seen", inView().includes(D.runs[k].code)));
  afterState.push(mark);
  mark();
}

function heatRow(run, body) {
  const line = make("tr", "", body);
  const title = make("th", "", line);
  title.scope = "row";
  const on = mapped.includes(run.code);
  const name = make(on ? "button" : "span", on ? "shows" : "", title);
  say(name, runWords(run.code));
  if (on) {
    name.type = "button";
    name.addEventListener("click", () => showRun(run.code));
  } else say(title, D.ui.off_map, "hint");
  figuresSeen().forEach(({ column, place }, k) => {
    const value = D.figures.values[run.code][place];
    const cell = make("td", "number", line);
    cell.textContent = value === null ? "—" : figure(value, column.decimals);
    line.dataset[`v${k}`] = value === null ? "" : String(value);
    const part = merit(column, place, value);
    if (part === null) return;
    cell.style.backgroundColor = INKS[Math.min(Math.floor(part * INKS.length), INKS.length - 1)];
    if (part === 1 && column.better) {
      make("span", "star", cell).textContent = "★";
      say(cell, D.ui.best, "hint");
      cell.removeAttribute("aria-label");
    }
  });
  return line;
}

// Parallel coordinates: an axis for each figure that differs, better at the top; a line for each run.
const MOST_CLEAR = 30; // runs whose lines can be told apart; of more those in view stand out
const AXES = { gap: 124, tall: 178, top: 44, edge: 70 }; // pixels
const HUES = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#882255", "#404010"];
function drawParallel(leaf) {
  const axes = differing();
  if (!axes.length) {
    say(make("p", "none", leaf), D.ui.same_all);
    return;
  }
  say(make("p", "hint", leaf), D.ui.parallel_hint);
  const output = make("output", "told", leaf);
  const frame = make("div", "scroll", leaf);
  const gap = Math.min(Math.max((leaf.clientWidth - 2 * AXES.edge - 20) / Math.max(axes.length - 1, 1), AXES.gap), 260);
  const wide = 2 * AXES.edge + gap * (axes.length - 1), high = AXES.top + AXES.tall + 26;
  const drawing = svg("svg", { viewBox: `0 0 ${wide} ${high}`, width: wide, height: high, class: D.runs.length > MOST_CLEAR ? "parallel many" : "parallel", tabindex: 0, role: "img" }, frame);
  say(drawing, D.ui.parallel, "label");
  const across = (k) => AXES.edge + k * gap, up = (part) => AXES.top + (1 - part) * AXES.tall;
  axes.forEach(({ column, place }, k) => {
    const { low, high: top } = spanOf(place);
    svg("path", { d: `M${across(k)} ${AXES.top}V${AXES.top + AXES.tall}`, class: "axis" }, drawing);
    const words = (text, y, name) => {
      const element = svg("text", { x: across(k), y, class: name }, drawing);
      element.dataset.room = String(gap - 8);
      return say(element, text);
    };
    words(column.title, 13, "m name");
    const ends = column.better === "lower" ? [low, top] : [top, low];
    words(column.unit.map((unit) => `${figure(ends[0], column.decimals)} ${unit}`), 30, "m");
    words(column.unit.map((unit) => `${figure(ends[1], column.decimals)} ${unit}`), AXES.top + AXES.tall + 16, "m");
  });
  const lines = D.runs.map((run, k) => {
    const parts = axes.map(({ column, place }) => merit(column, place, D.figures.values[run.code][place]));
    const d = parts.map((part, j) => (part === null ? "" : `${j && parts[j - 1] !== null ? "L" : "M"}${across(j)} ${up(part).toFixed(1)}`)).join("");
    const line = svg("path", { d, class: "line", stroke: HUES[k % HUES.length] }, drawing);
    line.dataset.run = run.code;
    line.addEventListener("pointerenter", () => tell(run.code));
    line.addEventListener("click", () => showRun(run.code));
    return line;
  });
  const tell = (wanted) => {
    for (const line of lines) line.classList.toggle("told", line.dataset.run === wanted);
    const front = lines.filter((line) => line.classList.contains("seen") || line.dataset.run === wanted);
    const last = [...drawing.children].slice(-front.length);
    if (front.some((line, k) => line !== last[k])) drawing.append(...front); // above the others
    say(output, runWords(wanted));
  };
  drawing.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    showRun(mapped[(mapped.indexOf(picked.run) + step + mapped.length) % mapped.length]);
  });
  const mark = () => {
    for (const line of lines) line.classList.toggle("seen", inView().includes(line.dataset.run));
    tell(inView()[inView().length - 1] || base);
  };
  afterState.push(mark);
  mark();
}

moreLeaves.push({ title: D.ui.heat, draw: drawHeat }, { title: D.ui.parallel, draw: drawParallel });
