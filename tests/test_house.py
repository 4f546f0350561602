"""The house rules that a machine can hold: floors, lock, budgets, start-up."""

import ast
import os
import re
import shutil
import statistics
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FLOORS = ("geo", "layers", "scenarios", "maps")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
BREAKINGS = {
    "floors": [("geo.terrain", "layers.county"), ("layers.county", "scenarios.result")],
    "maps-see-results": [("maps.page", "layers.county"), ("maps.page", "scenarios.contract")],
    "questions-apart": [
        ("scenarios.access", "scenarios.corridor.terms"),
        ("scenarios.access", "scenarios.invented"),
        ("scenarios.corridor.terms", "scenarios.consolidation.years"),
        ("scenarios.answers.backdrop", "scenarios.access"),
        ("scenarios.running.folder", "scenarios.corridor"),
        ("scenarios.result", "scenarios.invented"),
        ("scenarios.__main__", "scenarios.consolidation.question"),
        ("scenarios.invented", "scenarios.running.runs"),
    ],
    "files-at-the-edge": [("scenarios.access", "geo.files"), ("maps.page", "geo.files")],
    "command-on-top": [("layers.county", "jingning")],
    "verifier-alone": [
        ("geo.certificates.exchange", "geo.exchange"),
        ("geo.certificates.locations.verifier", "geo.siting.locate.model"),
        ("geo.certificates.allocation.verifier", "geo.siting.allocation.rules"),
    ],
    "grading-verifier-alone": [("geo.siting.grading.verifier", "geo.siting.grading.ground")],
}
"""What each import contract must find: who imports what."""
INVENTED = '''"""A question nobody has heard of."""

from geo.words import Text
from layers.county import County
from scenarios.answers import backdrop
from scenarios.contract import Params, Scenario
from scenarios.result import Result
from scenarios.running.progress import tell

SCENARIO = Scenario()
'''


def sources():
    return [ROOT / "jingning.py", *(p for floor in FLOORS for p in (ROOT / floor).rglob("*.py"))]


def lint_imports(folder):
    # One worker of the machine; a cache would carry a broken tree over into a whole one.
    command = "from importlinter.cli import lint_imports_command as run; run()"
    return subprocess.run(
        [sys.executable, "-c", command, "--no-logo", "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "", "PYTHONPATH": str(folder), "PYTHONIOENCODING": "utf-8"},
    )


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    folder = tmp_path_factory.mktemp("house")
    for floor in FLOORS:
        shutil.copytree(
            ROOT / floor, folder / floor, ignore=shutil.ignore_patterns("data", "assets", "__pyc*")
        )
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copy(ROOT / "jingning.py", folder)
    (folder / "scenarios" / "invented.py").write_text(INVENTED, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def told(house, tmp_path_factory):
    """What is said of a house with every breaking in it."""
    broken = shutil.copytree(house, tmp_path_factory.mktemp("broken") / "house")
    for importer, imported in (pair for pairs in BREAKINGS.values() for pair in pairs):
        path = broken / f"{importer.replace('.', '/')}.py"
        with path.open("a", encoding="utf-8") as file:
            file.write(f"\nimport {imported}\n")
    done = lint_imports(broken)
    assert done.returncode == 1, done.stderr
    return " ".join(done.stdout.split())


def test_every_contract_has_its_breaking():
    named = {c["id"] for c in PROJECT["tool"]["importlinter"]["contracts"]}
    assert named == set(BREAKINGS)


def test_the_house_keeps_its_contracts_with_a_question_that_no_list_names(house):
    assert "invented" not in (house / "pyproject.toml").read_text(encoding="utf-8")
    done = lint_imports(house)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("contract", sorted(BREAKINGS))
def test_a_broken_contract_is_found(told, contract):
    contracts = PROJECT["tool"]["importlinter"]["contracts"]
    title = next(one["name"] for one in contracts if one["id"] == contract)
    assert f"{title} BROKEN" in told
    of_it = told.split(f" {title} ---")[1].split(" ---")[0]
    for importer, imported in BREAKINGS[contract]:
        assert f"{importer} -> {imported} " in of_it, of_it


def test_tests_of_a_file_that_sets_up_once_go_to_one_worker(request):
    assert request.node.get_closest_marker("xdist_group").args == ("test_house",)  # see `house`


def recipe(target):
    """What the Makefile does for a target, without the indents."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (found,) = re.findall(rf"^{target}:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    return [line.strip() for line in found.splitlines()]


def test_what_decides_runs_the_checks_and_the_tests():
    tools = [line.split()[0].rpartition("/")[2] for line in recipe("check")]
    assert tools == ["ruff", "ruff", "mypy", "lint-imports"]
    assert recipe("test") == ["$(BIN)/python -m pytest -n 2 --dist loadgroup"]
    proving = "$(BIN)/python -m pytest -n 2 --dist loadgroup --prove $(if $(SEED),--seed=$(SEED))"
    assert recipe("prove") == [proving]
    deciding = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert deciding[-2:] == ["make check", "make test"]
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert re.findall(r"entry: (.*)", hooks) == ["make check"]


def test_windows_is_set_up_as_the_makefile_does():
    steps = [line for line in recipe(r"\$\(READY\)") if " -m pip " in line or " -m venv " in line]
    for name in ("README.md", "README.zh.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        line = re.search(r"^py -3 -m venv .*$", text, re.MULTILINE).group()
        typed = [part.split(" -m ")[1] for part in line.split("; ")]
        ours = [part.split(" -m ")[1] for part in steps]
        quiet = [re.sub(r" --quiet| --disable-pip-version-check", "", part) for part in ours]
        assert typed == quiet


def test_the_lock_holds_hashes_and_no_addresses():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    pins = re.split(r"\n(?=\S)", lock.strip())
    assert all("==" in pin and "--hash=sha256:" in pin for pin in pins)
    names = {re.split(r"[=\s]", pin, maxsplit=1)[0] for pin in pins}
    extras = [
        one for extra in PROJECT["project"]["optional-dependencies"].values() for one in extra
    ]
    wanted = PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"] + extras
    assert {re.split(r"[<>=]", one, maxsplit=1)[0] for one in wanted} <= names


def test_every_ignored_rule_says_why():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    ignores = text[text.index("ignore = [") : text.index("[tool.ruff.lint.mccabe]")]
    rules = re.findall(r'^\s*"[A-Z]+\d*",.*$', ignores, re.MULTILINE)
    assert rules
    assert [line for line in rules if "# " not in line] == []


def test_every_exception_to_a_rule_says_why():
    hidden = re.compile(r"#\s*(noqa|type: ignore)(?!.*- )")
    silent = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sources()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if hidden.search(line)
    ]
    assert silent == []


def test_the_formatter_alone_decides_on_layout():
    kept = re.compile(r"#\s*fmt:\s*(skip|off)")
    assert kept.search("x = 1  # fmt: " + "skip")
    laid_out = (*sources(), *(ROOT / "tests").rglob("*.py"))
    loose = [path for path in laid_out if kept.search(path.read_text(encoding="utf-8"))]
    assert [str(path.relative_to(ROOT)) for path in loose] == []


def test_files_keep_to_their_budget():
    lines = {str(path.relative_to(ROOT)): path.read_text("utf-8").count("\n") for path in sources()}
    assert {name: count for name, count in lines.items() if count > 450} == {}


def functions():
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{path.relative_to(ROOT)}:{node.name}", node


def length(function):
    """Lines of a function; a docstring, which may hold a manual, is none of them."""
    said = function.body[0] if ast.get_docstring(function) is not None else None
    lines = function.end_lineno - function.lineno + 1
    return lines - (said.end_lineno - said.lineno + 1 if said else 0)


def options(function):
    """What a function takes after the thing it is about."""
    taken = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    return len([one for one in taken if one.arg not in {"self", "cls"}]) - 1


def room(function):
    compiled = any("njit" in ast.unparse(one) for one in function.decorator_list)
    return 8 if compiled and function.name.startswith("_") else 5


def test_functions_keep_to_their_budget():
    known = list(functions())
    assert {name: length(one) for name, one in known if length(one) > 60} == {}
    assert {name: options(one) for name, one in known if options(one) > room(one)} == {}
    lint = PROJECT["tool"]["ruff"]["lint"]
    assert lint["mccabe"]["max-complexity"] == 8
    loose = re.compile(r"noqa:.*\b(C901|PLR09\d\d)\b")
    assert [str(p) for p in sources() if loose.search(p.read_text(encoding="utf-8"))] == []


def test_bundled_data_keeps_to_its_budget():
    data = sum(p.stat().st_size for p in (ROOT / "layers" / "data").rglob("*") if p.is_file())
    assert 0 < data <= 25_000_000


def test_no_vague_names():
    vague = {"utils", "util", "helpers", "core", "base", "common", "manager"}
    assert [str(p) for p in sources() if p.stem in vague] == []
    assert list((ROOT / "tests").rglob("__init__.py")) == []


@pytest.mark.parametrize("module", ["jingning", "scenarios", "layers", "maps"])
def test_help_imports_nothing_heavy(module):
    code = (
        "import runpy, sys\n"
        f"sys.argv = [{module!r}, '--help']\n"
        f"try:\n    runpy.run_module({module!r}, run_name='__main__', alter_sys=True)\n"
        "except SystemExit as leaving:\n    assert not leaving.code\n"
        "heavy = {'geopandas', 'pandas', 'numpy', 'rasterio', 'folium', 'numba', 'pydantic', 'scipy'}\n"
        "print('HEAVY', sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("HEAVY []"), done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="asks what the work of children took")
@pytest.mark.parametrize("module", ["jingning", "scenarios", "layers", "maps"])
def test_help_takes_little_work(module):
    # What the processor spends, which others beside it do not change; on a quiet machine that is
    # the time it takes.
    works = []
    for _ in range(5):
        before = os.times()
        subprocess.run(
            [sys.executable, "-m", module, "--help"], cwd=ROOT, check=True, capture_output=True
        )
        now = os.times()
        works.append(
            now.children_user - before.children_user + now.children_system - before.children_system
        )
    assert 0 < statistics.median(works) <= 0.3, works


def test_no_absolute_path_and_no_foreign_tool():
    foreign = re.compile(r"""["'](/work|/root|/home|/tmp)\b""")
    found = [path for path in sources() if foreign.search(path.read_text(encoding="utf-8"))]
    assert [str(path.relative_to(ROOT)) for path in found] == []


def test_the_project_is_not_uploaded_by_mistake():
    assert "Private :: Do Not Upload" in PROJECT["project"]["classifiers"]
