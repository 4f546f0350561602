// Pages about figures, not places: charts take the place of the map, those of one figure at a time.
function startBoard() {
  if (!D.board) return;
  document.body.classList.add("boarded");
  const board = make("section", "board");
  board.id = "board";
  board.tabIndex = -1;
  byId("middle").prepend(board);
  byId("export").hidden = true;
  for (const id of ["sheet-extent", "sheet-only"]) byId(id).closest("label").hidden = true; // they are about a map
  const skip = document.querySelector(".skip");
  skip.href = "#board";
  say(skip, D.ui.skip_board);
  drawMeasures(board);
  if (D.board.length) chooseFigure(make("div", "figures", board));
  const charts = byId("charts");
  board.append(charts);
  for (const plot of charts.children) plot.open = true;
  const own = !D.checks.length; // a panel that would hold the footer alone
  document.body.classList.toggle("unchecked", own);
  byId("right").hidden = own;
  if (own) byId("left").append(byId("footer"));
  if (!D.measures.length && D.tables.some(isWide) && window.innerWidth > 900) openShelf(0);
}

// What is about no figure stays; a figure's own charts follow the choice.
function chooseFigure(box) {
  const label = make("label", "", box);
  say(make("span", "", label), D.ui.figure);
  const select = make("select", "", label);
  select.id = "figure";
  for (const one of D.board) {
    const option = make("option", "", select);
    option.value = one.id;
    say(option, one.title);
  }
  const show = () => {
    for (const plot of document.querySelectorAll("[data-chart]")) {
      const { about } = D.charts[Number(plot.dataset.chart)];
      plot.hidden = Boolean(about) && about !== select.value;
      if (!plot.hidden) for (const text of plot.querySelectorAll("[data-said]")) repeat(text);
    }
  };
  select.addEventListener("input", show);
  afterLanguage.push(show);
  show();
}

// On paper no map: answer, figures, checks, the charts of the figure chosen, the measures shown.
function boardOnPaper({ told: parts, tables }) {
  const first = addSheet("further");
  const columns = (function* further() {
    yield* first.columns;
    for (;;) yield* addSheet("further").columns;
  })();
  pour([...parts, ...onPage("#board .measure").map(copied), ...tooLong(first.sheet)], columns);
  addSheetsOf(tables);
  numberSheets();
}
