// The manual: chapters of groups, each with words, facts, lines to type, a picture and a table.
const titles = new Map(D.sections.flatMap((section) => section.groups.map((group) => [group.id, group.title])));
const entries = []; // what a search shows or hides: an element, what it says, the group around it
const groups = []; // a group's article with its chapter and its line among the contents
const WIDE = matchMedia("(min-width: 701px)"); // on a phone chapters and tables are folded
const flat = (...all) => all.flat(9).filter(Boolean).join(" ").toLowerCase();

function cellWords(cell) {
  return [cell.words, cell.code, cell.list || [], cell.to.map((id) => [id, titles.get(id) || []])];
}

function fillCell(parent, cell) {
  if (cell.code) make("code", "", parent).textContent = cell.code;
  if (cell.words.some(Boolean)) {
    const words = say(make("span", cell.code ? "named" : "", parent), cell.words);
    if (cell.tone) words.className = `standing ${cell.tone === "verified" ? "good" : ""}`;
  }
  for (const one of cell.list || []) make("span", "line", parent).textContent = one;
  for (const id of cell.to) {
    const link = make("a", "", parent);
    link.href = `#${encodeURIComponent(id)}`;
    link.textContent = id.slice(id.indexOf("-") + 1);
    if (titles.has(id)) say(link, titles.get(id), "hint");
  }
}

function drawTable(table, article, around) {
  const fold = make("details", "opens", article);
  fold.open = WIDE.matches;
  say(make("summary", "", fold), D.ui.rows.map((words, side) => words.replace("{what}", table.columns[0][side]).replace("{n}", String(table.rows.length))));
  const whole = make("table", `columns-${table.columns.length}`, fold);
  const head = make("tr", "", make("thead", "", whole));
  for (const column of table.columns) say(make("th", "", head), column).scope = "col";
  const body = make("tbody", "", whole);
  const rows = table.rows.map((cells) => {
    const row = make("tr", "", body);
    cells.forEach((cell, place) => {
      const field = make("td", cellWords(cell).flat(9).some(Boolean) ? "" : "empty", row);
      say(make("i", "heading", field), table.columns[place]);
      fillCell(field, cell);
    });
    const entry = { element: row, text: flat(around, cells.map(cellWords)) };
    entries.push(entry);
    return entry;
  });
  return { fold, rows };
}

function drawPicture(group, parent) {
  const figure = byId(`figure-${group.id}`);
  const keys = make("ol", "regions", figure);
  for (const key of group.picture.keys) say(make("li", "", keys), key);
  if (!group.picture.keys.length) keys.remove();
  parent.appendChild(figure);
  for (const text of figure.querySelectorAll("[data-words]")) say(text, group.picture.words[Number(text.dataset.words)]);
}

function drawAbout(group, article) {
  const about = make("div", "about", article);
  if (group.lead) say(make("p", "question", about), group.lead);
  for (const paragraph of group.paragraphs || []) say(make("p", "method", about), paragraph);
  const facts = make("dl", "", about);
  for (const fact of group.facts || []) {
    say(make("dt", "", facts), fact.label);
    fillCell(make("dd", "", facts), fact);
  }
  if (!facts.children.length) facts.remove();
  if ((group.lines || []).length) make("pre", "typed", about).textContent = group.lines.join("\n");
  if (group.told) {
    const screen = make("div", "screen", about);
    say(make("b", "", screen), D.ui.answered);
    for (const line of group.told) say(make("p", "", screen), line);
  }
  if (group.picture) drawPicture(group, about);
  return about;
}

function drawGroup(group, chapter, list) {
  const article = make("article", "", chapter.fold);
  article.id = group.id;
  const head = make("h3", "", article);
  if (group.number) make("span", "number", head).textContent = String(group.number);
  if (group.name) make("code", "", head).textContent = group.name;
  say(make("span", "first", head), group.title);
  say(make("span", "second", head), group.title, "other");
  const around = [group.title, group.name];
  const about = { element: drawAbout(group, article), text: "" };
  const told = [group.lead, group.paragraphs, group.lines, group.told, (group.facts || []).map((fact) => [fact.label, cellWords(fact)])];
  about.text = flat(around, told, group.picture ? group.picture.keys : []);
  entries.push(about);
  const table = group.table ? drawTable(group.table, article, around) : null;
  const single = group.id.endsWith("-");
  head.hidden = single;
  const item = make("li", "", list);
  const link = make("a", "", item);
  link.href = `#${encodeURIComponent(group.id)}`;
  if (group.name && group.id.startsWith("commands-")) link.textContent = group.name;
  else say(link, group.title);
  item.hidden = single;
  groups.push({ article, about, table, item, single, chapter });
}

function drawSection(section) {
  const chapter = make("section", "", byId("chapters"));
  chapter.id = section.id;
  const head = make("h2", "section", chapter);
  say(make("span", "first", head), section.title);
  say(make("span", "second", head), section.title, "other");
  say(make("p", "lead", chapter), section.lead);
  const item = make("li", "", byId("toc"));
  const link = make("a", "", item);
  link.href = `#${section.id}`;
  say(link, section.title);
  const list = make("ul", "", item);
  chapter.fold = make("details", "opens", chapter);
  chapter.fold.open = WIDE.matches;
  say(make("summary", "", chapter.fold), D.ui.parts.map((words) => words.replace("{n}", String(section.groups.length))));
  for (const group of section.groups) drawGroup(group, chapter, list);
  chapter.contentsItem = item;
}

// Show what holds every word that is looked for, with the headings above it; folds open for it alone.
let sought = false;
function search() {
  const asked = byId("query").value.toLowerCase().split(/\s+/).filter(Boolean);
  const folds = sought || asked.length > 0 ? document.querySelectorAll("#chapters details") : [];
  for (const fold of folds) fold.open = asked.length > 0 || WIDE.matches;
  sought = asked.length > 0;
  let count = 0;
  for (const entry of entries) {
    entry.shown = asked.every((word) => entry.text.includes(word));
    entry.element.hidden = !entry.shown;
  }
  const chapters = new Set();
  for (const { article, about, table, item, single, chapter } of groups) {
    const rows = table ? table.rows.filter((row) => row.shown).length : 0;
    const told = about.shown && about.element.children.length > 0;
    if (table) table.fold.hidden = rows === 0;
    article.hidden = !rows && !told;
    item.hidden = single || article.hidden;
    count += rows + Number(told);
    if (!article.hidden) chapters.add(chapter);
  }
  for (const chapter of byId("chapters").children) {
    chapter.hidden = !chapters.has(chapter);
    chapter.contentsItem.hidden = chapter.hidden;
    chapter.querySelector(".lead").hidden = asked.length > 0;
  }
  say(byId("count"), asked.length ? D.ui.matches.map((words) => words.replace("{n}", String(count))) : ["", ""]);
  for (const text of document.querySelectorAll(".small-page [data-room]")) repeat(text); // cut anew where they are shown again
  mark(asked);
}

// Open what folds around the part that the address names, and go there.
function visit() {
  const asked = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!asked) return;
  if (asked.fold) asked.fold.open = true;
  for (let fold = asked.closest("details"); fold; fold = fold.parentNode.closest("details")) fold.open = true;
  asked.scrollIntoView();
}

// Colour the words found, without touching what they stand in.
function mark(asked) {
  if (!window.CSS || !CSS.highlights) return;
  CSS.highlights.delete("found");
  if (!asked.length) return;
  const ranges = [];
  const walk = document.createTreeWalker(byId("chapters"), NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const text = node.data.toLowerCase();
    for (const word of asked) {
      for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
        const range = new Range();
        range.setStart(node, at);
        range.setEnd(node, at + word.length);
        ranges.push(range);
      }
    }
  }
  CSS.highlights.set("found", new Highlight(...ranges));
}

for (const section of D.sections) drawSection(section);
const foot = make("footer", "", byId("chapters").parentNode.querySelector("nav"));
say(make("b", "", foot), D.ui.made_by);
make("code", "", foot).textContent = D.code;
byId("contents").open = !matchMedia("(max-width: 900px)").matches;
byId("query").addEventListener("input", () => {
  search();
  window.scrollTo(0, 0);
});
byId("query").addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  byId("query").value = "";
  search();
});
byId("toc").addEventListener("click", (event) => {
  if (event.target.closest("a") && matchMedia("(max-width: 900px)").matches) byId("contents").open = false;
});
byId("print").addEventListener("click", () => window.print());
window.addEventListener("beforeprint", () => {
  byId("contents").open = true;
  for (const fold of document.querySelectorAll("#chapters details")) fold.open = true;
});
afterLanguage.push(search);
search();
window.addEventListener("hashchange", visit);
visit();
document.body.dataset.drawn = "yes";
