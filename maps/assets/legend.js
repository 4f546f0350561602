// The layer panel, by theme.
function drawThemes() {
  const themes = new Map();
  for (const layer of D.layers) {
    const key = layer.theme.join("\n");
    if (!themes.has(key)) themes.set(key, []);
    themes.get(key).push(layer);
  }
  const box = byId("themes");
  box.textContent = "";
  for (const layers of themes.values()) {
    const group = make("fieldset", "", box);
    both(make("legend", "", group), layers[0].theme);
    for (const layer of layers.filter(ofChosen)) {
      const row = make("label", SIDES[state].includes(layer.side) ? "" : "away", group);
      const tick = make("input", "", row);
      tick.type = "checkbox";
      tick.checked = shown.get(layer);
      tick.dataset.layer = String(D.layers.indexOf(layer));
      tick.addEventListener("change", () => {
        turn(layer, tick.checked);
        refresh();
        for (const one of box.querySelectorAll("input")) one.checked = shown.get(D.layers[Number(one.dataset.layer)]);
      });
      both(make("span", "name", row), layer.title);
      if (layer.side !== "both") say(make("span", "tag", row), D.ui[layer.side]);
    }
  }
}

// The legend follows the layers that are on; layers that share a legend stand in it once.
function drawLegend() {
  const box = byId("legend-body");
  box.textContent = "";
  const groups = new Map();
  for (const layer of D.layers) {
    if (!visible(layer) || !layer.legend.length) continue;
    const many = layer.legend[0].ramp || layer.meaning === "amount" || layer.meaning === "change" || layer.unit.some(Boolean);
    const key = JSON.stringify(many ? [layer.legend, layer.looks, layer.unit] : [layer.theme]);
    if (!groups.has(key)) groups.set(key, { many, layers: [] });
    groups.get(key).layers.push(layer);
  }
  for (const { many, layers } of groups.values()) {
    const part = make("div", many ? "key wide" : "key", box);
    const merged = many && layers.length > 1;
    const head = make("h3", "", part);
    both(head, !many || merged ? layers[0].theme : layers[0].title);
    if (many) say(make("span", "unit", head), layers[0].unit);
    const list = make("ul", "", part);
    const seen = new Set();
    for (const layer of merged ? layers.slice(0, 1) : layers) {
      for (const entry of layer.legend) {
        const mark = JSON.stringify([entry.title, entry.ramp, layer.looks && layer.looks[entry.look]]);
        if (seen.has(mark)) continue;
        seen.add(mark);
        if (entry.ramp) drawRamp(list, entry);
        else drawEntry(list, layer, entry);
      }
    }
    part.classList.toggle("many", list.children.length > 6);
    part.classList.toggle("crowd", list.children.length > 12);
  }
}

function drawRamp(list, entry) {
  const row = make("li", "ramp", list);
  const band = make("div", "band", row);
  for (const colour of entry.ramp) make("i", "", band).style.backgroundColor = paint(colour);
  const ends = make("div", "ends", row);
  for (const end of entry.ends) make("span", "", ends).textContent = end;
}

function drawEntry(list, layer, entry) {
  const row = make("li", "", list);
  const icon = svg("svg", { viewBox: "0 0 26 14", width: 26, height: 14, "aria-hidden": "true" }, row);
  if (layer.meaning === "outline") {
    svg("path", { d: "M1 7H25", stroke: "#D9699A", "stroke-width": 8, "stroke-opacity": 0.28 }, icon);
    svg("path", { d: "M1 7H25", stroke: "#22303C", "stroke-width": 1.8, "stroke-dasharray": "8 3 2 3" }, icon);
  } else {
    const look = brush(layer.looks[entry.look]);
    const stroke = { stroke: look.color, "stroke-width": Math.min(look.weight, 4), "stroke-dasharray": look.dashArray || "none" };
    const form = layer.kind === "raster" || layer.packed ? "Polygon" : ((layer.features[0] || {}).geometry || {}).type || "Polygon";
    const casing = layer.looks[entry.look].casing;
    if (form.includes("Line") && casing && look.color === "#FFFFFF") svg("path", { d: "M1 7H25", fill: "none", stroke: paint(casing), "stroke-width": Math.min(look.weight, 4) + 2.4 }, icon);
    if (form.includes("Line")) svg("path", { d: "M1 7H25", fill: "none", ...stroke }, icon);
    else if (form.includes("Point")) svg("circle", { cx: 13, cy: 7, r: Math.min(look.radius, 6), fill: look.fillColor, ...stroke }, icon);
    else svg("rect", { x: 2, y: 1.5, width: 22, height: 11, fill: look.fillColor, "fill-opacity": look.fillOpacity, ...stroke }, icon);
  }
  both(make("span", "name", row), entry.title);
}
