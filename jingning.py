"""The planner's one command over layers, scenarios and maps.

`jingning run access --open` runs a scenario, draws its page and opens it. Everything else is handed
to the floors' own commands, so that each keeps one place for its options.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn

USAGE = """\
用法 usage: jingning COMMAND …

  run NAME|SCRIPT.toml [-o FOLDER] [--open] …   运行情景并出图 run a scenario and draw its page
  list | describe NAME | schema NAME | validate …  情景与参数 scenarios and their parameters
  validate FOLDER   复核运行及其证书 re-check a run and its proofs
  layers …      县域图层 the county's layers: list, show, check, build, new, import
  maps FOLDER   重新出图 draw the pages of the runs below a folder
  doctor        检查运行环境 versions, GDAL and PROJ, browser, fonts

`jingning COMMAND --help` 查看各命令选项 shows the options of a command.
退出码 exit codes: 0 完成 done · 1 意外错误 unexpected · 2 用法或配置 usage or configuration
  · 3 输入被拒 input refused · 4 无可行解 infeasible · 5 达到限制 limit hit · 130 中断 interrupted
"""
SCENARIO_COMMANDS = ("list", "describe", "schema", "validate")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge", "firefox")
CJK_FONTS = ("PingFang", "YaHei", "Source Han Sans", "Noto Sans CJK", "WenQuanYi")


def command() -> NoReturn:
    """Run as the installed command does."""
    from layers.console import alone

    alone(main)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    try:
        return _obeyed(list(sys.argv[1:] if argv is None else argv))
    except KeyboardInterrupt:
        print("\n已中断 interrupted", file=sys.stderr)
        return 130


def _obeyed(words: list[str]) -> int:
    if not words or words[0] in {"-h", "--help", "help"}:
        print(USAGE, end="")
        return 0 if words else 2
    command, rest = words[0], words[1:]
    if command == "run":
        return _run(rest)
    if command in SCENARIO_COMMANDS:
        return _floor("scenarios", words)
    if command in {"layers", "maps"}:
        return _floor(command, rest)
    if command == "doctor":
        return doctor()
    print(f"没有命令 no command {command!r}\n\n{USAGE}", end="", file=sys.stderr)
    return 2


def _floor(package: str, words: Sequence[str]) -> int:
    """Hand words to the command of one floor; argparse leaves by SystemExit."""
    command: Callable[[Sequence[str]], int] = importlib.import_module(f"{package}.__main__").main
    try:
        return command(words)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 2


def _run(words: list[str]) -> int:
    """Run a scenario, draw its page, and open it when asked."""
    show = "--open" in words
    words = [word for word in words if word != "--open"]
    if not words or {"-h", "--help"} & set(words):
        print("--open  出图后在浏览器中打开 open the page when it is drawn\n")
        return _floor("scenarios", ["run", *words])
    folder = _output(words)
    if folder is None:
        folder = Path("out") / Path(words[0]).stem
        words += ["-o", str(folder)]
    code = _floor("scenarios", ["run", *words]) or _floor("maps", [str(folder)])
    if code == 0 and show:
        import webbrowser

        webbrowser.open((folder / "index.html").resolve().as_uri())
    return code


def _output(words: Sequence[str]) -> Path | None:
    """Find the folder after -o or --output."""
    for place, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in {"-o", "--output"}:
            follower = "".join(words[place + 1 : place + 2])
            return Path(value if equals else follower)
    return None


def doctor() -> int:
    """Print what the toolkit stands on; 1 when something it needs is missing."""
    lines = [*_versions(), *_data(), *_desk()]
    for state, what, found in lines:
        print(f"{'✓' if state else '✗' if state is False else '·'} {what}: {found}")
    return int(any(state is False for state, _, _ in lines))


def _versions() -> Iterator[tuple[bool | None, str, str]]:
    """Give Python, the libraries and what they carry; None marks what is only told."""
    import importlib.metadata
    import platform

    yield sys.version_info >= (3, 11), "Python", platform.python_version()
    yield None, "系统 system", platform.platform()
    for name in ("jingning", "geopandas", "shapely", "rasterio", "pyproj", "folium", "numba"):
        try:
            yield True, name, importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            yield False, name, "缺少 missing; 处理 remedy: pip install ."
    import pyogrio
    import rasterio

    yield None, "GDAL", f"{rasterio.__gdal_version__} (rasterio), {pyogrio.__gdal_version_string__}"


def _data() -> Iterator[tuple[bool | None, str, str]]:
    """Check that PROJ finds its database and that the drivers in use are there."""
    import pyogrio
    import pyproj

    x, _ = pyproj.Transformer.from_crs(4490, 4549, always_xy=True).transform(120.0, 28.0)
    yield abs(x - 500_000) < 1e-3, f"PROJ {pyproj.proj_version_str}", "EPSG:4490 → EPSG:4549"
    drivers = pyogrio.list_drivers()
    for name in ("GPKG", "GeoJSON", "ESRI Shapefile"):
        yield "w" in drivers.get(name, ""), f"驱动 driver {name}", drivers.get(name, "缺少 missing")


def _desk() -> Iterator[tuple[bool | None, str, str]]:
    """Say which browser and which Chinese fonts are found; pages open on any desk without them."""
    import shutil

    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    yield (
        None,
        "浏览器 browser",
        browser or "未在 PATH 中 not on PATH; 系统默认 the default is used",
    )
    yield None, "中文字体 CJK font", _cjk_font() or "未知 unknown"


def _cjk_font() -> str:
    """Name a font of the pages that this machine has, or nothing."""
    if sys.platform == "win32":
        found = list(Path("C:/Windows/Fonts").glob("msyh*"))
        return found[0].name if found else ""
    if sys.platform == "darwin":
        return "PingFang SC"
    import shutil
    import subprocess

    if not shutil.which("fc-list"):
        return ""
    listed = subprocess.run(
        ["fc-list", ":lang=zh", "family"],  # noqa: S607 - found on PATH above
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    return next((name for name in CJK_FONTS if name in listed), "")


if __name__ == "__main__":
    command()
