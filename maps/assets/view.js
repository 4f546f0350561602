// The view: back to the results, full screen, and boxes over the map that keep off each other.
const screenBox = (element) => element.getBoundingClientRect();
const clearOf = (a, b) => a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
const seenBox = (element) => (element && !element.hidden && element.offsetWidth ? screenBox(element) : null);
const popupBox = () => seenBox(document.querySelector(".leaflet-popup"));
const flyouts = () => ["layers", "search"].map(byId).filter((one) => !one.hidden);

// The flags of the swipe give way: below what lies over them, and away where no room is left.
function placeFlags() {
  if (byId("divider").hidden) return;
  const stage = screenBox(byId("stage"));
  const taken = [byId("tools"), ...flyouts(), byId("stale"), byId("measured"), byId("north"), byId("legend")].map(seenBox).concat(popupBox()).filter(Boolean);
  for (const flag of [byId("flag-before"), byId("flag-after")]) {
    flag.style.top = "14px";
    flag.style.visibility = "";
    const { left, right, height } = screenBox(flag);
    let top = stage.top + 14;
    for (let hit = true; hit;) {
      const own = { left, right, top, bottom: top + height };
      hit = taken.find((box) => !clearOf(own, box));
      if (hit) top = hit.bottom + 6;
    }
    flag.style.top = `${top - stage.top}px`;
    if (top + height > stage.bottom - 6) flag.style.visibility = "hidden";
  }
}

// A pop-up that the map was moved below an open list closes the list.
function keepApart() {
  const popup = popupBox();
  if (popup) for (const one of flyouts()) if (!clearOf(screenBox(one), popup)) closeFlyout(one);
  placeFlags();
}

function closeFlyout(box) {
  box.hidden = true;
  byId(`${box.id}-button`).setAttribute("aria-expanded", "false");
}

// Room for a pop-up: right of the layers, below the field of the search, off the north arrow.
function popupRoom() {
  const size = map.getSize();
  const stage = screenBox(byId("stage"));
  const room = { left: 54, top: 12, right: 54, bottom: 12 };
  for (const one of flyouts()) {
    const box = screenBox(one);
    const beside = size.x - (box.right - stage.left) - room.right > 290;
    if (one.id === "search") room.top = box.bottom - stage.top + 6;
    else if (beside) room.left = box.right - stage.left + 8;
    else closeFlyout(one);
  }
  return { ...room, wide: size.x - room.left - room.right, high: size.y - room.top - room.bottom };
}

// Full screen keeps in view what was seen; coming back restores it, unless the map was moved.
const standing = () => ({ centre: map.getCenter(), zoom: map.getZoom(), size: map.getSize() });
const sameView = (a, b) => a.zoom === b.zoom && map.project(a.centre, a.zoom).distanceTo(map.project(b.centre, b.zoom)) < 3;
function viewBounds({ centre, zoom, size }) {
  const middle = map.project(centre, zoom);
  const half = size.divideBy(2);
  return L.latLngBounds(map.unproject(middle.subtract(half), zoom), map.unproject(middle.add(half), zoom));
}

function startFullScreen() {
  const full = byId("full-button");
  let before = null;
  let fitted = null;
  full.addEventListener("click", () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else {
      before = standing();
      byId("middle").requestFullscreen();
    }
  });
  document.addEventListener("fullscreenchange", () => {
    const on = Boolean(document.fullscreenElement);
    full.setAttribute("aria-pressed", String(on));
    const now = { ...standing(), size: fitted ? fitted.size : map.getSize() };
    map.invalidateSize({ animate: false });
    if (on) {
      map.fitBounds(viewBounds(before), { animate: false });
      fitted = standing();
    } else if (sameView(now, fitted)) map.setView(before.centre, before.zoom, { animate: false });
    else map.fitBounds(viewBounds(now), { animate: false });
    if (!on) fitted = null;
    if (ways.length) fitProfile();
  });
}

function startView() {
  startFullScreen();
  byId("whole").addEventListener("click", fitCounty);
  byId("extent").addEventListener("click", fitFocus);
  byId("extent").hidden = focus.equals(county);
  map.on("moveend resize", keepApart);
  map.on("popupopen popupclose", placeFlags);
  afterLanguage.push(keepApart);
  placeFlags();
}
