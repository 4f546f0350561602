// Measures of a policy: a card each, with the questions that answer it and what their latest run found.
function drawMeasures(board) {
  if (!D.measures.length) return;
  const box = make("div", "narrow", board);
  const query = make("input", "", box);
  query.type = "search";
  query.autocomplete = "off";
  query.id = "measure-query";
  say(query, D.ui.search_measures, "place");
  const select = make("select", "", box);
  select.id = "measure-state";
  say(select, D.ui.by_state, "label");
  const states = new Map(D.measures.flatMap((one) => [one.state, ...one.questions.map((asked) => asked.state)]).map((one) => [one.code, one.words]));
  for (const [value, words] of [["", D.ui.any_by_state], ...states]) {
    const option = make("option", "", select);
    option.value = value;
    say(option, words);
  }
  const count = make("output", "", box);
  const grid = make("div", "measures", board);
  const cards = D.measures.map((one) => measureCard(one, grid));
  const none = say(make("p", "none", grid), D.ui.nothing);
  const look = () => {
    const parts = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    D.measures.forEach((one, place) => {
      const text = JSON.stringify(one).toLowerCase();
      const states = one.questions.length ? one.questions.map((asked) => asked.state.code) : [one.state.code];
      const fits = !select.value || states.includes(select.value);
      cards[place].hidden = !fits || !parts.every((part) => text.includes(part));
    });
    const left = cards.filter((card) => !card.hidden).length;
    none.hidden = left > 0;
    say(count, D.ui.of_measures.map((words) => words.replace("{0}", left).replace("{1}", cards.length)));
  };
  query.addEventListener("input", look);
  select.addEventListener("input", look);
  look();
}

function measureCard(one, grid) {
  const card = make("article", "measure", grid);
  const head = make("h3", "", card);
  make("span", "no", head).textContent = one.measure;
  const names = make("span", "names", head);
  say(make("b", "", names), one.title);
  say(make("small", "", names), one.title, "other");
  if (one.text.some(Boolean)) say(make("p", "text", card), one.text);
  if (!one.questions.length) stateOf(one.state, make("p", "state", card));
  for (const asked of one.questions) drawAsked(asked, card);
  say(make("p", "stands", card), one.standing);
  return card;
}

function stateOf(state, parent) {
  const badge = make("span", state.code === "run" ? "badge good" : "badge plain", parent);
  badge.dataset.state = state.code;
  say(badge, state.words);
}

function drawAsked(asked, card) {
  const box = make("div", "asked", card);
  const line = make("p", "", box);
  const name = make(asked.href ? "a" : "b", "", line);
  if (asked.href) name.href = asked.href;
  say(name, asked.question);
  stateOf(asked.state, line);
  say(make("p", "asks", box), asked.asks);
  if (asked.headline.some(Boolean)) say(make("p", "headline", box), asked.headline);
  if (asked.run.some(Boolean)) say(make("p", "latest", box), asked.run.map((words, side) => `${D.ui.latest[side]} ${words}`));
  if (asked.command.some(Boolean)) say(make("code", "", box), asked.command);
}
