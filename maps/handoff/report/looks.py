"""How a report is set: the styles of Chinese offices (GB/T 9704), and the empty document with them.

A4 with margins of 37, 35, 28 and 26 mm; the title in 小标宋, headings in 黑体 and 楷体, the body in
仿宋 of size three on lines of 28 points. Fonts that a machine may lack name what stands for them.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from xml.sax.saxutils import quoteattr

from geo.words import Lang

SONG, FANG, HEI, KAI, PLAIN = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体"
LATIN = "Times New Roman"
INSTEAD: Mapping[str, str] = {
    SONG: "方正小标宋_GBK,华文中宋,STZhongsong,宋体,SimSun",
    FANG: "仿宋,FangSong",
    KAI: "楷体,KaiTi",
    HEI: "SimHei",
    PLAIN: "SimSun",
}
"""What stands for a font where it is missing, best first."""
TWIPS_PER_MM = 1440 / 25.4
PAGE_MM, TOP_MM, BOTTOM_MM, LEFT_MM, RIGHT_MM, FOOT_MM = (210, 297), 37, 35, 28, 26, 23
WIDTH_MM = PAGE_MM[0] - LEFT_MM - RIGHT_MM
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml"


@dataclass(frozen=True)
class Style:
    """How a kind of paragraph looks.

    Parameters
    ----------
    id, name
        As Word knows it.
    font
        Of Chinese words; others are in the Latin one.
    size
        In half points.
    line
        Distance of lines in twentieths of a point, 0 for single ones.
    align
        `both`, `center`, `left` or `right`.
    indent
        First line, in characters.
    level
        Of a heading, from 0; −1 for none.
    before, after
        Space around it, in twentieths of a point.
    bold, kept
        Bold; on one page with what follows.
    """

    id: str
    name: str
    font: str
    size: int
    line: int = 0
    align: str = "both"
    indent: int = 0
    level: int = -1
    before: int = 0
    after: int = 0
    bold: bool = False
    kept: bool = False


def styles(lang: Lang) -> dict[str, Style]:
    """Give the styles by id; English is set smaller and without indents."""
    zh = lang == "zh"
    size, line, indent = (32, 560, 2) if zh else (24, 400, 0)
    around = 0 if zh else 120
    heading = Style("", "", HEI, size, line, "left", indent, before=around, bold=not zh, kept=True)
    made = (
        Style("Normal", "Normal", FANG, size, line),
        Style("BodyText", "Body Text", FANG, size, line, indent=indent, after=around),
        Style("Title", "Title", SONG, 44 if zh else 40, 700, "center", after=160, bold=not zh),
        Style("Subtitle", "Subtitle", KAI, size, line, "center"),
        replace(heading, id="Heading1", name="heading 1", font=HEI, level=0),
        replace(heading, id="Heading2", name="heading 2", font=KAI, level=1),
        Style("Caption", "caption", HEI, 24, 0, "center", before=120, after=80, kept=True),
        Style("Picture", "Picture", FANG, 21, 0, "center", before=120, kept=True),
        Style("Key", "Key", FANG, 21, 0, "left", kept=True),
        Style("Note", "Note", FANG, 21, 0, "left", before=60, after=120),
        Style("Cell", "Cell", FANG, 21, 0, "left", before=20, after=20),
        Style("CellNumber", "Cell Number", FANG, 21, 0, "right", before=20, after=20),
        Style("CellHead", "Cell Head", HEI, 21, 0, "center", before=40, after=40, kept=True),
        Style("Footer", "footer", PLAIN, 28, 0, "right"),
    )
    return {one.id: one for one in made}


def twips(millimetres: float) -> int:
    """Give millimetres in twentieths of a point.

    >>> twips(25.4)
    1440
    """
    return round(millimetres * TWIPS_PER_MM)


def blank(lang: Lang) -> bytes:
    """Give an empty Word document with the styles, the fonts and the page."""
    parts = {
        "[Content_Types].xml": _types(),
        "_rels/.rels": _links(
            ("officeDocument", "word/document.xml"), ("extended-properties", "docProps/app.xml")
        ),
        "docProps/app.xml": _app(),
        "word/_rels/document.xml.rels": _links(
            ("styles", "styles.xml"), ("settings", "settings.xml"), ("fontTable", "fontTable.xml")
        ),
        "word/document.xml": _document(),
        "word/styles.xml": _styles(lang),
        "word/settings.xml": _settings(),
        "word/fontTable.xml": _fonts(),
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>\n{content}')
    return packed.getvalue()


def _types() -> str:
    kinds = {
        "document": "document.main",
        "styles": "styles",
        "settings": "settings",
        "fontTable": "fontTable",
    }
    parts = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{MAIN}.{kind}+xml"/>'
        for name, kind in kinds.items()
    )
    return (
        f'<Types xmlns="{TYPES}"><Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/docProps/app.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.extended-properties+xml"/>'
        f"{parts}</Types>"
    )


def _links(*targets: tuple[str, str]) -> str:
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{KINDS}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{LINKS}">{links}</Relationships>'


def _app() -> str:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"
    return f'<Properties xmlns="{kind}"><Application>jingning</Application></Properties>'


def _document() -> str:
    top, bottom, left, right = (twips(v) for v in (TOP_MM, BOTTOM_MM, LEFT_MM, RIGHT_MM))
    return (
        f'<w:document xmlns:w="{W}" xmlns:r="{KINDS}"><w:body><w:sectPr>'
        f'<w:pgSz w:w="{twips(PAGE_MM[0])}" w:h="{twips(PAGE_MM[1])}"/>'
        f'<w:pgMar w:top="{top}" w:right="{right}" w:bottom="{bottom}" w:left="{left}" '
        f'w:header="{twips(15)}" w:footer="{twips(FOOT_MM)}" w:gutter="0"/>'
        "</w:sectPr></w:body></w:document>"
    )


def _settings() -> str:
    return (
        f'<w:settings xmlns:w="{W}"><w:zoom w:percent="100"/>'
        '<w:characterSpacingControl w:val="compressPunctuation"/><w:compat>'
        '<w:compatSetting w:name="compatibilityMode" '
        'w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>'
        '<w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/></w:settings>'
    )


def _fonts() -> str:
    listed = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{instead}"/><w:charset w:val="86"/>'
        '<w:family w:val="auto"/><w:pitch w:val="variable"/></w:font>'
        for name, instead in INSTEAD.items()
    )
    latin = f'<w:font w:name="{LATIN}"><w:charset w:val="00"/><w:family w:val="roman"/></w:font>'
    return f'<w:fonts xmlns:w="{W}">{listed}{latin}</w:fonts>'


def _styles(lang: Lang) -> str:
    made = styles(lang)
    body = made["Normal"]
    said = '<w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/>'
    return (
        f'<w:styles xmlns:w="{W}"><w:docDefaults><w:rPrDefault><w:rPr>{fonts(body.font)}'
        f'<w:sz w:val="{body.size}"/><w:szCs w:val="{body.size}"/>{said}</w:rPr></w:rPrDefault>'
        "<w:pPrDefault/></w:docDefaults>"
        '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">'
        '<w:name w:val="Default Paragraph Font"/><w:uiPriority w:val="1"/></w:style>'
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal">'
        '<w:name w:val="Normal Table"/></w:style>'
        f"{''.join(map(_style, made.values()))}</w:styles>"
    )


def _style(one: Style) -> str:
    normal = one.id == "Normal"
    default = ' w:default="1"' if normal else ""
    based = "" if normal else '<w:basedOn w:val="Normal"/>'
    return (
        f'<w:style w:type="paragraph"{default} w:styleId="{one.id}">'
        f"<w:name w:val={quoteattr(one.name)}/>{based}<w:qFormat/>"
        f"<w:pPr>{paragraph_looks(one)}</w:pPr><w:rPr>{run_looks(one)}</w:rPr></w:style>"
    )


def fonts(font: str) -> str:
    """Give a run's fonts: Latin ones and, above all, that of Chinese words."""
    return f'<w:rFonts w:ascii="{LATIN}" w:hAnsi="{LATIN}" w:eastAsia="{font}" w:cs="{LATIN}"/>'


def run_looks(one: Style, *, colour: str = "", size: int = 0, whole: bool = True) -> str:
    """Give the properties of a run as XML; where not `whole`, the style gives bold and size."""
    bold = "<w:b/>" if one.bold and whole else ""
    tint = f'<w:color w:val="{colour.lstrip("#")}"/>' if colour else ""
    points = size or (one.size if whole else 0)
    sized = f'<w:sz w:val="{points}"/><w:szCs w:val="{points}"/>' if points else ""
    return fonts(one.font) + bold + tint + sized


def paragraph_looks(one: Style) -> str:
    """Give the properties of a style's paragraphs as XML."""
    kept = "<w:keepNext/>" if one.kept else ""
    rule = "exact" if one.line else "auto"
    line = f'w:line="{one.line or 240}" w:lineRule="{rule}"'
    first = one.indent * one.size * 10
    level = f'<w:outlineLvl w:val="{one.level}"/>' if one.level >= 0 else ""
    return (
        f'{kept}<w:spacing w:before="{one.before}" w:after="{one.after}" {line}/>'
        f'<w:ind w:firstLineChars="{one.indent * 100}" w:firstLine="{first}"/>'
        f'<w:jc w:val="{one.align}"/>{level}'
    )
