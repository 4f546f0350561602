// Words: every string of data reaches the page through textContent or an attribute, never as markup.
const D = JSON.parse(document.getElementById("data").textContent);
let lang = "zh";
const byId = (id) => document.getElementById(id);
const spoken = new WeakMap();

function told(words, other) {
  const pair = Array.isArray(words) ? words : [words, words];
  const first = lang === "zh" ? 0 : 1;
  const chosen = pair[other ? 1 - first : first];
  return String(chosen || (other ? "" : pair[1 - first]) || "");
}

// Say words in an element, and again whenever the language changes.
function say(element, words, role) {
  spoken.set(element, { words, role: role || "main" });
  element.setAttribute("data-said", "");
  repeat(element);
  return element;
}

function repeat(element) {
  const { words, role } = spoken.get(element);
  const text = told(words, role === "other");
  if (role === "hint") {
    element.title = text;
    element.setAttribute("aria-label", text);
  } else if (role === "place") {
    element.placeholder = text;
    element.setAttribute("aria-label", text);
  } else if (role === "alt") {
    element.alt = text;
  } else if (role === "label") {
    element.setAttribute("aria-label", text);
  } else {
    element.textContent = role === "other" && text === told(words) ? "" : text;
    if (element.dataset.room) shorten(element, Number(element.dataset.room));
  }
}

// Cut a chart's text to its room; the whole stands in its title.
function shorten(element, room) {
  const whole = element.textContent;
  if (!element.getComputedTextLength || element.getComputedTextLength() <= room) return;
  let kept = whole;
  while (kept.length > 1 && element.getComputedTextLength() > room) {
    kept = kept.slice(0, -1);
    element.textContent = kept + "…";
  }
  const title = document.createElementNS(element.namespaceURI, "title");
  title.textContent = whole;
  element.appendChild(title);
}

function make(tag, name, parent) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (parent) parent.appendChild(element);
  return element;
}

// An element with the words of the language first and the other language, smaller, beside them.
function both(element, words) {
  element.textContent = "";
  say(make("span", "first", element), words);
  say(make("span", "second", element), words, "other");
  return element;
}

function plainWords(root) {
  for (const one of root.querySelectorAll("[data-ui]")) say(one, D.ui[one.dataset.ui]);
  for (const one of root.querySelectorAll("[data-both]")) both(one, D.ui[one.dataset.both]);
  for (const one of root.querySelectorAll("[data-hint]")) say(one, D.ui[one.dataset.hint], "hint");
  for (const one of root.querySelectorAll("[data-place]")) say(one, D.ui[one.dataset.place], "place");
}

const afterLanguage = [];
function switchLanguage() {
  lang = lang === "zh" ? "en" : "zh";
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
  for (const one of document.querySelectorAll("[data-said]")) repeat(one);
  for (const follow of afterLanguage) follow();
}

plainWords(document);
say(byId("lang"), D.ui.lang_hint, "hint");
say(byId("lang"), D.ui.lang);
byId("lang").setAttribute("aria-label", D.ui.lang_hint.join(" "));
byId("lang").addEventListener("click", switchLanguage);
document.documentElement.classList.add("ready");
