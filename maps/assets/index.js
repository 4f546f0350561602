// The index: one card a run, found by its words, question, place and quality.
function fileLinks(links, run) {
  const go = (words, href, name) => {
    const one = make("a", name || "", links);
    one.href = href;
    say(one, words);
  };
  const folded = (words, files) => {
    const more = make("details", "", links);
    say(make("summary", "", more), words);
    for (const file of files) {
      const one = make("a", "", make("p", "", more));
      one.href = file.href;
      say(one, file.title);
    }
  };
  go(D.ui.page, run.page, "main");
  for (const group of run.beside) if (!group.folder) go(group.title, group.files[0].href);
  if (run.qgis) go(D.ui.qgis, run.qgis);
  if (run.geopackage) go(D.ui.geopackage, run.geopackage);
  for (const [words, files] of [[D.ui.geojson, run.geojson], [D.ui.csv, run.csv], [D.ui.proofs, run.proofs]]) if (files.length) folded(words, files);
  for (const group of run.beside) if (group.folder) folded(group.title, group.files);
}

// What is not as usual tells runs of one question apart.
function changedParameters(run, parent) {
  const box = make("div", "changed", parent);
  say(make("b", "", box), D.ui.changed);
  if (!run.changed.length) say(make("span", "", box), D.ui.defaults);
  for (const one of run.changed) {
    const item = make("span", "", box);
    say(make("i", "", item), one.title);
    say(make("span", "", item), one.value);
  }
}

function indexCard(run, parent) {
  const card = make("article", "run", parent);
  const link = make("a", "thumb", card);
  link.href = run.page;
  link.tabIndex = -1; // the title leads there too
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
  const question = make("p", "question", body);
  if (run.kind.join() !== run.title.join()) say(make("b", "", question), run.kind);
  say(make("span", "", question), run.question);
  changedParameters(run, body);
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
  for (const one of run.verdicts) say(make("span", `badge ${one.tone}`, meta), one.words.map((words) => `${words} ${one.count}`));
  say(make("b", "", meta), run.quality);
  say(make("span", "", meta), run.places.length ? [0, 1].map((side) => run.places.map((one) => one[side]).join(side ? ", " : "、")) : run.county);
  say(make("span", "", meta), [0, 1].map((side) => `${D.ui.data_of[side]} ${run.data_date[side]}`));
  make("span", "code", meta).textContent = run.key;
  fileLinks(make("div", "links", body), run);
  return card;
}

// One choice a word that runs have, in the order in which they come; the first shows all.
function choices(select, name, words) {
  say(select, D.ui[name], "label");
  const options = new Map(words.map((one) => [JSON.stringify(one), one]));
  for (const [value, said] of [["", D.ui[`any_${name}`]], ...options]) {
    const option = make("option", "", select);
    option.value = value;
    say(option, said);
  }
  select.hidden = options.size < 2;
}

// Runs over several runs come first, each kind under a heading of its own, then each question's.
function grouped(parent) {
  const groups = new Map();
  for (const run of [...D.runs].sort((a, b) => a.rank - b.rank)) {
    const name = JSON.stringify(run.group);
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(run);
  }
  return [...groups.values()].map((runs) => {
    const heading = make("h2", "section group", parent);
    both(heading, runs[0].group);
    return { heading, cards: runs.map((run) => [run, indexCard(run, parent)]) };
  });
}

function startIndex() {
  const groups = grouped(byId("runs"));
  const cards = groups.flatMap((group) => group.cards);
  const text = (run) => JSON.stringify([run.title, run.kind, run.group, run.measures, run.question, run.county, run.places, run.changed, run.key, run.data_date, run.quality, run.indicators.map((one) => one.title)]).toLowerCase();
  const texts = new Map(D.runs.map((run) => [run, text(run)]));
  const at = (run) => [run.county, ...run.places];
  const asked = { by_question: (run) => [run.group], by_measure: (run) => run.measures, by_place: at, by_quality: (run) => [run.grade] };
  const query = byId("query");
  const none = say(make("p", "none", byId("runs")), D.ui.nothing);
  const numbered = new Intl.Collator("en", { numeric: true });
  for (const [name, words] of Object.entries(asked)) {
    const said = cards.flatMap(([run]) => words(run));
    choices(byId(name), name, name === "by_measure" ? said.sort((a, b) => numbered.compare(a[1], b[1])) : said);
  }
  const look = () => {
    const parts = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const [run, card] of cards) {
      const fits = Object.entries(asked).every(([name, words]) => !byId(name).value || words(run).some((one) => JSON.stringify(one) === byId(name).value));
      card.hidden = !fits || !parts.every((part) => texts.get(run).includes(part));
      count += card.hidden ? 0 : 1;
    }
    for (const group of groups) group.heading.hidden = group.cards.every(([, card]) => card.hidden);
    none.hidden = count > 0;
    say(byId("count"), D.ui.of_runs.map((words) => words.replace("{0}", count).replace("{1}", cards.length)));
  };
  for (const id of ["query", ...Object.keys(asked)]) byId(id).addEventListener("input", look);
  look();
}

say(byId("title"), D.ui.runs);
const counties = [...new Map(D.runs.map((run) => [run.county.join(), run.county])).values()];
say(byId("subtitle"), [0, 1].map((side) => counties.map((one) => one[side]).join(" · ")));
for (const group of D.beside) {
  const link = make("a", "", byId("beside"));
  link.href = group.files[0].href;
  say(link, group.title);
}
startIndex();
document.body.dataset.drawn = "yes";
