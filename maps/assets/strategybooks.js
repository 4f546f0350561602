// The books of a strategy on the shelf: ledger by section, timeline, every table; and all of it on paper.
function bookFrame(leaf, name) {
  const frame = make("div", "scroll", leaf);
  frame.tabIndex = 0;
  return make("table", `book ${name}`, frame);
}

function headOf(grid, titles) {
  const head = make("tr", "", make("thead", "", grid));
  for (const { words, number, unit } of titles) {
    const cell = make("th", number ? "number" : "", head);
    cell.scope = "col";
    say(make("span", "", cell), words);
    if (number) say(cell, words, "hint");
    if (unit) say(make("small", "", cell), unit);
  }
}

const planHeads = () => S.plans.map((_, place) => ({ words: planWords(place), number: true }));

// Lines section by section: what is used or owed, what is supplied or met, what is still open.
function drawLedger(leaf) {
  const grid = bookFrame(leaf, "ledger");
  headOf(grid, [{ words: D.ui.item }, { words: D.ui.whole, number: true }, { words: D.ui.span, number: true }, ...planHeads()]);
  for (const section of S.ledger) {
    const body = make("tbody", "", grid);
    const title = make("th", "part", make("tr", "", body));
    title.colSpan = 3 + S.plans.length;
    title.scope = "rowgroup";
    both(title, section.title);
    for (const line of section.lines) ledgerLine(line, body);
  }
}

function ledgerLine(line, body) {
  const row = make("tr", `side-${line.side}`, body);
  row.dataset.line = line.id;
  const name = make("th", "", row);
  name.scope = "row";
  const layer = line.layer && layerNamed(line.layer);
  const title = make(layer ? "button" : "span", layer ? "shows" : "", name);
  say(title, line.title);
  if (layer) {
    title.type = "button";
    title.addEventListener("click", () => showRow(row, layer, []));
  }
  const open = line.side === "open" && !line.nothing;
  const settled = line.side === "open" && line.nothing;
  say(make("span", `badge ${open ? "bad" : settled ? "good" : "plain"}`, name), settled ? D.ui.settled : line.side_words);
  if (line.note.some(Boolean)) say(make("small", "", name), line.note);
  const whole = make("td", "number", row);
  make("b", "", whole).textContent = line.whole;
  say(make("span", "unit", whole), line.unit);
  if (line.mu.some(Boolean)) say(make("small", "", whole), line.mu);
  make("td", "number", row).textContent = line.span;
  for (const value of line.plans) make("td", "number", row).textContent = value;
}

// A row each plan in its order, a column each year; below them the same by source of money, and the sums.
function drawTimeline(leaf) {
  const { years, plans, sources, whole, undated } = S.timeline;
  if (undated) say(make("p", "hint", leaf), D.ui.undated);
  const grid = bookFrame(leaf, "timeline");
  const unit = D.ui.ten_thousand;
  headOf(grid, [
    { words: D.ui.timeline }, ...years.map((year) => ({ words: [year, year], number: true })),
    { words: D.ui.whole, number: true, unit }, { words: D.ui.present, number: true, unit }, { words: D.ui.handed },
  ]);
  const body = make("tbody", "", grid);
  S.plans.forEach((plan, place) => {
    const row = make("tr", "", body);
    const name = make("th", "", row);
    name.scope = "row";
    const title = say(make(plan.href ? "a" : "span", "", name), planWords(place));
    if (plan.href) title.href = plan.href;
    if (!plan.ran) say(make("span", "badge bad", name), D.ui.failed);
    timelineCells(row, plans[place]);
    say(make("td", "hands", row), plan.hands);
  });
  const below = make("tbody", "", grid);
  const part = make("th", "part", make("tr", "", below));
  part.colSpan = years.length + 4;
  both(part, D.ui.by_source);
  for (const source of sources) timelineRow(source.title, source, below);
  timelineRow(D.ui.whole, whole, make("tfoot", "", grid));
}

function timelineRow(title, sums, body) {
  const row = make("tr", "", body);
  const name = make("th", "", row);
  name.scope = "row";
  say(name, title);
  timelineCells(row, sums);
  make("td", "", row);
}

function timelineCells(row, sums) {
  for (const { value, undated } of sums.cells) make("td", "number", row).textContent = undated ? `${value}＊` : value;
  make("td", "number total", row).textContent = sums.total;
  make("td", "number", row).textContent = sums.present || "";
}

// All that the shelf holds stands on broad sheets as well, each part under its title.
function booksOnPaper() {
  const columns = (function* broad() {
    for (;;) yield addSheet("broad").columns[0];
  })();
  const parts = shelved.leaves.flatMap(({ title, draw }) => {
    const box = make("div", "paper-book");
    draw(box);
    return [heading(title), ...[...box.children].map((one) => (one.matches("details") ? copied(one.querySelector(".grid")) : copied(one)))];
  });
  pour(parts, columns);
}

moreLeaves.push({ id: "ledger", title: D.ui.ledger, draw: drawLedger }, { id: "timeline", title: D.ui.timeline, draw: drawTimeline });
moreLeaves.push(...S.tables.map((table) => ({ id: table.id, title: table.title, draw: (leaf) => drawTable(table, leaf) })));
moreSheets.push(booksOnPaper);
startStrategy();
