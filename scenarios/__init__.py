"""Planning questions: each is found by its source binding `SCENARIO`, and may stand outside."""

from __future__ import annotations

import ast
import difflib
import functools
import hashlib
import importlib
import importlib.util
import sys
from collections.abc import Iterable, Iterator
from importlib.abc import SourceLoader
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from geo.errors import SchemaError, UsageError
from geo.words import Text, joined

if TYPE_CHECKING:  # the contract brings pandas and pydantic; --help does without
    from scenarios.contract import Scenario

WORD = "SCENARIO"
SUFFIX = ".py"


def names() -> tuple[str, ...]:
    """Give the names of the questions of this package, sorted; their sources are read, not run."""
    return tuple(sorted(name for name, path in _sources().items() if binds(path.read_bytes())))


def _sources() -> dict[str, Path]:
    """Give the source of each module and package here, by name."""
    found: dict[str, Path] = {}
    for folder in map(Path, __path__):
        for path in (*folder.glob("[!_]*.py"), *folder.glob("*/__init__.py")):
            found.setdefault(path.stem if path.parent == folder else path.parent.name, path)
    return found


@functools.cache
def binds(source: bytes) -> bool:
    r"""Say whether a source binds `SCENARIO` by a statement at its top level.

    One that speaks of it and is no Python counts: what is wrong with it is told when it is asked
    for.

    >>> binds(b"SCENARIO = Scenario()"), binds(b"from scenarios.corridor.question import SCENARIO")
    (True, True)
    >>> binds(b"import SCENARIO.a as b"), binds(b"def run():\n    SCENARIO = 1")
    (False, False)
    """
    if WORD.encode() not in source:
        return False
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        return True
    return any(WORD in _bound(statement) for statement in body)


def _bound(statement: ast.stmt) -> Iterator[str]:
    """Give the names that an import or an assignment binds."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        yield from (one.asname or one.name for one in statement.names)
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    if isinstance(statement, ast.AnnAssign) and statement.value is not None:
        targets = [statement.target]
    yield from (one.id for one in targets if isinstance(one, ast.Name))


def outside(name: str) -> bool:
    """Say whether a question is named by the path of its file.

    >>> outside("access"), outside("plans/high_fields.py")
    (False, True)
    """
    return name.endswith(SUFFIX)


def called(name: str) -> str:
    """Give the name of a question as runs carry it: of a file its stem.

    >>> called("access"), called("plans/high_fields.py")
    ('access', 'high_fields')
    """
    return Path(name).stem if outside(name) else name


def meant(name: str, known: Iterable[str]) -> Text | None:
    """Suggest the nearest known name, or say nothing.

    >>> meant("acess", ["access", "park"])
    Text(zh='是否指 access？', en='did you mean access?')
    >>> meant("x", ["access"])
    """
    near = difflib.get_close_matches(name, list(known), n=1)
    return Text(f"是否指 {near[0]}？", f"did you mean {near[0]}?") if near else None


def find(name: str) -> Scenario:
    """Give a question by name, or by the path of its file.

    Parameters
    ----------
    name
        One of `names()`, or the path of a .py file that binds `SCENARIO`. An error while it is
        imported is not swallowed. A file is imported anew when it has changed.

    Raises
    ------
    UsageError
        If there is no such question or file; the nearest name is suggested.
    SchemaError
        If it binds no `SCENARIO = Scenario(…)`.
    """
    module = _imported(Path(name)) if outside(name) else _known(name)
    from scenarios.contract import Scenario

    scenario = getattr(module, WORD, None)
    if not isinstance(scenario, Scenario):
        raise SchemaError(
            Text(
                f"{name}：不是问题：顶层没有 SCENARIO = Scenario(…)",
                f"{name}: no question: its top level holds no SCENARIO = Scenario(…)",
            )
        )
    return scenario


def _known(name: str) -> ModuleType:
    """Import a question of the package."""
    known = names()
    if name not in known:
        near, there = meant(name, known), ", ".join(known)
        words = Text(f"没有情景 {name!r}；现有 {there}", f"no scenario {name!r}; there are {there}")
        raise UsageError(joined([words, near], "；", "; ") if near else words)
    return importlib.import_module(f"{__name__}.{name}")


def _imported(path: Path) -> ModuleType:
    """Import a file as a module that no import statement names; without a cache on disk."""
    try:
        source = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(
            Text(f"{path}：无法读取问题文件：{reason}", f"{path}: cannot be read: {reason}")
        ) from error
    if not binds(source):
        return ModuleType(path.stem)
    loader = _Given(str(path.resolve()), source)
    if loader.name not in sys.modules:
        spec = ModuleSpec(loader.name, loader, origin=loader.place)
        spec.has_location = True
        module = importlib.util.module_from_spec(spec)
        sys.modules[loader.name] = module  # pydantic looks a class's module up
        try:
            loader.exec_module(module)
        except BaseException:
            del sys.modules[loader.name]
            raise
    return sys.modules[loader.name]


class _Given(SourceLoader):
    """Give a source that was read; no bytecode is kept beside it."""

    def __init__(self, place: str, source: bytes) -> None:
        self.place, self.source = place, source
        self.name = f"_question_{hashlib.sha256(place.encode() + source).hexdigest()}"

    def get_filename(self, _fullname: str) -> str:
        return self.place

    def get_data(self, _path: str | bytes) -> bytes:
        return self.source
