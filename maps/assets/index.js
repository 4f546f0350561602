// The index: one card a run.
function indexCard(run, parent) {
  const card = make("article", "run", parent);
  const link = make("a", "thumb", card);
  link.href = run.page;
  const image = make("img", "", link);
  image.src = run.thumbnail;
  image.width = 320;
  image.height = 260;
  say(image, run.title, "alt");
  const body = make("div", "body", card);
  const title = make("a", "", make("h2", "", body));
  title.href = run.page;
  say(title, run.title);
  say(make("p", "english", body), run.title, "other");
  say(make("p", "question", body), run.question);
  const figures = make("div", "figures", body);
  for (const entry of run.indicators) {
    const cell = make("div", "figure", figures);
    say(make("span", "name", cell), entry.title);
    const value = make("span", "value", cell);
    make("b", "", value).textContent = entry.value;
    say(make("span", "unit", value), entry.unit);
    if (entry.change) say(make("span", `change ${entry.change.tone}`, cell), entry.change.text);
    if (entry.verdict) make("span", `badge ${entry.tone}`, cell).textContent = entry.verdict.join(" ");
  }
  const meta = make("p", "meta", body);
  say(make("b", "", meta), run.quality);
  make("span", "", meta).textContent = ` · ${run.key} · ${run.data_date}`;
  const links = make("div", "links", body);
  const go = (words, href, name) => {
    const one = make("a", name || "", links);
    one.href = href;
    say(one, words);
  };
  go(D.ui.page, run.page, "main");
  if (run.qgis) go(D.ui.qgis, run.qgis);
  if (run.geopackage) go(D.ui.geopackage, run.geopackage);
  for (const [words, files] of [[D.ui.handed, run.handed], [D.ui.geojson, run.geojson], [D.ui.csv, run.csv], [D.ui.proofs, run.proofs]]) {
    if (!files.length) continue;
    const more = make("details", "", links);
    say(make("summary", "", more), words);
    for (const file of files) {
      const one = make("a", "", make("p", "", more));
      one.href = file.href;
      say(one, file.title);
    }
  }
}

say(byId("title"), D.ui.runs);
const counties = [...new Map(D.runs.map((run) => [run.county.join(), run.county])).values()];
say(byId("subtitle"), [0, 1].map((side) => counties.map((one) => one[side]).join(" · ")));
for (const run of D.runs) indexCard(run, byId("runs"));
document.body.dataset.drawn = "yes";
