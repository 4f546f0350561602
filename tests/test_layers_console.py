"""Commands leave by their exit code: answers, errors in plain words, stops wherever they come."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ENV = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
STOP = "signal.raise_signal(signal.SIGINT)"
HEAD = "import signal, sys\nfrom layers.console import alone, guarded, say\n"


def python(code):
    return subprocess.run(
        [sys.executable, "-c", HEAD + code],
        env=ENV,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize(
    ("code", "left", "words"),
    [
        ("alone(lambda: guarded(lambda: 0))", 0, ""),
        ("alone(lambda: guarded(lambda: 4))", 4, ""),
        ("alone(lambda: guarded(lambda: 1 / 0))", 1, "unexpected error: ZeroDivisionError"),
        (f"alone(lambda: guarded(lambda: {STOP}))", 130, "interrupted"),
        (f"alone(lambda: {STOP})", 130, "interrupted"),
        # in a destructor, where Python can only report it
        (
            f"class A:\n def __del__(self): {STOP}\ndef main():\n A()\n return 0\nalone(main)",
            130,
            "",
        ),
        (
            "class A:\n def __del__(self): 1 / 0\ndef main():\n A()\n return 0\nalone(main)",
            0,
            "Zero",
        ),
        # after its end, while the interpreter puts things away
        (f"import atexit\natexit.register(lambda: {STOP})\nalone(lambda: 0)", 0, ""),
        (
            f"import atexit\natexit.register(lambda: {STOP})\nalone(lambda: {STOP})",
            130,
            "interrupted",
        ),
    ],
)
def test_a_command_leaves_by_its_code(code, left, words):
    done = python(code)
    assert (done.returncode, words in done.stderr) == (left, True), done.stderr
    assert ("Traceback" in done.stderr) is (words == "Zero")


@pytest.mark.parametrize(
    ("words", "left", "said"),
    [
        ("scenarios list", 0, "access"),
        ("scenarios run acess -o {folder}", 2, "did you mean"),
        ("scenarios run access -o {folder} --county nowhere", 3, "nowhere"),
        ("scenarios run access -o {folder} --set cell_m=1", 2, "cell_m"),
        ("layers check nowhere", 3, "nowhere"),
        ("layers weave", 2, "weave"),
        ("maps {folder}", 3, "no whole run"),
        ("jingning doctr", 2, "doctr"),
        ("jingning layers check nowhere", 3, "nowhere"),
    ],
)
def test_exit_codes_of_the_commands_themselves(words, left, said, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", *words.format(folder=tmp_path / "run").split()],
        cwd=ROOT,
        env=ENV,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == left, done.stderr
    assert said in (done.stderr if left else done.stdout)
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "run").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
def test_a_stop_after_the_answer_changes_nothing():
    with subprocess.Popen(
        [sys.executable, "-m", "scenarios", "--help"],
        cwd=ROOT,
        env={**ENV, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        for line in process.stdout:
            if "130" in line:  # the last line of the help
                process.send_signal(signal.SIGINT)
        said = process.stderr.read()
    assert process.returncode in {0, 130}
    assert "Traceback" not in said


def test_what_a_terminal_would_obey_is_not_said():
    evil = "\x1b]0;title\x07\x1b[2J\u202egnp.exe\x9b31m"
    done = python(
        f"from geo.errors import SchemaError\n"
        f"from layers.console import table\n"
        f"def main():\n print({evil!r})\n table({evil!r}, ['a'], [[{evil!r}]])\n"
        f" raise SchemaError({evil!r})\n"
        "alone(lambda: guarded(main))"
    )
    assert done.returncode == 3
    for said in (done.stdout, done.stderr):
        assert "gnp.exe" in said
        assert not set(said) & set("\x1b\x07\x9b\u202e")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("OSError(28, 'x')", "no room left"),
        ("PermissionError(13, 'x')", "not allowed"),
        ("OSError(30, 'x')", "not allowed"),
    ],
)
def test_what_the_disk_refuses_is_a_limit(error, words):
    done = python(f"def main(): raise {error}\nalone(lambda: guarded(main))")
    assert done.returncode == 5
    assert words in done.stderr
