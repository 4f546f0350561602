// The profile drawer: its cursor and the mark on the map move together.
const ways = D.profiles;
const profile = { way: 0, station: -1, mark: null };
const STRUCTURES = ["earth", "bridge", "tunnel"];
const NEAR = 16; // pixels between the pointer and a road that is meant

function chainageWords(metres) {
  const whole = Math.round(metres);
  return `K${Math.floor(whole / 1000)}+${String(whole % 1000).padStart(3, "0")}`;
}

const frameOf = (place) => byId("ways").children[place];

// What stands at a station: pairs of words and a figure.
function stationFacts(way, k) {
  const facts = [[D.ui.ground, figure(way.ground[k], 1), "m"], [D.ui.design, figure(way.design[k], 1), "m"]];
  const kind = STRUCTURES[way.structure[k]];
  const high = way.design[k] - way.ground[k];
  if (kind !== "earth") facts.push([D.ui[kind], figure(Math.abs(high), 1), "m"]);
  else if (way.design[k] !== null && way.ground[k] !== null && high) facts.push([high > 0 ? D.ui.fill : D.ui.cut, figure(Math.abs(high), 1), "m"]);
  const a = Math.max(k - 1, 0);
  const b = a === k ? Math.min(k + 1, way.chainage.length - 1) : k;
  const grade = (100 * (way.design[b] - way.design[a])) / (way.chainage[b] - way.chainage[a]);
  if (!way.graded && Number.isFinite(grade) && way.design[a] !== null && way.design[b] !== null) facts.push([D.ui.grade, `${grade > 0 ? "+" : ""}${figure(grade, 1)}`, "%"]);
  for (const one of way.extra) if (one.values[k] !== null && one.values[k] !== "") facts.push([one.title, Array.isArray(one.values[k]) ? told(one.values[k]) : figure(one.values[k], one.decimals), one.unit]);
  return facts;
}

function tellStation() {
  const way = ways[profile.way];
  const box = byId("station");
  box.textContent = "";
  if (profile.station < 0) return "";
  const at = chainageWords(way.chainage[profile.station]);
  make("b", "", box).textContent = at;
  const spoken = [at];
  for (const [words, value, unit] of stationFacts(way, profile.station)) {
    const part = make("span", "", box);
    say(make("i", "", part), words);
    make("b", "", part).textContent = value;
    say(make("small", "", part), unit);
    spoken.push(`${told(words)} ${value} ${told(unit)}`);
  }
  box.title = spoken.join(" · ");
  return spoken.join(" ");
}

function drawMark(way, k) {
  const spot = way.spots[k];
  if (!profile.mark) {
    const icon = L.divIcon({ className: "station-mark", iconSize: [18, 18] });
    profile.mark = L.marker(spot, { icon, pane: "labels", interactive: false, keyboard: false });
  }
  profile.mark.setLatLng(spot).addTo(map);
}

function toStation(k, pan) {
  const way = ways[profile.way];
  profile.station = Math.min(Math.max(k, 0), way.chainage.length - 1);
  const cross = frameOf(profile.way).querySelector(".cross");
  const at = profile.station;
  const share = (way.chainage[at] - way.chainage[0]) / (way.chainage[way.chainage.length - 1] - way.chainage[0] || 1);
  const height = way.design[at] === null ? way.ground[at] : way.design[at];
  let cursor = cross.querySelector(".cursor");
  if (!cursor) {
    cursor = svg("g", { class: "cursor" }, cross);
    svg("line", { y2: "100%" }, cursor);
    svg("circle", { r: 4.5 }, cursor);
  }
  const x = `${(100 * share).toFixed(3)}%`;
  for (const name of ["x1", "x2"]) cursor.firstChild.setAttribute(name, x);
  cursor.lastChild.setAttribute("cx", x);
  cursor.lastChild.setAttribute("cy", `${(100 * (way.high - height)) / (way.high - way.low)}%`);
  cursor.lastChild.style.display = height === null ? "none" : "";
  cross.setAttribute("aria-valuenow", String(Math.round(way.chainage[at])));
  cross.setAttribute("aria-valuetext", tellStation());
  drawMark(way, at);
  if (pan) map.panInside(way.spots[at], { padding: [60, 60], animate: false });
}

function leaveStation() {
  profile.station = -1;
  if (profile.mark) profile.mark.remove();
  for (const cursor of byId("ways").querySelectorAll(".cursor")) cursor.remove();
  tellStation();
}

function nearestStation(way, share) {
  const wanted = way.chainage[0] + share * (way.chainage[way.chainage.length - 1] - way.chainage[0]);
  let low = 0, high = way.chainage.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (way.chainage[middle] <= wanted) low = middle;
    else high = middle;
  }
  return wanted - way.chainage[low] <= way.chainage[high] - wanted ? low : high;
}

// Texts that are wider than the stretch they stand for are left out.
function fitProfile() {
  const frame = frameOf(profile.way);
  const wide = frame.querySelector(".cross").clientWidth || frame.querySelector(".cross").getBoundingClientRect().width;
  for (const text of frame.querySelectorAll("[data-share]")) {
    text.style.visibility = text.getComputedTextLength() + 4 <= Number(text.dataset.share) * wide ? "visible" : "hidden";
  }
  const way = ways[profile.way];
  const high = frame.querySelector(".cross").getBoundingClientRect().height;
  const across = (way.chainage[way.chainage.length - 1] - way.chainage[0]) / wide;
  const times = across / ((way.high - way.low) / high);
  say(byId("stretched"), D.ui.stretched.map((words) => `${words} ×${figure(times, times < 10 ? 1 : 0)}`));
}

function showWay(place) {
  leaveStation();
  profile.way = place;
  [...byId("ways").children].forEach((frame, k) => { frame.hidden = k !== place; });
  [...byId("way-tabs").children].forEach((tab, k) => {
    tab.setAttribute("aria-selected", String(k === place));
    tab.tabIndex = k === place ? 0 : -1;
  });
  const box = byId("profile-legend");
  box.textContent = "";
  for (const kind of ["ground", "design", "cut", "fill", "bridge", "tunnel", "grade"]) {
    if (kind !== "grade" && !frameOf(place).querySelector(`.${kind}`)) continue;
    const entry = make("span", `entry ${kind}`, box);
    make("i", "", entry);
    say(make("span", "", entry), D.ui[kind]);
  }
  fitProfile();
}

function startWay(place) {
  const way = ways[place];
  const frame = frameOf(place);
  frame.style.setProperty("--way", paint(way.colour));
  for (const text of frame.querySelectorAll("[data-words]")) say(text, way.words[Number(text.dataset.words)]);
  const cross = frame.querySelector(".cross");
  cross.setAttribute("aria-valuemax", String(Math.round(way.chainage[way.chainage.length - 1])));
  const name = () => cross.setAttribute("aria-label", `${told(D.ui.profile_hint)} · ${told(way.title)}`);
  afterLanguage.push(name);
  name();
  const follow = (event, pan) => {
    const box = cross.getBoundingClientRect();
    toStation(nearestStation(way, (event.clientX - box.left) / box.width), pan);
  };
  cross.addEventListener("pointermove", (event) => follow(event, false));
  cross.addEventListener("click", (event) => follow(event, true));
  cross.addEventListener("pointerleave", (event) => {
    if (event.pointerType === "mouse" && document.activeElement !== cross) leaveStation();
  });
  cross.addEventListener("keydown", (event) => {
    const last = way.chainage.length - 1;
    const tenth = Math.max(Math.round(last / 20), 1);
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowDown: -1, ArrowUp: 1, PageDown: -tenth, PageUp: tenth, Home: -last, End: last }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    toStation((profile.station < 0 ? 0 : profile.station) + (profile.station < 0 && Math.abs(step) < last ? 0 : step), true);
  });
  const tab = make("button", "", byId("way-tabs"));
  tab.type = "button";
  tab.setAttribute("role", "tab");
  make("i", "", tab).style.backgroundColor = paint(way.colour);
  say(make("span", "", tab), way.title);
  tab.addEventListener("click", () => takeWay(place));
}

// The profile of a road that is an alternative is that of the one chosen.
function takeWay(place) {
  chooseCode(ways[place].code);
  showWay(place);
}

// The station nearest to a place on the map, the shown way first; nothing when none is near.
function stationAt(at) {
  const layer = D.layers.find((one) => one.ways);
  if (layer && !visible(layer)) return null;
  const pixel = map.latLngToContainerPoint(at);
  const degree = map.latLngToContainerPoint([at.lat + 0.01, at.lng + 0.01]);
  const wide = (degree.x - pixel.x) / 0.01, high = (degree.y - pixel.y) / 0.01;
  const order = [profile.way, ...ways.keys()];
  let best = null;
  for (const place of new Set(order)) {
    ways[place].spots.forEach(([lat, lng], k) => {
      const far = Math.hypot((lng - at.lng) * wide, (lat - at.lat) * high) + (place === profile.way ? 0 : 2);
      if (far <= NEAR && (!best || far < best.far)) best = { place, k, far };
    });
  }
  return best;
}

function followMap(event) {
  const found = stationAt(event.latlng);
  if (!found) {
    if (event.type === "mousemove" && document.activeElement !== frameOf(profile.way).querySelector(".cross")) leaveStation();
    return;
  }
  if (found.place !== profile.way) {
    if (event.type !== "click") return;
    takeWay(found.place);
  }
  toStation(found.k, false);
}

function foldDrawer(on) {
  byId("drawer").classList.toggle("folded", on);
  byId("drawer-button").setAttribute("aria-expanded", String(!on));
  if (!on && shelved.open >= 0) openShelf(shelved.open);
  map.invalidateSize({ animate: false });
  if (!on) fitProfile();
}

function startProfile() {
  const drawer = byId("drawer");
  drawer.hidden = !ways.length;
  if (!ways.length) return;
  ways.forEach((way, place) => startWay(place));
  const tabs = byId("way-tabs");
  tabs.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    takeWay((profile.way + step + ways.length) % ways.length);
    tabs.children[profile.way].focus();
  });
  byId("drawer-button").addEventListener("click", () => foldDrawer(!drawer.classList.contains("folded")));
  afterChoice.push(() => showWay(Math.max(wayOf(code()), 0)));
  afterLanguage.push(() => { fitProfile(); tellStation(); });
  window.addEventListener("resize", fitProfile);
  showWay(0);
}

// The map exists only after the drawer has taken its room.
function joinProfileAndMap() {
  if (!ways.length) return;
  map.on("mousemove click", followMap);
  map.on("mouseout", () => {
    if (document.activeElement !== frameOf(profile.way).querySelector(".cross")) leaveStation();
  });
}
