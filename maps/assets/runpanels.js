// The panels of several runs: those of the run in view, or of the comparison; each drawn once.
const SWAPPED = ["cards", "gaps", "tables", "checks", "footer"];
const OF_PANELS = ["indicators", "tables", "checks", "answer", "footer"];
const swapped = { now: "", kept: new Map(), whole: Object.fromEntries(OF_PANELS.map((name) => [name, D[name]])) };
const boxesNow = () => [...SWAPPED.map(byId), byId("answer").querySelector("p")];

function showPanels() {
  const wanted = state === "run" ? picked.run : "";
  if (wanted !== swapped.now) {
    swapped.kept.set(swapped.now, boxesNow().map((box) => ({ nodes: [...box.childNodes], name: box.className, hidden: box.hidden })));
    Object.assign(D, wanted ? Object.fromEntries(OF_PANELS.map((name) => [name, runOf(wanted)[name]])) : swapped.whole);
    const kept = swapped.kept.get(wanted);
    boxesNow().forEach((box, place) => {
      box.replaceChildren(...(kept ? kept[place].nodes : []));
      box.className = kept ? kept[place].name : box.className.replace(/ ?folded/, "");
      box.hidden = kept ? kept[place].hidden : false;
      for (const one of box.querySelectorAll("[data-said]")) repeat(one); // the language may have changed
    });
    swapped.now = wanted;
    if (!kept) {
      drawAnswer(byId("answer"));
      drawCards();
      drawGaps(byId("gaps"));
      drawTables(byId("tables"));
      drawChecks();
      drawFooter();
      foldToFit();
    }
  }
  nameRun();
  if (!wanted) drawHeld();
}

function nameRun() {
  byId("answer").hidden = !D.answer.length;
  byId("checks-title").hidden = !D.checks.length;
  for (const [id, words] of [["cards-title", D.ui.indicators], ["checks-title", D.ui.checks]]) {
    both(byId(id), swapped.now ? words.map((one) => `${one} · ${swapped.now}`) : words);
  }
}

// What is held side by side stands before the figures of the comparison.
const held = make("div", "held");
held.id = "held";
function drawHeld() {
  if (held.parentElement !== byId("cards")) byId("cards").prepend(held);
  held.textContent = "";
  if (state === "losers") drawLosers(held);
  else if (state === "compare") drawPair(held, picked.left, picked.right);
  else if (state === "difference") drawPair(held, base, picked.other);
  if (state === "difference" && !D.layers.some((layer) => layer.letter === picked.other)) say(make("p", "none", held), filledIn(D.ui.no_difference, base));
}

function block(parent, title) {
  const frame = make("details", "table compared", parent);
  frame.open = true;
  both(make("summary", "section", frame), title);
  const grid = make("table", "", make("div", "scroll", frame));
  return { head: make("tr", "", make("thead", "", grid)), body: make("tbody", "", grid) };
}

// Which way a figure went: in words and colour where it is known what is better.
function stepOf(column, one, other) {
  const known = typeof one === "number" && typeof other === "number";
  const step = known ? other - one : NaN;
  const close = known && Math.abs(step) <= ALIKE * Math.max(Math.abs(one), Math.abs(other));
  if (!known || close) return { text: known ? "0" : "—", tone: "", words: known ? D.ui.equal : D.ui.unknown };
  const fine = Math.abs(step) < 0.5 * 10 ** -(column.decimals || 0) ? 3 : column.decimals; // a step is never told as none
  const text = `${step > 0 ? "+" : ""}${figure(step, fine)}`;
  if (!column.better) return { text, tone: "", words: ["", ""] };
  const good = (step < 0) === (column.better === "lower");
  return { text, tone: good ? "good" : "bad", words: D.ui[good ? "better_by" : "worse_by"] };
}

function drawPair(parent, one, other) {
  const { head, body } = block(parent, [0, 1].map((place) => `${D.ui.figure[place]}：${one} | ${other}`.replace("：", place ? ": " : "：")));
  say(make("th", "", head), D.ui.figure);
  for (const name of [one, other, `${other} − ${one}`]) make("th", "number", head).textContent = name;
  D.figures.columns.forEach((column, place) => {
    const values = [one, other].map((name) => D.figures.values[name][place]);
    if (values.every((value) => value === null)) return;
    const line = make("tr", "", body);
    const title = make("th", "", line);
    title.scope = "row";
    say(make("span", "", title), column.title);
    if (column.unit.some(Boolean)) say(make("small", "", title), column.unit);
    for (const value of values) make("td", "number", line).textContent = value === null ? "—" : figure(value, column.decimals);
    const step = stepOf(column, ...values);
    const cell = make("td", `number step ${step.tone}`, line);
    make("b", "", cell).textContent = step.text;
    say(make("small", "", cell), step.words);
  });
}

const lostLayer = (row) => D.layers.find((layer) => layer.id === row.layer && layer.letter === row.run && layer.features.some((one) => one.id === row.feature));

// Who loses: each place, in which run, by how much; a click shows it.
function drawLosers(parent) {
  const rows = D.losers.rows.filter((row) => row.run === picked.other);
  const more = D.losers.more[picked.other];
  if (!rows.length) {
    say(make("p", "none", parent), D.ui.no_losers);
    return;
  }
  const { body } = block(parent, D.ui.losers);
  for (const row of rows) {
    const line = make("tr", "loser", body);
    const title = make("th", "", line);
    title.scope = "row";
    const layer = lostLayer(row);
    const name = make(layer ? "button" : "span", layer ? "shows" : "", title);
    name.textContent = row.place;
    say(make("small", "", title), filledIn(D.ui.than, row.than === "today" ? D.ui.today : row.than).map((words, k) => `${row.what[k]} · ${words}`));
    const cell = make("td", "number step bad", line);
    make("b", "", cell).textContent = `${row.value > row.other ? "+" : "−"}${figure(row.loss, 2)}`;
    say(make("small", "", cell), row.unit);
    if (!layer) continue;
    name.type = "button";
    name.addEventListener("click", () => showRow(line, layer, [row.feature]));
  }
  if (more) say(make("p", "more", parent), D.ui.more_losers.map((words) => words.replace("0", more)));
}
