"""The planner's one command over layers, scenarios and maps.

`jingning run access --open` runs a scenario, draws its page and opens it. Everything else is handed
to the floors' own commands, so that each keeps one place for its options.
"""

import os
import sys


def _leave(*_: object) -> None:
    """Leave at once by 130; nothing is begun yet that would have to be put away."""
    os._exit(130)


def _untold(kind: type[BaseException], error: BaseException, _: object) -> None:
    """Tell an error that nobody has caught, but for a stop from the keyboard."""
    if issubclass(kind, KeyboardInterrupt):
        _leave()
    sys.__excepthook__(kind, error, error.__traceback__)


# While modules are imported a stop leaves at once: Python would answer by a traceback, and modules
# may take it for a fault of their own. Who ignores stops, as in the background, still does.
ALONE = __name__ == "__main__" or sys.argv[0].endswith(("jingning", "jingning.exe"))
if ALONE:
    sys.excepthook = _untold
import signal

if ALONE and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, _leave)

import importlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple, NoReturn

from geo.words import UNKNOWN, Arguments, Text
from layers.console import EXIT_CODES, alone, guarded, here, say, speak, spoken
from scenarios.several import COMMANDS as SEVERAL

USAGE = Text(
    """\
用法：jingning COMMAND …

  run NAME|SCRIPT.toml|QUESTION.py [-o FOLDER] [--open] …   运行情景并出图
  list | describe NAME | schema NAME                        情景、参数与脚本格式
  validate NAME|SCRIPT.toml|QUESTION.py|FOLDER              检查脚本或问题，或复核情景运行结果
  layers …      县域图层：list、show、check、build、new、import、undo、pack、unpack
  compare RUN RUN … | sweep NAME --over … | strategy NAME   多次情景：比较、扫描、统筹
  measures FOLDER   政策举措由哪些问题回答，最近结果如何
  maps FOLDER   重新绘制文件夹下各情景运行结果的图页
  manual        由程序生成使用手册：问题、参数、规则、图层、命令
  doctor        检查运行环境：版本、GDAL 与 PROJ、浏览器、字体

jingning COMMAND --help 查看各命令的选项；--lang zh|en 选择语言，默认随系统。
""",
    """\
usage: jingning COMMAND …

  run NAME|SCRIPT.toml|QUESTION.py [-o FOLDER] [--open] …   run a scenario and draw its page
  list | describe NAME | schema NAME              scenarios, their parameters, the form of scripts
  validate NAME|SCRIPT.toml|QUESTION.py|FOLDER    check a script or question, or a run's proofs
  layers …      the county's layers: list, show, check, build, new, import, undo, pack, unpack
  compare RUN RUN … | sweep NAME --over … | strategy NAME   several runs: compared, swept, combined
  measures FOLDER   which questions answer the policy's measures, and what their runs found
  maps FOLDER   draw the pages of the runs below a folder again
  manual        write the manual out of the code: questions, parameters, rules, layers, commands
  doctor        check the installation: versions, GDAL and PROJ, browser, fonts

jingning COMMAND --help shows the options of a command; --lang zh|en chooses the language, else
that of the system.
""",
)
SCENARIO_COMMANDS = ("run", "list", "describe", "schema", "validate")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge", "firefox")
CJK_FONTS = ("PingFang", "YaHei", "Source Han Sans", "Noto Sans CJK", "WenQuanYi")
MISSING = Text("缺少", "missing")


def command() -> NoReturn:
    """Run as the installed command does."""
    if signal.getsignal(signal.SIGINT) is _leave:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    alone(main)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    speak(words)
    return guarded(partial(_obeyed, words))


def _obeyed(words: list[str]) -> int:
    if words and words[0].partition("=")[0] == "--lang":  # before the command as well as behind it
        count = 1 if "=" in words[0] else 2
        words = [*words[count:], *words[:count]]
    if not words or words[0] in {"-h", "--help", "help", "--lang"}:
        print(here(USAGE) + here(EXIT_CODES), end="")
        return 0 if words and words[0] != "--lang" else 2
    if obey := _owner(words[0]):
        return obey(words)
    name = words[0]
    say(here(Text(f"没有命令 {name!r}\n\n", f"no command {name!r}\n\n")) + here(USAGE).rstrip())
    return 2


def _owner(name: str) -> Callable[[Sequence[str]], int] | None:
    """Give what obeys a command, or None where there is none of that name."""
    owners: dict[str, Callable[[Sequence[str]], int]] = {
        **dict.fromkeys(SCENARIO_COMMANDS, _scenarios),
        **dict.fromkeys(SEVERAL, _several),
        "layers": lambda words: _layers(words[1:]),
        "maps": lambda words: _floor("maps", words[1:]),
        "manual": _manual,
        "doctor": _doctor,
    }
    return owners.get(name)


def _doctor(words: Sequence[str]) -> int:
    """Take the words of the command and check the installation."""
    _doctor_parser().parse_args(words[1:])
    return doctor()


def _doctor_parser() -> Arguments:
    words = Text(
        "检查运行环境：版本、GDAL 与 PROJ、浏览器、字体",
        "check the installation: versions, GDAL and PROJ, browser, fonts",
    )
    return _own_parser("doctor", words)


def _manual_parser() -> Arguments:
    words = Text(
        "由程序生成使用手册：单个网页文件，不需要网络",
        "write the manual out of the code: one HTML file that needs no network",
    )
    parser = _own_parser("manual", words)
    words = Text("一并写入手册的问题文件", "files of questions of your own, told as well")
    parser.add_argument("own", nargs="*", metavar="QUESTION.py", help=here(words))
    words = Text("手册文件", "where it goes")
    default = Path("out") / "manual.html"
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", default=default, help=here(words)
    )
    return parser


def _own_parser(name: str, words: Text) -> Arguments:
    parser = Arguments(
        lang=spoken(),
        prog=f"jingning {name}",
        description=here(words),
        epilog=here(EXIT_CODES),
    )
    words = Text("用何种语言；默认随系统", "language; the system's unless said")
    parser.add_argument("--lang", choices=("zh", "en"), help=here(words))
    return parser


def parsers() -> list[Arguments]:
    """Give what reads the words of every command, in the language spoken."""
    from layers.__main__ import parser as layers
    from maps.__main__ import parser as maps
    from scenarios.__main__ import parser as scenarios
    from scenarios.running.drawing import Way
    from scenarios.several.command import parser as several

    way = Way("jingning", _drawn)
    own = [_manual_parser(), _doctor_parser()]
    floors = [layers("jingning layers"), maps(spoken(), "jingning maps")]
    return [scenarios(way), several(way), *floors, *own]


def _manual(words: Sequence[str]) -> int:
    """Write the manual: what the floors say of themselves, drawn."""
    chosen = _manual_parser().parse_args(words[1:])
    from geo.files import write_text
    from maps.manual import manual
    from scenarios.__main__ import told
    from scenarios.running.manual import contents, examples
    from scenarios.running.progress import listening
    from scenarios.running.showing import showing

    with showing() as now, listening(now.hear):
        now.tell("read")
        facts = contents(parsers, chosen.own)
        now.tell("run")
        runs = examples()
        now.tell("draw")
        page = manual(facts, runs, list(told(runs[0])))
    chosen.output.parent.mkdir(parents=True, exist_ok=True)
    write_text(chosen.output, page)
    print(here(Text(f"手册：{chosen.output}", f"manual: {chosen.output}")))
    return 0


def _scenarios(words: Sequence[str]) -> int:
    """Hand words to the scenarios' command; every run is drawn."""
    from scenarios.__main__ import main as told
    from scenarios.running.drawing import Way

    return told(words, way=Way("jingning", _drawn))


def _several(words: Sequence[str]) -> int:
    """Hand words to a command over several runs; what it finds is drawn."""
    from scenarios.running.drawing import Way
    from scenarios.several.command import main as told

    return told(words, way=Way("jingning", _drawn))


def _drawn(folder: Path, show: bool) -> int:  # noqa: FBT001 - as the command's way has it
    """Draw the page of a run folder, and open it when asked."""
    code = _floor("maps", [str(folder), "--lang", spoken()])
    if code == 0 and show:
        import webbrowser

        webbrowser.open((folder / "index.html").resolve().as_uri())
    return code


def _layers(words: Sequence[str]) -> int:
    """Hand words to the layers' command; of a county just made it is told what can be asked."""
    from layers.__main__ import main as told

    return told(words, prog="jingning layers", after=_asked)


def _asked(folder: Path) -> None:
    from scenarios.running.runnable import tell

    tell(folder)


def _floor(package: str, words: Sequence[str]) -> int:
    """Hand words to the command of one floor."""
    command: Callable[..., int] = importlib.import_module(f"{package}.__main__").main
    return command(words, prog=f"jingning {package}")


class Finding(NamedTuple):
    """What is found of one thing the toolkit stands on; `well` is None where it is only told."""

    well: bool | None
    what: Text | str
    found: Text | str


def doctor() -> int:
    """Print what the toolkit stands on; 1 when something it needs is missing."""
    findings = [*_versions(), *_data(), *_desk()]
    for one in findings:
        sign = "✓" if one.well else "·" if one.well is None else "✗"
        print(f"{sign} {here(one.what)}{here(Text('：', ': '))}{here(one.found)}")
    return int(any(one.well is False for one in findings))


def _versions() -> Iterator[Finding]:
    """Give Python, the libraries and what they carry."""
    import importlib.metadata
    import platform

    yield Finding(sys.version_info >= (3, 11), "Python", platform.python_version())
    yield Finding(None, Text("系统", "system"), platform.platform())
    for name in ("jingning", "geopandas", "shapely", "rasterio", "pyproj", "folium", "numba"):
        try:
            yield Finding(True, name, importlib.metadata.version(name))
        except importlib.metadata.PackageNotFoundError:
            words = Text("缺少；重新安装：pip install .", "missing; install again: pip install .")
            yield Finding(False, name, words)
    import pyogrio
    import rasterio

    versions = f"{rasterio.__gdal_version__} (rasterio), {pyogrio.__gdal_version_string__}"
    yield Finding(None, "GDAL", versions)


def _data() -> Iterator[Finding]:
    """Check that PROJ finds its database and that the drivers in use are there."""
    import pyogrio
    import pyproj

    x, _ = pyproj.Transformer.from_crs(4490, 4549, always_xy=True).transform(120.0, 28.0)
    well = abs(x - 500_000) < 1e-3
    yield Finding(well, f"PROJ {pyproj.proj_version_str}", "EPSG:4490 → EPSG:4549")
    drivers = pyogrio.list_drivers()
    for name in ("GPKG", "GeoJSON", "ESRI Shapefile"):
        title = Text(f"驱动 {name}", f"driver {name}")
        yield Finding("w" in drivers.get(name, ""), title, drivers.get(name, MISSING))


def _desk() -> Iterator[Finding]:
    """Say which browser and which Chinese fonts are found; pages open on any desk without them."""
    import shutil

    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    default = Text("PATH 中没有，用系统默认浏览器", "none on PATH: that of the system is used")
    yield Finding(None, Text("浏览器", "browser"), browser or default)
    yield Finding(None, Text("中文字体", "CJK font"), _cjk_font() or UNKNOWN)


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
