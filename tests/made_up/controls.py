"""Every control of a page used once, its effect asserted; a control that nothing here uses is told.

`used(tab)` opens what can be opened, asks the page for all that can be focused, and uses each kind
in turn. What comes of it is read from the page: what is drawn, where the map is, what is said.
"""

VIEW = "[map_1.getZoom(), map_1.getCenter().lng, map_1.getCenter().lat]"
BOX = "map_1.getBounds().toBBoxString()"
REACHED = """kinds => [...document.querySelectorAll(
  'a[href], button, input, select, summary, [tabindex]:not([tabindex="-1"])')]
  .filter(one => one.checkVisibility() && !kinds.some(kind => one.matches(kind)))
  .map(one => one.outerHTML.slice(0, 120))"""
PRESSED = """([selector, lit]) => [...document.querySelectorAll(selector)].map(one => {
  one.click();
  const there = document.querySelectorAll(lit).length > 0;
  const on = one.getAttribute('aria-pressed');
  one.click();
  return there && on === 'true' && document.querySelectorAll(lit).length === 0
    && one.getAttribute('aria-pressed') === 'false';
})"""
TURNED = """selector => [...document.querySelectorAll(selector)].map(one => {
  const box = document.getElementById(one.getAttribute('aria-controls'));
  const state = () => [one.getAttribute('aria-expanded'), [box, ...box.querySelectorAll('*')].filter(e => e.checkVisibility()).length];
  const before = state();
  one.click();
  const other = state();
  one.click();
  return before[0] !== other[0] && (before[1] - other[1]) * (before[0] === 'true' ? 1 : -1) > 0 && state().join() === before.join();
})"""
OPENED = """() => [...document.querySelectorAll('summary')].map(one => {
  const block = one.parentElement, before = block.open;
  one.click();
  const turned = block.open !== before;
  block.open = true;
  return turned;
})"""
SORTED = """() => [...document.querySelectorAll('details.table:not(.compared)')].flatMap(block =>
  [...block.querySelectorAll('button.sort')].map((one, place) => {
    const cells = () => [...block.querySelectorAll('tbody tr')].map(row => row.children[place].textContent);
    const size = text => Number.parseFloat(text.replaceAll(',', '').replace('−', '-'));
    const number = one.parentElement.classList.contains('number');
    const told = texts => number ? texts.map(size).filter(v => !Number.isNaN(v)) : texts.filter(t => t !== '—');
    const order = new Intl.Collator(document.documentElement.lang === 'en' ? 'en' : 'zh-CN', { numeric: true });
    const rises = values => values.every((v, k) => !k || (number ? values[k - 1] <= v : order.compare(values[k - 1], v) <= 0));
    const all = [...cells()].sort().join();
    one.click();
    const up = rises(told(cells())) && one.parentElement.getAttribute('aria-sort') === 'ascending';
    one.click();
    const down = rises(told(cells()).reverse()) && one.parentElement.getAttribute('aria-sort') === 'descending';
    return up && down && [...cells()].sort().join() === all;
  }))"""
FILTERED = """() => [...document.querySelectorAll('.narrow')].map(one => {
  const query = one.querySelector('input');
  const rows = [...one.parentElement.querySelectorAll('tbody tr:not(.others)')];
  const shown = () => rows.filter(row => !row.hidden);
  const ask = words => { query.value = words; query.dispatchEvent(new Event('input')); };
  const wanted = rows[rows.length - 1].children[0].textContent.trim().toLowerCase();
  ask(wanted);
  const right = shown().length && shown().every(row => wanted.split(/\\s+/).every(word => row.textContent.toLowerCase().includes(word)));
  const told = one.querySelector('output').textContent.includes(String(shown().length));
  ask('§§§');
  const none = shown().length === 0;
  ask('');
  return Boolean(right && told && none && shown().length === rows.length);
})"""
LISTED = """() => [...document.querySelectorAll('#themes .layer')].map(row => {
  const tick = row.querySelector('[type=checkbox]'), before = tick.checked;
  tick.click();
  const turned = tick.checked !== before;
  if (tick.checked !== before) tick.click();
  return turned && tick.checked === before;
})"""
FADED = """() => [...document.querySelectorAll('.opacity')].filter(one => one.style.visibility !== 'hidden').map(one => {
  const faint = () => [...document.querySelectorAll('.leaflet-pane, .leaflet-pane *')].filter(e => e.style.opacity === '0.4').length;
  const set = value => { one.value = value; one.dispatchEvent(new Event('input')); };
  const before = faint();
  set('40');
  const right = faint() > before && one.getAttribute('aria-label').includes('40 %');
  set('100');
  return right && faint() === before;
})"""


def used(tab):
    """Use every control of an open page once; give how many there are of each kind."""
    counts = {}
    tab.evaluate(
        "document.querySelectorAll('.fold[aria-expanded=false], details:not([open]) > summary').forEach(one => one.click())"
    )
    for kind, use in KINDS.items():
        there = [one for one in tab.locator(kind).all() if one.is_visible()]
        counts[kind] = len(there)
        if there:
            use(tab)
    tab.click("#layers-button")
    unused = tab.evaluate(REACHED, list(KINDS))
    tab.click("#layers-button")
    assert unused == [], unused
    return counts


def every(results):
    assert results
    assert all(results), [place for place, right in enumerate(results) if not right]


def told_otherwise(tab):
    title = tab.inner_text("#title")
    lang = tab.get_attribute("html", "lang")
    tab.click("#lang")
    assert tab.get_attribute("html", "lang") != lang
    assert tab.inner_text("#title") != title
    tab.click("#lang")
    assert tab.inner_text("#title") == title


def entered(tab):
    tabs = tab.locator("#states [role=tab]")
    for place in [*range(1, tabs.count()), 0]:
        tabs.nth(place).click()
        assert tabs.nth(place).get_attribute("aria-selected") == "true"
        assert tab.get_attribute("body", "data-state") == tabs.nth(place).get_attribute("data-tab")


def exported(tab):
    with tab.expect_download() as waiting:
        tab.click("#export")
    assert waiting.value.suggested_filename.endswith(".geojson")


def sheet_count(tab):
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    count = tab.locator("#sheets > *").count()
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    return count


def printed(tab):
    tab.evaluate("window.print = () => { document.body.dataset.asked = 'yes'; }")
    tab.click("#print")
    tab.click("#sheet-close")
    assert tab.locator("#sheet-order").is_hidden()
    tab.click("#print")
    title = tab.input_value("#sheet-title")
    tab.fill("#sheet-title", "图名 T")
    tab.fill("#sheet-author", "某局 A")
    tab.select_option("#sheet-extent", "county")
    tab.click("#sheet-print")
    assert tab.evaluate("document.body.dataset.asked === 'yes'")
    sheets = tab.text_content("#sheets")
    assert "图名 T" in sheets
    assert "某局 A" in sheets
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    assert tab.text_content("#sheets") == ""
    tab.click("#print")
    tab.fill("#sheet-title", title)
    few = sheet_count(tab)
    tab.check("#sheet-tables")
    assert sheet_count(tab) >= few
    assert tab.locator("#shelf-body > .leaf:not([hidden])").count() <= 1
    tab.uncheck("#sheet-tables")
    tab.check("#sheet-only")
    with tab.expect_download() as waiting:
        tab.click("#sheet-png")
    assert waiting.value.suggested_filename.endswith(".png")
    tab.wait_for_function("() => !document.body.classList.contains('printing')")


def zoomed(tab):
    before = tab.evaluate("map_1.getZoom()")
    for name, way in (("zoom-in", 1), ("zoom-out", -1)):
        last = tab.evaluate("map_1.getZoom()")
        tab.click(f"#{name}")
        assert (tab.evaluate("map_1.getZoom()") - last) * way > 0
    assert tab.evaluate("map_1.getZoom()") == before


def fitted(tab):
    tab.evaluate("void map_1.setZoom(map_1.getMaxZoom(), { animate: false })")
    near = tab.evaluate(VIEW)
    tab.click("#whole")
    whole = tab.evaluate(VIEW)
    assert whole[0] < near[0]
    if tab.locator("#extent").is_visible():
        tab.click("#extent")
        assert tab.evaluate(VIEW)[0] > whole[0]


def screen_filled(tab):
    before = tab.evaluate(VIEW)
    west, south, east, north = map(float, tab.evaluate(BOX).split(","))
    tab.click("#full-button")
    tab.wait_for_function("() => document.querySelector('#full-button').ariaPressed === 'true'")
    left, low, right, high = map(float, tab.evaluate(BOX).split(","))
    step = (east - west) * 0.01
    assert left < west + step
    assert low < south + step
    assert right > east - step
    assert high > north - step
    tab.click("#full-button")
    tab.wait_for_function("() => document.querySelector('#full-button').ariaPressed === 'false'")
    assert abs(tab.evaluate(VIEW)[0] - before[0]) < 1e-9


def layers_turned(tab):
    tab.click("#layers-button")
    assert tab.locator("#layers").is_visible()
    every(tab.evaluate(LISTED))
    every(tab.evaluate(FADED))
    tab.keyboard.press("Escape")
    tab.click("#layers-button")
    assert tab.locator("#layers").is_hidden() != tab.evaluate(
        "document.querySelector('#layers-button').ariaExpanded === 'true'"
    )
    if tab.locator("#layers").is_visible():
        tab.click("#layers-button")


def searched(tab):
    tab.click("#search-button")
    wanted = tab.evaluate(
        "JSON.parse(document.getElementById('data').textContent).layers.flatMap(one => Array.isArray(one.features) && one.meaning !== 'outline' ? one.features.map(f => f.id) : [])[0]"
    )
    if wanted:
        tab.fill("#query", wanted)
        tab.locator("#found [role=option]").first.click()
        assert tab.locator(".lit").count() > 0
        assert wanted in tab.text_content(".leaflet-popup-content")
        for turn in tab.locator(".turn").all():
            shown = tab.inner_text(".leaflet-popup-content")
            turn.click()
            assert tab.inner_text(".leaflet-popup-content") != shown
            turn.click()
            assert tab.inner_text(".leaflet-popup-content") == shown
        tab.click(".leaflet-popup-close-button")
        assert tab.locator(".leaflet-popup").count() == 0
    tab.click("#search-button")
    assert tab.locator("#search").is_hidden()


def measured(tab):
    tab.click("#measure-button")
    assert tab.locator("#measured").is_visible()
    stage = tab.locator("#stage").bounding_box()
    for x in (0.35, 0.55):
        tab.mouse.click(stage["x"] + x * stage["width"], stage["y"] + 0.3 * stage["height"])
    assert tab.locator("path.measure").count() == 1
    assert any(mark in tab.inner_text("#measured") for mark in (" m", " km"))
    tab.click("#measure-button")
    assert tab.locator("#measured").is_hidden()


def swiped(tab):
    tab.focus("#knob")
    for key, value in (("Home", "0"), ("End", "100")):
        tab.keyboard.press(key)
        assert tab.get_attribute("#knob", "aria-valuenow") == value
        stage, knob = (tab.locator(one).bounding_box() for one in ("#stage", "#knob"))
        edge = stage["x"] + (stage["width"] if key == "End" else 0)
        assert abs(knob["x"] + 18 - edge) < 2
    tab.keyboard.press("Home")
    for _ in range(5):
        tab.keyboard.press("PageDown")


def moved_by_keys(tab):
    tab.evaluate("void map_1.setZoom(map_1.getZoom() + 2, { animate: false })")
    tab.focus("#map_1")
    before = tab.evaluate(VIEW)
    tab.keyboard.press("ArrowRight")
    tab.wait_for_function(f"() => {VIEW}[1] > {before[1]}")
    tab.click("#whole")


def skipped(tab):
    tab.focus(".skip")
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "stage"


def ways_shown(tab):
    tabs = tab.locator("#way-tabs [role=tab]")
    for place in [*range(1, tabs.count()), 0]:
        tabs.nth(place).click()
        assert tabs.nth(place).get_attribute("aria-selected") == "true"


def drawer_folded(tab):
    high = tab.locator("#drawer").bounding_box()["height"]
    tab.click("#drawer-button")
    assert tab.locator("#drawer").bounding_box()["height"] < high
    tab.click("#drawer-button")
    assert tab.locator("#drawer").bounding_box()["height"] == high


def driven(tab):
    cross = tab.locator("svg.cross:visible")
    cross.focus()
    tab.keyboard.press("End")
    assert cross.get_attribute("aria-valuenow") is not None
    said = tab.inner_text("#station")
    tab.keyboard.press("Home")
    assert tab.inner_text("#station") != said


def widened(tab):
    tab.evaluate("document.querySelectorAll('details.table').forEach(one => { one.open = true; })")
    for one in tab.locator(".widen").all():
        one.evaluate("one => one.click()")
        assert tab.locator("#wide table").count() == 1
        tab.click("#wide-close")
        tab.wait_for_function("() => !document.querySelector('#wide table')")  # it goes back
        assert tab.locator("#wide").is_hidden()


def rows_shown(tab):
    for block in tab.locator("details.table:has(.shows)").all():
        tab.click("#whole")
        before = tab.evaluate(VIEW)
        block.locator(".shows").first.evaluate("one => one.click()")
        assert tab.evaluate(VIEW) != before
        assert tab.locator(".lit").count() > 0
        assert block.locator("tr.shown").count() == 1


def points_told(tab):
    for front in tab.locator(".front:visible").all():
        front.focus()
        tab.keyboard.press("Home")
        first = front.get_attribute("aria-label")
        tab.keyboard.press("End")
        points = front.locator("[data-tip]").count()
        assert (front.get_attribute("aria-label") != first) == (points > 1)


def shelved(tab):
    tabs = tab.locator("#shelf-tabs button")
    for place in range(tabs.count()):
        tabs.nth(place).click()
        assert tabs.nth(place).get_attribute("aria-pressed") == "true"
        assert tab.locator("#shelf-body > .leaf:visible").count() == 1
    tabs.last.click()
    assert tab.locator("#shelf-body").is_hidden()
    for shown in (True, False):
        tab.click("#shelf-button")
        assert tab.locator("#shelf-body > .leaf:visible").count() == shown


def chosen(tab):
    options = tab.locator("#choices [role=radio]")
    codes = set()
    for place in [*range(1, options.count()), 0]:
        options.nth(place).click()
        assert options.nth(place).get_attribute("aria-checked") == "true"
        assert tab.locator("#answer-of").is_hidden() == (place == 0)
        codes.add(tab.get_attribute("body", "data-alternative"))
    assert len(codes) == options.count()


def picked(tab):
    for one in [*tab.locator(".pick:visible").all()[::-1]]:
        one.click()
        assert "taken" in one.evaluate("one => one.closest('th').className")


def scrolled(tab):
    assert tab.locator("details.table .scroll table").count() > 0


def closed_before(tab):
    assert tab.locator(".leaflet-popup").count() == 0


KINDS = {
    ".skip": skipped,
    "#states [role=tab]": entered,
    "#lang": told_otherwise,
    "#export": exported,
    "#print": printed,
    "#zoom-in, #zoom-out": zoomed,
    "#whole, #extent": fitted,
    "#layers-button, #layers [type=checkbox], .opacity": layers_turned,
    "#search-button, #query": searched,
    "#measure-button": measured,
    "#full-button": screen_filled,
    "#knob": swiped,
    "#map_1": moved_by_keys,
    "#legend-button": lambda tab: every(tab.evaluate(TURNED, "#legend-button")),
    ".fold": lambda tab: every(tab.evaluate(TURNED, ".fold")),
    "summary": lambda tab: every(tab.evaluate(OPENED)),
    "button.card": lambda tab: every(tab.evaluate(PRESSED, ["button.card", ".lit"])),
    "button.check": lambda tab: every(tab.evaluate(PRESSED, ["button.check", ".lit"])),
    "#way-tabs [role=tab]": ways_shown,
    "#drawer-button": drawer_folded,
    "svg.cross": driven,
    "#shelf-tabs button, #shelf-button": shelved,
    "#choices [role=radio]": chosen,
    ".pick": picked,
    ".widen": widened,
    ".scroll": scrolled,
    ".sort": lambda tab: every(tab.evaluate(SORTED)),
    ".narrow input": lambda tab: every(tab.evaluate(FILTERED)),
    ".shows": rows_shown,
    ".front": points_told,
    ".leaflet-popup-close-button": closed_before,
}
"""What each kind of control is used by."""
