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
