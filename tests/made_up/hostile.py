"""Hostile words in place of every word of a run: what templates, pages and scripts might obey."""

import itertools
import random
from dataclasses import fields, is_dataclass, replace

import pandas as pd

from scenarios.result import Layer, Table

CANARIES = (
    "{{7*191}}",
    "${7*191}",
    "<%= 7*191 %>",
    "#{7*191}",
    "{7*191}",
    "{{=7*191}}",
    "{% print(7*191) %}",
    "@(7*191)",
    "$[7*191]",
    "[[7*191]]",
    "[[${7*191}]]",
    "*{7*191}",
    "~{7*191}",
    "@{7*191}",
    "<?=7*191?>",
    "{{{7*191}}}",
    "{{7*'191'}}",
    "{!7*191!}",
    "%{7*191}",
    "{$7*191}",
    "<%=7*191%>",
    "`${7*191}`",
    "{{this.constructor.constructor('return 7*191')()}}",
    "{{ ''.__class__.__mro__ }}",
    "#set($x=7*191)$x",
    "{{config}}",
    "{#7*191#}",
    "$data",
    "${data}",
    "$own",
    "%(data)s",
    "{0.__class__}",
    "<#assign x=7*191>${x}",
    "__proto__",
    "constructor",
)
ACTS = ("window.pwned=1", "alert(1)", "document.body.remove()", "fetch('//evil.example')")
SHELLS = (
    "<script>{}</script>",
    "</script><script>{}</script>",
    "<img src=x onerror={}>",
    "<svg onload={}>",
    '"><img src=x onerror="{}">',
    "'><svg/onload='{}'>",
    "<iframe srcdoc='<script>{}</script>'></iframe>",
    "<body onload={}>",
    "<details open ontoggle={}>",
    "<input autofocus onfocus={}>",
    "<a href='javascript:{}'>x</a>",
    "javascript:{}",
    "--><script>{}</script><!--",
    "]]><script>{}</script>",
    "</title><script>{}</script>",
    "</style><script>{}</script>",
    "</textarea><script>{}</script>",
    "<math><mi xlink:href='javascript:{}'>",
    "<svg><animate onbegin={} attributeName=x></svg>",
    "<video><source onerror={}></video>",
    "<style>@import 'javascript:{}'</style>",
    "<base href='javascript:{}//'>",
    "<object data='javascript:{}'></object>",
    "<embed src='javascript:{}'>",
    "<meta http-equiv=refresh content='0;url=javascript:{}'>",
    "\u2028{}\u2029",
)
ATTACKS = tuple(shell.format(act) for shell, act in itertools.product(SHELLS, ACTS))
HOSTILE = (*CANARIES, *ATTACKS)
OTHERS = (
    "=7*191",
    "+7*191",
    "-7*191",
    "@SUM(7*191)",
    "\t=7*191",
    "＝7*191",
    '=HYPERLINK("http://evil.example","x")',
    "=cmd|' /C calc'!A0",
    "http://evil.example/x.js",
    "//evil.example/x.js",
    "www.evil.example a@evil.example",
    "file:///etc/passwd",
    "\\\\evil.example\\share",
    "data:text/html,<script>window.pwned=1</script>",
    "url(//evil.example)",
    "[% 7*191 %]",
    "[[% env('HOME') %]%]",
    '{ HYPERLINK "http://evil.example" }',
    "{ =7*191 }",
    "&lt;b&gt;&amp;&#60;i&#62;",
    "<![CDATA[x]]>",
    "<!ENTITY x SYSTEM 'file:///etc/passwd'>&x;",
    "<?xml version='1.0'?>",
    "'; DROP TABLE gpkg_contents;--",
    'x" OR "1"="1',
    "%%c\\P\\U+003C{\\fArial;x}",
    "  0\r\nEOF\r\n",
    "../../../etc/passwd",
    "$(touch x)`touch x`;touch x|&",
    "NaN",
    "null",
    "toString",
    "2026-02-30",
    " ",
)
"""Formulas, addresses, fields, entities, ends of files: what other programs might obey."""
SIGNS = (
    "",
    "\x07",
    "\x1b[2J",
    "\x7f",
    "\x85",
    "\r\n",
    "\t",
    "\u200b",
    "\u2028",
    "\u202e",
    "\u2066",
    "\ufeff",
    "\uffff",
    "\u0301" * 20,
    "\U000e0041",
    "\U0001f468\u200d\U0001f469",
    "𠮷",
)
"""Signs that nobody sees, that turn the line round, or that a format cannot hold.

Not NUL and halves of signs: no data holds them (`scenarios.record`, UTF-8).
"""
LONG = 3000
CLOSED = {
    "meaning",
    "side",
    "better",
    "chart",
    "verdict",
    "kind",
    "role",
    "lang",
    "quality",
    "status",
    "id",
    "layer",
    "rule",
    "features",
    "params",
    "measures",
    "shown",
}
"""What the toolkit itself chooses from short lists; not words of data."""


def hostile_words():
    """Give hostile strings without end, each with its own number so that it can be found again."""
    for number in itertools.count():
        yield f"{HOSTILE[number % len(HOSTILE)]}·{number}·"


def any_words(seed):
    """Give hostile strings without end, each its own: all kinds, with signs within, some long."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    letters = str.maketrans("0123456789", "abcdefghij")  # no number may read 1337
    for number in itertools.count():
        core = chance.choice((*HOSTILE, *OTHERS))
        place = chance.randrange(len(core) + 1)
        core = f"{core[:place]}{chance.choice(SIGNS)}{core[place:]}"
        core *= LONG // len(core) if chance.random() < 0.005 else 1
        yield f"{core}·{str(number).translate(letters)}·"


def poisoned(value, words):
    """Replace every word of a value, all the way down."""
    if isinstance(value, Layer | Table):
        return (poisoned_layer if isinstance(value, Layer) else poisoned_table)(value, words)
    if is_dataclass(value):
        kept = {f.name: getattr(value, f.name) for f in fields(value)}
        return replace(value, **{k: poisoned(v, words) for k, v in kept.items() if k not in CLOSED})
    if isinstance(value, str):
        return next(words)
    if isinstance(value, tuple):
        return tuple(poisoned(one, words) for one in value)
    if isinstance(value, dict):
        return {next(words): poisoned(one, words) for one in value.values()}
    return value


def poisoned_table(table, words):
    names = {column.name: next(words) for column in table.columns}
    frame = table.frame.rename(columns=names)
    for name in frame.columns[frame.dtypes.map(lambda kind: kind.kind not in "iuf")]:
        frame[name] = pd.Series([next(words) for _ in range(len(frame))], dtype=object)
    columns = tuple(replace(poisoned(c, words), name=names[c.name]) for c in table.columns)
    return replace(table, title=poisoned(table.title, words), frame=frame, columns=columns)


def poisoned_layer(layer, words):
    fresh = {
        "title": poisoned(layer.title, words),
        "theme": poisoned(layer.theme, words),
        "unit": next(words),
        "id": layer.id,
    }
    if not hasattr(layer.data, "geometry"):
        return replace(layer, **fresh)
    frame = layer.data.copy()
    codes = {category.code: next(words) for category in layer.categories}
    for name in frame.columns.drop("geometry"):
        if frame[name].dtype.kind not in "iuf":
            known = codes if name == layer.value and codes else {}
            frame[name] = pd.Series(
                [known.get(v, None) or next(words) for v in frame[name]],
                index=frame.index,
                dtype=object,
            )
    names = {name: next(words) for name in frame.columns.drop("geometry")}
    frame = frame.rename(columns=names)
    frame.index = [next(words) for _ in range(len(frame))]
    columns = tuple(replace(poisoned(c, words), name=names[c.name]) for c in layer.columns)
    categories = tuple(replace(poisoned(c, words), code=codes[c.code]) for c in layer.categories)
    return replace(
        layer,
        **fresh,
        data=frame,
        value=names.get(layer.value, ""),
        label=names.get(layer.label, ""),
        columns=columns,
        categories=categories,
    )


def harmless(tab, text):
    assert tab.evaluate("window.pwned") is None
    assert (
        tab.evaluate(
            "document.querySelectorAll('iframe, object, embed, base, video, math, input[autofocus], #data ~ script ~ script, a[href^=javascript]').length"
        )
        == 0
    )
    assert "1337" not in text


def every_word(run):
    """Give all words of a run that its page shows without a click."""
    result = run.result
    yield from (run.title, run.subtitle, run.county_name)
    for one in (*result.metrics, *result.checks, *result.tables):
        yield one.title
    for layer in result.layers:
        yield from (layer.title, layer.theme)


def words_of_feature(run, layer):
    """Give the words a pop-up on a layer's first feature must show."""
    yield str(layer.data.index[0])
    for column in layer.columns:
        yield column.title.zh
        if layer.data[column.name].dtype.kind not in "iuf":
            value = layer.data[column.name].iloc[0]
            coded = [one for one in run.result.layers if one.value == column.name]
            titles = {one.code: one.title.zh for other in coded for one in other.categories}
            yield titles.get(value, value)
    for source in run.sources:
        if source.layer in layer.sources:
            yield from (source.title.zh, source.publisher, source.licence, source.retrieved)
    for rule in run.rules:
        if rule.id in layer.rules:
            yield from (rule.id, rule.document, rule.clause)
