// A sheet as a picture: the page's own drawing of it, in an image that asks for nothing outside the file.
const FINER = 2; // pixels of the picture for one of the page
const NO_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff\ufffe\uffff]/gu;

function drawingOf(sheet) {
  const copy = sheet.cloneNode(true);
  const painted = copy.querySelectorAll("canvas");
  sheet.querySelectorAll("canvas").forEach((canvas, k) => {
    const image = make("img");
    image.src = canvas.toDataURL();
    image.className = canvas.className;
    image.style.cssText = canvas.style.cssText;
    painted[k].replaceWith(image);
  });
  const { width, height } = sheet.getBoundingClientRect();
  const holder = make("div", "printing paper");
  holder.dataset.state = state;
  const style = make("style", "", holder);
  style.textContent = [...document.querySelectorAll("head style")].map((one) => one.textContent).join("\n");
  const hatches = byId("hatches"); // what the fills of land refer to
  if (hatches) holder.append(hatches.cloneNode(true));
  holder.append(copy);
  const drawing = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}` });
  svg("foreignObject", { width: "100%", height: "100%" }, drawing).append(holder);
  return new XMLSerializer().serializeToString(drawing).replace(NO_XML, "\ufffd");
}

async function pictured(sheet) {
  const { width, height } = sheet.getBoundingClientRect();
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(drawingOf(sheet))}`;
  await image.decode();
  const canvas = make("canvas");
  canvas.width = Math.round(FINER * width);
  canvas.height = Math.round(FINER * height);
  const brush = canvas.getContext("2d");
  brush.fillStyle = "#FFFFFF";
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => { canvas.toBlob(done, "image/png"); });
}
