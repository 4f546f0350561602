// The views of several runs: one run, two by the swipe, what differs, what is agreed on, who loses.
Object.assign(SIDES, {
  run: ["both"], compare: ["both", "before", "after"], difference: ["both", "difference"],
  consensus: ["both", "consensus"], losers: ["both", "losers"],
});
const MOST_CHIPS = 14; // runs that stand side by side; more are chosen from a list
const bar = {};
const afterState = [];

function stateNames() {
  const own = new Set(D.layers.map((layer) => layer.view));
  return ["run", "compare", "difference", ...(own.has("consensus") ? ["consensus"] : []), "losers"];
}

// Buttons of which one is on; arrow keys go from one to the next.
function radios(parent, name, entries, pick) {
  const box = make("div", name, parent);
  box.setAttribute("role", "radiogroup");
  for (const { value, words, hint } of entries) {
    const button = make("button", "", box);
    Object.assign(button, { type: "button", value });
    button.setAttribute("role", "radio");
    say(button, words);
    if (hint) button.title = hint.join("\n");
    button.addEventListener("click", () => pick(value));
  }
  box.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const open = [...box.children].filter((one) => !one.hidden);
    const at = open.findIndex((one) => one.getAttribute("aria-checked") === "true");
    const next = open[(at + step + open.length) % open.length];
    pick(next.value);
    next.focus();
  });
  return (value, closed) => {
    for (const button of box.children) {
      const on = button.value === value;
      button.setAttribute("aria-checked", String(on));
      button.tabIndex = on ? 0 : -1;
      button.hidden = button.value === closed;
    }
  };
}

// A list of the runs.
function runList(parent, words, pick) {
  const label = make("label", "", parent);
  say(make("span", "", label), words);
  const list = make("select", "", label);
  for (const wanted of mapped) {
    const option = make("option", "", list);
    option.value = wanted;
    say(option, runWords(wanted));
  }
  list.addEventListener("change", () => pick(list.value));
  return (value, closed) => {
    list.value = value;
    for (const option of list.options) option.hidden = option.value === closed;
  };
}

const pickRun = (wanted) => {
  if (state === "difference" || state === "losers") picked.other = wanted;
  else picked.run = wanted;
  showView();
};

// The bar over the map: which run, which two, and what of them.
function startChoice() {
  const nav = make("nav", "runs-bar");
  nav.id = "runs";
  byId("stage").before(nav);
  bar.one = make("div", "part", nav);
  if (mapped.length <= MOST_CHIPS) {
    const entries = mapped.map((wanted) => ({ value: wanted, words: [wanted, wanted], hint: runWords(wanted) }));
    bar.markOne = radios(bar.one, "choices chips", entries, pickRun);
  } else bar.markOne = runList(bar.one, D.ui.runs_shown, pickRun);
  say(bar.one.firstElementChild, D.ui.runs_shown, "label");
  bar.two = make("div", "part", nav);
  const side = (name) => runList(bar.two, D.ui[name], (wanted) => {
    picked[name] = wanted;
    showView();
  });
  bar.markLeft = side("left");
  const turn = make("button", "exchange", bar.two);
  turn.type = "button";
  turn.textContent = "⇄";
  say(turn, D.ui.exchange, "hint");
  turn.addEventListener("click", () => {
    Object.assign(picked, { left: picked.right, right: picked.left });
    showView();
  });
  bar.markRight = side("right");
  bar.face = make("div", "part", nav);
  bar.markFace = radios(bar.face, "choices faces", faces.map((face) => ({ value: face, words: D.ui[`face_${face}`] })), (face) => {
    picked.face = face;
    showView();
  });
  say(bar.face.firstElementChild, D.ui.face, "label");
  bar.told = make("output", "told", nav);
  bar.stale = make("div", "stale", nav);
  bar.stale.id = "stale";
}

// What the bar says of the runs in view; one whose layers or code have changed since has a banner.
function drawBar() {
  bar.one.hidden = !["run", "difference", "losers"].includes(state);
  bar.two.hidden = state !== "compare";
  bar.face.hidden = faces.length < 2 || (state !== "run" && state !== "compare");
  if (state === "losers") bar.markOne(picked.other);
  else if (state === "difference") bar.markOne(picked.other, base);
  else bar.markOne(picked.run);
  bar.markLeft(picked.left);
  bar.markRight(picked.right);
  bar.markFace(picked.face);
  const one = { run: picked.run, difference: picked.other, losers: picked.other }[state];
  bar.told.hidden = state === "compare";
  const against = filledIn(D.ui.against, base);
  const words = !one ? D.ui[state] : [0, 1].map((place) => `${runOf(one).name[place]}：${runOf(one).differs[place]}${state === "difference" ? `（${against[place]}）` : ""}`);
  say(bar.told, [words[0], words[1].replace("：", ": ").replace("（", " (").replace("）", ")")]);
  const seen = { run: [picked.run], compare: [picked.left, picked.right], difference: [base, picked.other], losers: [base, picked.other] }[state] || mapped;
  bar.stale.textContent = "";
  for (const entry of D.stale.filter((each) => seen.includes(each.code))) {
    const line = make("p", "", bar.stale);
    make("b", "", line).textContent = "! ";
    say(make("b", "", line), entry.title);
    say(make("span", "", line), entry.found.map((words, place) => ` ${words}${place ? "; " : "；"}${entry.remedy[place]}`));
  }
  bar.stale.hidden = !bar.stale.children.length;
}

function tellView() {
  document.body.dataset.run = state === "run" ? picked.run : state === "compare" ? `${picked.left} ${picked.right}` : ["difference", "losers"].includes(state) ? picked.other : "";
  byId("stage").setAttribute("aria-label", told(chosen()));
  say(byId("flag-before"), runWords(picked.left).map((words) => `◀ ${words}`));
  say(byId("flag-after"), runWords(picked.right).map((words) => `${words} ▶`));
  for (const frame of document.querySelectorAll("#charts > [data-run]")) frame.hidden = state !== "run" || frame.dataset.run !== picked.run;
  for (const tab of byId("states").children) {
    const on = tab.dataset.tab === state;
    tab.setAttribute("aria-selected", String(on));
    tab.tabIndex = on ? 0 : -1;
  }
}

// Everything follows the view; the map stays where it is.
function showView() {
  dark();
  map.closePopup();
  takeSides();
  document.body.dataset.state = state;
  drawBar();
  tellView();
  showPanels();
  map.invalidateSize({ animate: false, pan: false });
  refresh();
  clip();
  drawThemes();
  for (const follow of afterState) follow();
}

function enter(name) {
  state = name;
  if (state === "difference" && picked.other === base) picked.other = mapped[1] || base;
  showView();
}

// Enter a view in which a layer is seen, unless the one shown is such a view.
function enterFor(side, layer) {
  if (layer) chooseFor(layer);
}

function startStates() {
  const list = byId("states");
  say(list, D.ui.states, "hint");
  list.removeAttribute("title");
  const order = stateNames();
  for (const name of order) {
    const tab = make("button", "", list);
    tab.type = "button";
    tab.dataset.tab = name;
    tab.setAttribute("role", "tab");
    say(tab, D.ui[name]);
    tab.addEventListener("click", () => enter(name));
  }
  list.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    const next = order[(order.indexOf(state) + step + order.length) % order.length];
    enter(next);
    list.querySelector(`[data-tab=${next}]`).focus();
  });
  afterLanguage.push(() => byId("stage").setAttribute("aria-label", told(chosen())));
  enter("compare");
}
