"""XML from strangers: no document types, so no entities and nothing from elsewhere."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from geo.errors import FileError
from geo.words import Text


class _Plain(ET.TreeBuilder):
    """Refuses a document type before anything in it is looked at."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise FileError(
            Text(
                f"拒绝文档类型声明：{name} {pubid} {system}",
                f"a document type is refused: {name} {pubid} {system}",
            )
        )


def root_of(content: str | bytes) -> ET.Element:
    """Read XML.

    Raises
    ------
    FileError
        If it is not well-formed, or declares a document type.

    Examples
    --------
    >>> root_of("<a><b/></a>")[0].tag
    'b'
    """
    parser = ET.XMLParser(target=_Plain())  # noqa: S314 - see above: no document types
    try:
        parser.feed(content)
        return parser.close()
    except ET.ParseError as error:
        raise FileError(
            Text(
                f"XML 有误：{error}；处理：重新导出",
                f"broken XML: {error}; remedy: export it again",
            )
        ) from error


def plain_name(element: ET.Element) -> str:
    """Give an element's name without its namespace, as files of many versions have it."""
    return str(element.tag).rsplit("}", 1)[-1]
