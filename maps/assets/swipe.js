// Before, after, difference: the swipe and the views.
// The swipe: panes of either side are clipped at the divider; nothing is moved or redrawn.
let share = 0.5;
let litSide = ""; // of what is lit
function clip() {
  const size = map.getSize();
  const corner = map.containerPointToLayerPoint([0, 0]);
  const middle = corner.x + share * size.x;
  const box = (left, right) =>
    `polygon(${left}px ${corner.y}px, ${right}px ${corner.y}px, ${right}px ${corner.y + size.y}px, ${left}px ${corner.y + size.y}px)`;
  for (const name of D.panes) {
    const side = name === "highlight" ? litSide : name.split("_")[1];
    let path = "";
    if (state === "compare" && side === "before") path = box(corner.x, middle);
    if (state === "compare" && (side === "after" || side === "planned")) path = box(middle, corner.x + size.x);
    map.getPane(name).style.clipPath = path;
  }
  const divider = byId("divider");
  divider.hidden = state !== "compare";
  divider.style.left = `${middle}px`;
  divider.style.top = `${corner.y}px`;
  divider.style.height = `${size.y}px`;
  byId("knob").setAttribute("aria-valuenow", String(Math.round(share * 100)));
  placeFlags();
}

function swipeTo(value) {
  share = Math.min(Math.max(value, 0), 1);
  clip();
  placeLabels();
}

function startSwipe() {
  const knob = byId("knob");
  say(byId("flag-before"), [`◀ ${D.ui.before[0]}`, `◀ ${D.ui.before[1]}`]);
  say(byId("flag-after"), [`${D.ui.after[0]} ▶`, `${D.ui.after[1]} ▶`]);
  map.getPane("mapPane").appendChild(byId("divider"));
  L.DomEvent.disableClickPropagation(byId("divider"));
  knob.addEventListener("pointerdown", (event) => {
    knob.setPointerCapture(event.pointerId);
    event.preventDefault();
    knob.focus();
  });
  knob.addEventListener("pointermove", (event) => {
    if (!knob.hasPointerCapture(event.pointerId)) return;
    const frame = map.getContainer().getBoundingClientRect();
    swipeTo((event.clientX - frame.left) / frame.width);
  });
  knob.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -0.02, ArrowRight: 0.02, PageDown: -0.1, PageUp: 0.1, Home: -1, End: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    swipeTo(share + step);
  });
  map.on("move zoomend viewreset resize", clip);
}

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
