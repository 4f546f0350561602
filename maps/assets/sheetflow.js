// What stands beside the map on paper: it fills columns, and as many sheets as it needs; nothing is cut or left out.
const COLUMNS = 4; // of a sheet without a map
const moreSheets = []; // what else a page puts on sheets of its own, after all others
const ROOM = 110; // pixels below the legend that are worth filling

const full = (column) => column.scrollHeight > column.clientHeight + 1;
const heads = (node) => node !== null && node.matches("h2, .heads");

// A copy of something on the page, opened, without what is there to be clicked.
function copied(node) {
  const copy = node.cloneNode(true);
  for (const one of [copy, ...copy.querySelectorAll("*")]) {
    for (const name of ["id", "tabindex", "aria-pressed", "data-said"]) one.removeAttribute(name);
    if (one.tagName === "DETAILS") one.open = true;
  }
  copy.querySelectorAll(".widen, .more-button, .narrow, input, tr.others, tr[hidden]").forEach((one) => one.remove());
  return copy;
}

const onPage = (selector) => [...document.querySelectorAll(selector)].filter((one) => !one.hidden && !one.parentElement.closest("[hidden]"));
const heading = (words) => both(make("h2", "section"), words);
const headed = (words, nodes) => (nodes.length ? [heading(words), ...nodes] : []);

function figuresOnPaper() {
  const found = [];
  for (const node of onPage("#cards .card, #cards .compared, #cards h2, #cards h3, #cards summary")) {
    const table = node.closest(".compared");
    if (table && table !== node) continue;
    if (!node.matches("h2, h3, summary")) {
      found.push(copied(node));
      continue;
    }
    const title = make("h2", "section");
    title.append(...copied(node).childNodes);
    found.push(title);
  }
  return found;
}

function checksOnPaper(urgent) {
  const rows = onPage("#checks > li:not(.rest)").filter((row) => urgent === Boolean(row.querySelector(".sign.bad, .sign.plain")));
  return rows.map((row) => {
    const list = make("ul", "checks");
    list.append(copied(row));
    return list;
  });
}

// Failed and unknown checks come before every figure, those that pass after them.
function blocks() {
  const tables = order.tables ? everyTable() : [];
  if (order.only) return { legend: legendOnPaper(), told: [], more: [], tables };
  const charts = onPage("#charts > *").map(copied);
  const answer = onPage("#answer p").filter((one) => one.textContent).map(copied);
  const told = [
    ...headed(ofFirst(D.ui.answer), answer),
    ...headed(D.ui.urgent, checksOnPaper(true)),
    ...headed(D.ui.indicators, figuresOnPaper()),
    ...headed(D.ui.passed, checksOnPaper(false)),
    ...charts,
  ];
  const more = order.tables ? [] : onPage("#tables > .table").map(copied);
  return { legend: legendOnPaper(), told, more, tables };
}

// All tables that do not stand among the figures, with those of the shelf.
function everyTable() {
  const wide = shelved.leaves.flatMap((_, place) => [...leafAt(place).querySelectorAll(".table")]);
  return [...onPage("#tables > .table"), ...wide].map(copied);
}

const legendOnPaper = () => headed(D.ui.legend, [...byId("legend-body").children].map(copied));

// Moves what does not fit in a column out of it: rows of a table or list, else the whole with its heading.
function overflow(column, block) {
  const list = block.querySelector("tbody, ul");
  if (list && list.children.length > 1 && !block.matches(".unsplit")) {
    const moved = [];
    while (list.children.length && full(column)) {
      moved.unshift(list.lastElementChild);
      list.lastElementChild.remove();
    }
    if (list.children.length > 1) {
      const rest = block.cloneNode(true);
      rest.querySelector("tbody, ul").replaceChildren(...moved);
      for (const one of block.querySelectorAll(".more")) one.remove(); // it stands at the end
      return [rest];
    }
    list.append(...moved);
  }
  const carried = [block];
  while (heads(carried[0].previousElementSibling)) carried.unshift(carried[0].previousElementSibling);
  return carried;
}

// Fills columns with blocks in their order; gives what is left when there is no further column.
function pour(parts, columns) {
  if (!parts.length) return [];
  let column = columns.next().value;
  for (let k = 0; k < parts.length; k += 1) {
    if (!column) return parts.slice(k);
    column.append(parts[k]);
    resay(parts[k]);
    while (full(column)) {
      const block = column.lastElementChild;
      const carried = overflow(column, block);
      if (column.firstElementChild === carried[0]) {
        shrink(column, block); // taller than an empty column
        break;
      }
      carried.forEach((one) => one.remove());
      column = columns.next().value;
      if (!column) return [...carried, ...parts.slice(k + 1)];
      column.append(...carried);
    }
  }
  return [];
}

function shrink(column, block) {
  for (let size = 0.95; full(column) && size > 0.05; size -= 0.05) block.style.zoom = size.toFixed(2);
}

// Words of a chart are cut to their room once it has its room.
function resay(block) {
  if (!block.dataset.chart) return;
  const { words } = D.charts[Number(block.dataset.chart)];
  for (const text of block.querySelectorAll("[data-words]")) say(text, words[Number(text.dataset.words)]);
}

function addSheet(kind, count = kind === "broad" ? 1 : COLUMNS) {
  const sheet = make("section", `sheet ${kind}${order.only ? " only" : ""}`, byId("sheets"));
  const band = make("header", "band", sheet);
  const names = make("div", "names", band);
  make("h1", "", names).textContent = sheetTitle();
  say(make("p", "", names), D.county.map((name, k) => [name, D.subtitle[k]].filter(Boolean).join(" · ")));
  const view = make("div", "view", band);
  for (const words of viewWords()) say(make("b", "", view), words);
  make("p", "count", view);
  const body = make("div", "columns", sheet);
  const column = () => make("div", "column", body);
  const parts = { sheet, columns: [] };
  if (kind === "first") {
    if (!order.only) parts.left = column();
    parts.centre = make("div", "centre", body);
    parts.frame = make("div", "frame", parts.centre);
    parts.neat = make("div", "neat", parts.frame);
    parts.right = column();
  } else {
    body.style.gridTemplateColumns = `repeat(${count}, minmax(0, 1fr))`;
    for (let k = 0; k < count; k += 1) parts.columns.push(column());
  }
  drawPlate(make("footer", "plate", sheet));
  return parts;
}

// What the map shows, in words: before, after, both, the difference; of which alternative.
function viewWords() {
  const words = [D.ui[state === "compare" ? "compared" : state]];
  if (!ways.length) words.push(...shownWords());
  else {
    const { title } = several ? options[choice] : ways[profile.way];
    words.push(D.ui.alternative.map((name, k) => (title[k].startsWith(name.slice(0, 2)) ? title[k] : `${name}${title[k]}`)));
  }
  return words;
}

function drawPlate(plate) {
  const cell = (title, text) => {
    const box = make("div", "", plate);
    say(make("b", "", box), title);
    say(make("span", "", box), text);
  };
  cell(D.ui.author, order.author);
  cell(D.ui.date, new Date().toISOString().slice(0, 10));
  for (const line of D.footer) cell(line.title, line.text);
  cell(D.ui.statutory, [...D.ui.statutory].reverse());
  cell(D.ui.review, "");
}

// Fills the sheets: the legend beside the map, then everything else, then tables as far as there is room.
function fillSheets(first, { legend, told: parts, more, tables }, ratio) {
  drawGraticule(first.frame);
  const north = make("div", "north", first.neat);
  north.append(...[...byId("north").children].map(copied));
  const place = make("div", "whereabouts", first.right);
  drawLocator(place);
  drawScaleBar(first.right, ratio);
  const left = pour(legend, [first.right][Symbol.iterator]());
  const columns = sheetColumns(first, left.length);
  pour([...left, ...parts, ...tooLong(first.sheet)], columns);
  addTables(more);
  if (!order.only) for (const add of moreSheets) add();
  addSheetsOf(tables);
  numberSheets();
}

// Sheets of tables alone: four, two or one beside each other, by how many columns they have.
function addSheetsOf(tables) {
  const columnsOf = (one) => one.querySelectorAll("th[scope=col]").length;
  const beside = (one) => (columnsOf(one) <= MOST_COLUMNS ? COLUMNS : columnsOf(one) <= 2 * MOST_COLUMNS ? 2 : 1);
  for (const count of [COLUMNS, 2, 1]) {
    const columns = (function* further() { for (;;) yield* addSheet("further", count).columns; })();
    pour(tables.filter((one) => beside(one) === count), columns);
  }
}

// A table that is wider than its column is made smaller.
function narrowTables() {
  for (const grid of byId("sheets").querySelectorAll(".table table")) {
    const wide = grid.parentElement.clientWidth;
    if (grid.scrollWidth > wide) grid.style.zoom = (wide / grid.scrollWidth - 0.005).toFixed(3);
  }
}

function numberSheets() {
  narrowTables();
  const all = [...byId("sheets").children];
  all.forEach((sheet, k) => {
    if (k) tooLong(sheet);
    for (const part of sheet.querySelectorAll(".band .names, .band .view, .plate div")) if (full(part)) shrink(part, part);
    say(sheet.querySelector(".count"), D.ui.sheet_of.map((words) => words.replace("{k}", k + 1).replace("{n}", all.length)));
  });
}

// What the title block has no room for stands in the columns.
function tooLong(sheet) {
  const found = [];
  for (const cell of sheet.querySelectorAll(".plate div")) {
    if (!full(cell)) continue;
    const [title, text] = [...cell.children].map(copied);
    const head = make("h2", "section");
    head.append(title);
    const whole = make("p");
    whole.append(text);
    found.push(head, whole);
    say(cell.lastElementChild, D.ui.in_columns);
    cell.dataset.moved = "yes";
  }
  return found;
}

function* sheetColumns(first, over) {
  if (first.left) yield first.left;
  const low = first.right.lastElementChild.getBoundingClientRect().bottom;
  if (!over && first.left && first.right.getBoundingClientRect().bottom - low > ROOM) yield first.right;
  for (;;) yield* addSheet("further").columns;
}

// Tables stand in the page's files; on paper they take room that nothing else needs.
function addTables(more) {
  const sheet = byId("sheets").lastElementChild;
  const open = [...sheet.querySelectorAll(".column")];
  const empty = open.filter((column) => !column.childElementCount);
  const last = open.filter((column) => column.childElementCount).slice(-1);
  for (const table of more) {
    for (const column of [...last, ...empty]) {
      column.append(table);
      const grid = table.querySelector("table");
      if (!full(column) && grid && grid.scrollWidth <= column.clientWidth) break;
      table.remove();
    }
  }
}
