// Wide tables stand on a shelf below the map: one tab each, drawn when it is first opened.
const MOST_COLUMNS = 5; // what a panel of the page shows without scrolling
const isWide = (table) => !table.compared && !table.own && table.columns.length > MOST_COLUMNS;
const moreLeaves = []; // what else a page puts there: its title, and what draws it
const shelved = { open: -1, drawn: [], leaves: [] };

function leafAt(place) {
  if (!shelved.drawn[place]) {
    shelved.drawn[place] = make("div", "leaf", byId("shelf-body"));
    shelved.drawn[place].hidden = true;
    shelved.leaves[place].draw(shelved.drawn[place]);
  }
  return shelved.drawn[place];
}

function openShelf(place) {
  const shelf = byId("shelf");
  const tabs = [...byId("shelf-tabs").children];
  shelved.open = shelved.open === place ? -1 : place;
  const on = shelved.open >= 0;
  shelf.classList.toggle("open", on);
  byId("shelf-button").setAttribute("aria-expanded", String(on));
  byId("shelf-body").hidden = !on;
  tabs.forEach((tab, k) => tab.setAttribute("aria-pressed", String(k === shelved.open)));
  if (on) {
    if (ways.length) foldDrawer(true);
    const open = leafAt(place);
    for (const leaf of byId("shelf-body").children) leaf.hidden = leaf !== open;
  }
  map.invalidateSize({ animate: false });
}

function startShelf() {
  const wide = D.tables.filter(isWide).map((table) => ({ title: table.title, draw: (leaf) => drawTable(table, leaf) }));
  shelved.leaves = [...moreLeaves, ...wide];
  byId("shelf").hidden = !shelved.leaves.length;
  shelved.leaves.forEach(({ title }, place) => {
    const tab = make("button", "", byId("shelf-tabs"));
    tab.type = "button";
    tab.setAttribute("aria-pressed", "false");
    say(tab, title);
    tab.addEventListener("click", () => openShelf(place));
  });
  byId("shelf-button").addEventListener("click", () => openShelf(shelved.open >= 0 ? shelved.open : 0));
}
