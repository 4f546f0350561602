// The views of one run: before, after, both by the swipe, and the difference.
// The views there are, in the order of their tabs.
function stateNames() {
  const sides = new Set(D.layers.map((layer) => (layer.side === "planned" ? "after" : layer.side)));
  const order = ["after"];
  if (sides.has("before")) order.unshift("before");
  if (sides.has("before") && sides.has("after")) order.unshift("compare");
  if (sides.has("difference")) order.push("difference");
  return order;
}

function startStates() {
  const order = stateNames();
  const list = byId("states");
  say(list, D.ui.states, "hint");
  list.removeAttribute("title");
  for (const name of order) {
    const tab = make("button", "", list);
    tab.type = "button";
    tab.dataset.tab = name;
    tab.setAttribute("role", "tab");
    say(tab, D.ui[name]);
    tab.addEventListener("click", () => enter(name));
  }
  list.hidden = order.length < 2;
  list.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    const next = order[(order.indexOf(state) + step + order.length) % order.length];
    enter(next);
    list.querySelector(`[data-tab=${next}]`).focus();
  });
  enter(order.includes(D.opens) ? D.opens : order[0]);
}

// A view that would show nothing of its own is lent a layer while it lasts.
const afterState = [];
let lent = null;
function lend(name) {
  if (lent) turn(lent, false);
  lent = null;
  const wanted = name === "compare" ? "before" : name;
  const own = D.layers.filter((layer) => ofChosen(layer) && (layer.side === wanted || (layer.side === "planned" && wanted === "after")));
  if (!own.length || own.some((layer) => shown.get(layer))) return;
  [lent] = own;
  turn(lent, true);
}

// Enter a view in which layers of a side are seen, unless the one shown is such a view.
function enterFor(side) {
  if (!SIDES[state].includes(side)) enter(side === "planned" ? "after" : side);
}

function enter(name) {
  state = name;
  dark();
  lend(name);
  for (const tab of byId("states").children) {
    const on = tab.dataset.tab === name;
    tab.setAttribute("aria-selected", String(on));
    tab.tabIndex = on ? 0 : -1;
  }
  document.body.dataset.state = name;
  map.closePopup();
  refresh();
  clip();
  drawThemes();
  for (const follow of afterState) follow();
}
