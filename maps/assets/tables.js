// Tables: filtered, sorted, looked at in a large window; a row that names features shows them.
const FILTERED_FROM = 8;

// A table that is wider than its panel can be looked at in a window of its own.
function widen(block, table) {
  const dialog = byId("wide");
  const frame = block.querySelector(".grid");
  both(byId("wide-title"), table.title);
  byId("wide-body").append(frame);
  dialog.addEventListener("close", () => block.querySelector("summary").after(frame), { once: true });
  dialog.showModal();
}

function startWide() {
  byId("wide-close").addEventListener("click", () => byId("wide").close());
  byId("wide").addEventListener("click", (event) => {
    if (event.target === byId("wide")) byId("wide").close();
  });
}

function drawTable(table, parent) {
  const block = make("details", table.compared ? "table compared" : "table", parent);
  block.open = true;
  const summary = make("summary", "section", block);
  both(summary, table.title);
  if (table.columns.length > 3 || table.rows.length > 12) {
    const button = make("button", "widen", summary);
    button.type = "button";
    svg("path", { d: "m12 8 5-5m0 0h-4m4 0v4M8 12l-5 5m0 0h4m-4 0v-4" }, svg("svg", { viewBox: "0 0 20 20", "aria-hidden": "true" }, button));
    say(button, D.ui.widen, "hint");
    button.addEventListener("click", (event) => {
      event.preventDefault();
      widen(block, table);
    });
  }
  const inside = make("div", "grid", block);
  const narrowing = !table.compared && table.rows.length >= FILTERED_FROM ? make("div", "narrow", inside) : null;
  const frame = make("div", "scroll", inside);
  frame.tabIndex = 0;
  const grid = make("table", "", frame);
  const head = make("tr", "", make("thead", "", grid));
  const body = make("tbody", "", grid);
  const lines = table.rows.map((row, number) => drawRow(table, row, number, body));
  const sorting = { place: -1, down: false };
  table.columns.forEach((column, place) => {
    const cell = make("th", table.numeric[place] ? "number" : "", head);
    cell.scope = "col";
    const inner = table.compared ? cell : make("button", "sort", cell);
    say(make("span", "", inner), column.title);
    if (column.unit.some(Boolean)) say(make("small", "", inner), column.unit);
    if (column.colour) cell.style.borderBottom = `3px solid ${paint(column.colour)}`;
    if (table.compared) return;
    inner.type = "button";
    inner.addEventListener("click", () => {
      Object.assign(sorting, { down: sorting.place === place && !sorting.down, place });
      body.append(...sorted(table, lines, sorting));
      [...head.children].forEach((one, k) => (k === place ? one.setAttribute("aria-sort", sorting.down ? "descending" : "ascending") : one.removeAttribute("aria-sort")));
    });
  });
  const more = make("p", "more", inside);
  more.hidden = !table.more;
  if (table.more) say(more, D.ui.more.map((words) => words.replace("0", table.more)));
  if (table.undrawn) say(make("p", "more undrawn", inside), D.ui.undrawn.map((words) => words.replace("{0}", table.undrawn)));
  followRows(table, lines, more);
  if (narrowing) drawFilter(narrowing, lines, table);
  if (table.compared) startCompared(grid, table);
}

function drawRow(table, row, number, body) {
  const line = make("tr", "", body);
  const layer = table.layer && table.features[number].length ? layerNamed(table.layer) : null;
  row.forEach((value, place) => {
    const named = table.compared && !place;
    const cell = make(named ? "th" : "td", table.numeric[place] ? "number" : "", line);
    if (linkStation(cell, value, table.ways && table.ways[number])) return;
    const shows = layer && !place;
    const href = !place && table.hrefs ? table.hrefs[number] : "";
    const inner = href ? make("a", "", cell) : shows ? make("button", "shows", cell) : named ? make("span", "", cell) : cell;
    say(inner, value);
    if (href) leadTo(line, inner, href);
    else if (shows) {
      inner.type = "button";
      inner.addEventListener("click", () => showRow(line, layer, table.features[number]));
    }
    if (!named) return;
    cell.scope = "row";
    if (table.units[number].some(Boolean)) say(make("small", "", cell), table.units[number]);
  });
  return line;
}

// A row that names a run opens its page: by the link in its first cell, or a click beside it.
function leadTo(line, link, href) {
  link.href = href;
  line.classList.add("leads");
  line.addEventListener("click", (event) => {
    if (!event.target.closest("a") && !String(getSelection())) link.click();
  });
}

// What a row names is shown on the map: zoomed to, and lit.
function showRow(line, layer, ids) {
  byId("wide").close();
  for (const one of document.querySelectorAll("tr.shown")) one.classList.remove("shown");
  line.classList.add("shown");
  visit(layer, ids);
}

// Rows in the order of a column: numbers by size, words as the language has it, what is unknown last.
function sorted(table, lines, { place, down }) {
  const text = (line) => line.children[place].textContent;
  const figure = (line) => Number.parseFloat(text(line).replaceAll(",", "").replace("−", "-"));
  const key = table.numeric[place] ? figure : text;
  const keys = new Map(lines.map((line) => [line, key(line)]));
  const unknown = (line) => Number.isNaN(keys.get(line)) || keys.get(line) === "—";
  const collator = new Intl.Collator(lang === "zh" ? "zh-CN" : "en", { numeric: true });
  const compare = (a, b) => (table.numeric[place] ? a - b : collator.compare(a, b));
  return [...lines].sort((a, b) => unknown(a) - unknown(b) || (unknown(a) ? 0 : (down ? -1 : 1) * compare(keys.get(a), keys.get(b))));
}

function drawFilter(box, lines, table) {
  const query = make("input", "", box);
  query.type = "search";
  query.autocomplete = "off";
  say(query, D.ui.filter, "place");
  const count = make("output", "", box);
  const look = () => {
    const parts = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    const texts = (line) => [...line.children].map((cell) => cell.textContent).join("\n").toLowerCase();
    for (const line of lines) line.hidden = !parts.every((part) => texts(line).includes(part));
    const own = lines.filter((line) => !line.classList.contains("others"));
    const left = own.filter((line) => !line.hidden).length;
    say(count, D.ui.of_rows.map((words) => words.replace("{0}", left).replace("{1}", own.length + (table.more ? "+" : ""))));
  };
  query.addEventListener("input", look);
  afterLanguage.push(look);
  afterChoice.push(look);
  look();
}
