// The panels: indicators, tables, charts, checks, footer.
function layerNamed(id) {
  const own = D.layers.filter((layer) => layer.id === id && layer.kind === "vector");
  return own.find(ofChosen) || own[0];
}

let pressed = null;
function lights(element, entry) {
  element.setAttribute("aria-pressed", "false");
  element.addEventListener("click", () => {
    const again = pressed === element;
    dark();
    if (again) return;
    showLit(entry);
    pressed = element;
    element.setAttribute("aria-pressed", "true");
  });
}

function percent(element, value) {
  element.style.width = `${Math.min(Math.max(Number(value) || 0, 0), 1) * 100}%`;
}

function drawCard(entry, parent) {
  const active = layerNamed(entry.layer);
  const card = make(active ? "button" : "div", "card", parent);
  if (active) card.type = "button";
  const head = make("span", "head", card);
  const names = make("span", "names", head);
  say(make("b", "", names), entry.title);
  say(make("small", "", names), entry.title, "other");
  if (entry.verdict) {
    const badge = make("span", `badge ${entry.tone}`, head);
    badge.textContent = entry.verdict.join(" ");
  }
  const row = make("span", "figures", card);
  const value = make("span", "value", row);
  make("b", "", value).textContent = entry.value;
  say(make("span", "unit", value), entry.unit);
  if (entry.also) say(make("span", "also", value), entry.also);
  if (entry.change) say(make("span", `change ${entry.change.tone}`, row), entry.change.text);
  if (entry.bar !== null) {
    const bar = make("span", `bar ${entry.tone}`, card);
    percent(make("i", "", bar), entry.bar);
    if (entry.mark !== null) make("u", "", bar).style.left = `${entry.mark * 100}%`;
    if (entry.tick !== null) make("s", "", bar).style.left = `${entry.tick * 100}%`;
  }
  if (entry.note.some(Boolean)) say(make("span", "note", card), entry.note);
  if (active) lights(card, entry);
  return card;
}

function fillCharts() {
  for (const frame of document.querySelectorAll("[data-chart]")) {
    const chart = D.charts[Number(frame.dataset.chart)];
    both(frame.querySelector("summary"), chart.title);
    const drawing = frame.querySelector("svg");
    const texts = drawing.querySelectorAll("[data-words]");
    for (const text of texts) say(text, chart.words[Number(text.dataset.words)]);
    frame.addEventListener("toggle", () => texts.forEach(repeat)); // what is not open has no length to cut by
    const name = () => drawing.setAttribute("aria-label", told(chart.title));
    afterLanguage.push(name);
    name();
  }
}

// Points of a front: the one under the pointer or the arrow keys tells its figures.
function startFronts() {
  for (const front of document.querySelectorAll(".front")) {
    const words = D.charts[Number(front.closest("[data-chart]").dataset.chart)].words;
    const points = [...front.querySelectorAll("[data-tip]")];
    const tips = [...front.querySelectorAll(".tip")];
    const first = Math.max(points.findIndex((point) => point.classList.contains("chosen")), 0);
    let place = -1;
    const tell = (next) => {
      if (!points.length) return;
      place = Math.min(Math.max(next, 0), points.length - 1);
      points.forEach((point, k) => point.classList.toggle("told", k === place));
      const at = Number(points[place].dataset.tip);
      tips.forEach((tip, line) => say(tip, words[at + line]));
      const name = front.getAttribute("aria-label").split("\n")[0];
      front.setAttribute("aria-label", `${name}\n${tips.map((tip, line) => told(words[at + line])).join(" ")}`);
    };
    points.forEach((point, k) => {
      point.addEventListener("pointerenter", () => tell(k));
      point.addEventListener("click", () => tell(k));
    });
    front.addEventListener("keydown", (event) => {
      const next = { ArrowLeft: place - 1, ArrowRight: place + 1, ArrowDown: place - 1, ArrowUp: place + 1, Home: 0, End: points.length - 1 }[event.key];
      if (next === undefined) return;
      event.preventDefault();
      tell(next);
    });
    front.closest("details").addEventListener("toggle", () => tell(place));
    tell(first);
    followPoints(points, words, tell);
  }
}

// Points of alternatives: the one chosen is ringed, and a click on another one chooses it.
function followPoints(points, words, tell) {
  const whose = points.map((point) => (point.dataset.whose ? words[Number(point.dataset.whose)][0] : ""));
  if (!several || !whose.some((one) => options.some((other) => other.code === one))) return;
  const follow = () => {
    points.forEach((point, k) => {
      point.classList.toggle("chosen", whose[k] === code());
      point.setAttribute("r", whose[k] === code() ? "6" : "4");
    });
    tell(Math.max(whose.indexOf(code()), 0));
  };
  points.forEach((point, k) => point.addEventListener("click", () => chooseCode(whose[k])));
  afterChoice.push(follow);
  follow();
}

function drawCheck(entry, parent) {
  const row = make("li", "", parent);
  const active = (entry.features.length || entry.stretches.length) && hasPlace(entry);
  const line = make(active ? "button" : "div", "check", row);
  make("span", `sign ${entry.tone}`, line).textContent = entry.mark;
  const middle = make("span", "what", line);
  say(make("span", "", middle), entry.title);
  const rule = D.rules[entry.rule];
  const rest = make("small", "", middle);
  const named = make("span", "rule", rest);
  named.textContent = entry.rule_id;
  if (rule && rule.title[0] && rule.title[0] !== entry.title[0]) {
    say(named, rule.title);
    rest.title = [rule.id, rule.document, rule.clause].filter(Boolean).join(" · ");
  }
  if (rule) say(make("em", "", rest), D.ui[rule.status] || rule.status);
  const end = make("span", "end", line);
  say(make("b", entry.tone, end), entry.verdict);
  const long = Math.max(...entry.found.map((words) => words.length));
  const below = make("span", "below", line);
  say(long > 28 ? make("span", "found", below) : long > 9 ? make("span", "found", middle) : make("span", "", end), entry.found);
  if (entry.remedy.some(Boolean)) say(make("small", "", below), [`${D.ui.remedy[0]}：${entry.remedy[0]}`, `${D.ui.remedy[1]}: ${entry.remedy[1]}`]);
  if (entry.allowed.some(Boolean)) say(make("small", "", end), D.ui.allowed.map((word, k) => `${word} ${entry.allowed[k]}`));
  if (active) lights(line, entry);
  return row;
}

// What could not be worked out stands where its figures would.
function drawGaps(parent) {
  const gaps = checksNow().filter((entry) => entry.tone === "plain");
  parent.textContent = "";
  parent.hidden = !gaps.length;
  if (!gaps.length) return;
  foldable(make("h2", "section", parent), D.ui.gaps, parent);
  const list = make("ul", "", parent);
  for (const entry of gaps) {
    const long = Math.max(...entry.found.map((words) => words.length)) > 28;
    const row = make("li", long ? "long" : "", list);
    say(make("span", "", row), entry.title);
    if (entry.found.some(Boolean)) say(make("b", "", row), entry.found);
  }
}

function drawFooter() {
  const box = byId("footer");
  for (const line of D.footer) {
    const row = make("p", "", box);
    say(make("b", "", row), line.title);
    say(make("span", "", row), line.text);
  }
  make("p", "statutory", box).textContent = D.ui.statutory.join(" · ");
  const slot = make("p", "slot", box);
  say(make("b", "", slot), D.ui.review);
  make("span", "blank", slot);
}

// The headline figures, the alternatives compared, the other figures, which fold.
const FIRST = 4;
function drawCards() {
  const box = byId("cards");
  const cards = cardsNow();
  const compared = D.tables.filter((table) => table.compared);
  cards.forEach((entry, place) => {
    if (place === FIRST) {
      for (const table of compared) drawTable(table, box);
      foldable(make("h2", "section", box), D.ui.further, box);
    }
    drawCard(entry, box).classList.toggle("further", place >= FIRST);
  });
  if (cards.length <= FIRST) for (const table of compared) drawTable(table, box);
}

// The cards of another alternative take the place of these; the tables between them stay.
function redrawCards() {
  const box = byId("cards");
  const old = [...box.querySelectorAll(":scope > .card")];
  cardsNow().forEach((entry, place) => {
    const card = drawCard(entry, box);
    card.classList.toggle("further", place >= FIRST);
    if (old[place]) old[place].replaceWith(card);
  });
  old.slice(cardsNow().length).forEach((card) => card.remove());
}

// Checks that pass come last, and fold where there are many.
const MANY_PASSED = 6;
function drawChecks() {
  const box = byId("checks");
  box.textContent = "";
  const entries = checksNow();
  const passed = entries.filter((entry) => entry.tone === "good");
  const heads = passed.length >= MANY_PASSED && passed.length < entries.length;
  for (const entry of entries) {
    if (heads && entry === passed[0]) foldable(make("h3", "section", make("li", "rest", box)), D.ui.passed.map((words) => `${words} (${passed.length})`), box);
    drawCheck(entry, box).classList.toggle("passed", heads && entry.tone === "good");
  }
  fold(box, box.classList.contains("folded"));
}

// The headings say whose figures and verdicts these are; the answer is written for the first one.
const ofFirst = (words) => (several ? words.map((one, place) => `${one} · ${options[0].title[place]}`) : words);
function nameChosen() {
  both(byId("answer-title"), ofFirst(D.ui.answer));
  byId("answer-of").hidden = !choice;
  if (choice) say(byId("answer-of"), D.ui.answer_of.map((one, place) => one.replace("{0}", options[0].title[place]).replace("{1}", options[choice].title[place])));
  for (const [id, words] of [["cards-title", D.ui.indicators], ["checks-title", D.ui.checks]]) {
    both(byId(id), several ? words.map((one, place) => `${one} · ${options[choice].title[place]}`) : words);
  }
}

// A heading that folds what its box holds; printed, nothing is folded.
function foldable(heading, words, box) {
  const button = both(make("button", "fold", heading), words);
  button.type = "button";
  button.setAttribute("aria-expanded", "true");
  button.setAttribute("aria-controls", box.id);
  button.addEventListener("click", () => fold(box, !box.classList.contains("folded")));
}

function fold(box, folded) {
  const button = box.querySelector("button.fold");
  if (!button) return; // what has no heading could not be unfolded
  box.classList.toggle("folded", folded);
  button.setAttribute("aria-expanded", String(!folded));
}

function drawTables(parent) {
  const tables = D.tables.filter((table) => !table.compared && !isWide(table));
  if (tables.length > 2) foldable(make("h2", "section", parent), D.ui.tables.map((words) => `${words} (${tables.length})`), parent);
  for (const table of tables) drawTable(table, parent);
}

// The left panel opens at two screens at most: tables fold first, from the last on, then the other
// figures, the list of tables, what is not known, and tables among the figures. On a phone all of
// that folds. So do the checks that pass, in a right panel that is longer.
function foldToFit() {
  const panel = byId("left");
  const phone = getComputedStyle(panel).display === "contents";
  const tables = (place) => [...document.querySelectorAll(`${place} details.table`)].reverse().map((one) => () => { one.open = false; });
  const groups = ["cards", "tables", "gaps"].map((id) => () => fold(byId(id), true));
  const long = () => phone || panel.scrollHeight > 2 * panel.clientHeight;
  const closing = [...tables("#tables"), ...groups, ...tables("#cards")];
  for (let languages = 2; languages; languages -= 1) { // whichever is the longer one has its room
    lang = lang === "zh" ? "en" : "zh";
    for (const one of document.querySelectorAll(".side [data-said]")) repeat(one);
    while (closing.length && long()) closing.shift()();
    if (phone || byId("right").scrollHeight > 2 * byId("right").clientHeight) fold(byId("checks"), true);
  }
}

// The answer in two to five sentences, before any figure.
function drawAnswer(parent) {
  parent.hidden = !D.answer.length;
  const text = parent.querySelector("p");
  for (const [zh, en] of D.answer) say(make("span", "", text), [zh, `${en} `]);
}

function drawPanels() {
  const title = byId("title");
  say(title, D.title);
  const name = () => { document.title = `${told(D.title)} · ${told(D.county)}`; };
  afterLanguage.push(name);
  name();
  const line = byId("subtitle");
  say(make("span", "", line), D.county);
  make("span", "dot", line).textContent = "・";
  say(make("span", "", line), D.subtitle);
  drawAnswer(byId("answer"));
  drawCards();
  drawGaps(byId("gaps"));
  drawTables(byId("tables"));
  startShelf();
  startWide();
  drawChecks();
  nameChosen();
  afterChoice.push(() => {
    redrawCards();
    drawChecks();
    drawGaps(byId("gaps"));
    nameChosen();
  });
  byId("cards-title").hidden = !D.indicators.length;
  byId("checks-title").hidden = !D.checks.length;
  drawFooter();
}
