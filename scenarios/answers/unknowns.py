"""What is not known, and how it becomes known: words first, the command beside them."""

from __future__ import annotations

from geo.words import Text


def remedy(words: Text, command: str) -> Text:
    """Give what to do in words, with the command that does it beside.

    >>> remedy(Text("重新求解", "search again"), "--set effort=2").zh
    '重新求解（--set effort=2）'
    """
    return Text(f"{words.zh}（{command}）", f"{words.en} ({command})")


def naming(layer: str, field: str) -> Text:
    """Say how a column of a layer becomes known that a file has under another name, or not at all.

    >>> print(naming("parcels", "quality").en)
    bring parcels with quality, or say which column holds it (jingning layers import FOLDER FILE
    --as parcels --field quality=…)
    """
    words = Text(
        f"补充 {field} 后重新导入，或指明该字段在文件中的名称",
        f"bring {layer} with {field}, or say which column holds it",
    )
    return remedy(words, f"jingning layers import FOLDER FILE --as {layer} --field {field}=…")
