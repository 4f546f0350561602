// Plan-and-profile sheets: one road at a time, its words, who drew it.
const books = [...document.querySelectorAll(".road")];
let author = "";

function tellSheets(book, road) {
  [...book.children].forEach((sheet, number) => {
    for (const text of sheet.querySelectorAll("[data-words]")) {
      const { room } = text.dataset;
      delete text.dataset.room; // whole words, narrower, not cut
      say(text, text.dataset.author ? author : road.sheets[number][Number(text.dataset.words)]);
      if (room) text.dataset.fit = room;
    }
    const name = () => sheet.setAttribute("aria-label", `${told(road.title)} ${number + 1} / ${book.children.length}`);
    afterLanguage.push(name);
    name();
  });
}

function fitSheets() {
  for (const text of document.querySelectorAll(".road:not([hidden]) [data-fit]")) {
    text.removeAttribute("textLength");
    const room = Number(text.dataset.fit);
    if (text.getComputedTextLength() <= room) continue;
    text.setAttribute("textLength", String(room));
    text.setAttribute("lengthAdjust", "spacingAndGlyphs");
  }
}

function showRoad(place) {
  books.forEach((book, k) => { book.hidden = k !== place; });
  [...byId("road-tabs").children].forEach((tab, k) => {
    tab.setAttribute("aria-selected", String(k === place));
    tab.tabIndex = k === place ? 0 : -1;
  });
  fitSheets();
}

say(byId("title"), D.ui.plan_profile);
say(byId("subtitle"), [0, 1].map((k) => [D.county[k], D.subtitle[k] || D.title[k]].join(" · ")));
D.roads.forEach((road, place) => {
  const tab = make("button", "", byId("road-tabs"));
  tab.type = "button";
  tab.setAttribute("role", "tab");
  say(tab, road.title);
  tab.addEventListener("click", () => showRoad(place));
  tellSheets(books[place], road);
});
byId("road-tabs").addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step) return;
  const next = (books.findIndex((book) => !book.hidden) + step + books.length) % books.length;
  showRoad(next);
  byId("road-tabs").children[next].focus();
});
byId("author").addEventListener("input", () => {
  author = byId("author").value.trim();
  for (const text of document.querySelectorAll("[data-author]")) say(text, author);
  fitSheets();
});
byId("print").addEventListener("click", () => window.print());
afterLanguage.push(fitSheets);
showRoad(0);
document.body.dataset.drawn = "yes";
