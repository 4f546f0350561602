"""Taking back the last import of a layer, and taking that back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from geo.errors import Problem, SchemaError, UsageError
from geo.files import whole, write_text
from geo.words import Text
from layers import folder as folders
from layers import source as sources
from layers.catalog import schema_of
from layers.keeping import layer as keeping
from layers.keeping.hold import held
from layers.source import Source, parted


@dataclass(frozen=True)
class Undone:
    """What stands now: the layer by its source, or None where the first import was taken back."""

    layer: str
    source: Source | None

    @property
    def words(self) -> Text:
        """What was done, in words."""
        again = Text(
            f"再次撤销：layers undo FOLDER {self.layer}",
            f"undo again: layers undo FOLDER {self.layer}",
        )
        if self.source is None:
            return Text(
                f"{self.layer}：首次导入已撤销，现无此图层；{again.zh}",
                f"{self.layer}: its first import is undone, there is no such layer now; {again.en}",
            )
        title, rows, publisher = self.source.title, self.source.rows, parted(self.source.publisher)
        return Text(
            f"{self.layer}：已恢复此前的图层：{title.zh}，{rows} 行，{publisher.zh}；{again.zh}",
            f"{self.layer}: the layer before stands again: {title.en}, {rows} rows, "
            f"{publisher.en}; {again.en}",
        )


def undo(folder: Path, layer: str) -> Undone:
    """Put the layer back that the last import replaced; once more brings that import again.

    Parameters
    ----------
    folder
        A county folder.
    layer
        A layer of the catalog.

    Returns
    -------
    Undone
        What stands now. A first import replaced nothing: the layer is taken away.

    Raises
    ------
    UsageError
        If there is no such layer, or no import of it to take back.
    SchemaError
        If what was kept has been changed or is a link; nothing is undone.
    BusyError
        If another process changes the county.
    LimitError
        If there is no room; nothing is undone.
    """
    schema_of(layer)
    place = folders.own_folder(folder) / layer
    with held(place.parent), whole(place.parent):
        keeping.require_own(place)
        if place.is_dir():
            keeping.settle(place)
        before, known = keeping.former(place)
        if not known:
            raise UsageError(
                Text(
                    f"{place}：没有可撤销的导入",
                    f"{place}: there is no import to undo",
                )
            )
        now = None if before is None else _put_back(place, before)
        if before is None:
            keeping.kept(place, keeping.written(place / folders.SOURCE))
            (place / folders.SOURCE).unlink()
        keeping.settle(place)
    return Undone(layer, now)


def _put_back(place: Path, before: Path) -> Source:
    """Let a kept source and its files stand again, the present ones being kept for it."""
    text, source = keeping.written(before), sources.read(before)
    files = keeping.spoken_of(place, place.name, text)
    _require_same(files, source, before)
    for path in files:
        path.replace(place / path.name)
    there = place / folders.SOURCE
    link = keeping.kept(place, keeping.written(there)) if there.is_file() else keeping.FIRST
    write_text(there, keeping.linked(text, link))
    return source


def _require_same(files: list[Path], source: Source, before: Path) -> None:
    """Refuse to put back what is no longer what it was."""
    there = [one for one in files if one.is_file() and not one.is_symlink()]
    same = source.sha256 in [folders.sha256_of(one) for one in there]
    if not same or len(there) < len(files):
        problem = Problem(
            file=str(before.parent),
            layer=source.layer,
            field="sha256",
            expected=source.sha256,
            remedy=Text("重新导入", "import it again"),
        )
        words = Text("留存的图层已被改动", "the layer that was kept has been changed")
        raise SchemaError(words, problems=[problem])
