"""What a layer is, in the metadata of QGIS: title, sources, licences, quality, limits."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from geo.words import Text
from maps.qgis.parts import written
from maps.qgis.wording import both, shown
from maps.wording import UI, said
from scenarios.result import Layer, Run

DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"


def described(parent: ET.Element, layer: Layer, name: str, run: Run) -> None:
    """Write what a layer is below an element, as QGIS keeps it."""
    sources = [one for one in run.sources if one.layer in layer.sources]
    ET.SubElement(parent, "identifier").text = layer.id
    ET.SubElement(parent, "language").text = "ZH"
    ET.SubElement(parent, "type").text = "dataset"
    ET.SubElement(parent, "title").text = name
    lines = [run.title, run.subtitle, run.county_name, run.quality_words, UI["statutory"]]
    ET.SubElement(parent, "abstract").text = " · ".join(both(one) for one in lines if one.zh)
    keywords = ET.SubElement(parent, "keywords", vocabulary="gmd:topicCategory")
    ET.SubElement(keywords, "keyword").text = both(layer.theme)
    for source in sources:
        told = said(source.publisher), said(source.licence), said(source.retrieved)
        rights = " · ".join(both(Text(*words)) for words in told)
        ET.SubElement(parent, "rights").text = f"{both(source.title)}: {rights}"
    for source in sources:
        licence = both(Text(*said(source.licence)))
        ET.SubElement(parent, "license").text = licence
    ET.SubElement(parent, "encoding").text = "UTF-8"
    quality = ", ".join(f"{both(one.title)}: {both(one.quality.words)}" for one in sources)
    if quality:
        ET.SubElement(parent, "history").text = quality
    ET.SubElement(parent, "history").text = shown(f"{run.scenario} {run.key}")


def metadata(layer: Layer, name: str, run: Run) -> str:
    """Give the metadata of a layer as a document of its own."""
    root = ET.Element("qgis", version="3.22.0")
    described(root, layer, name, run)
    return written(root, DOCTYPE)
