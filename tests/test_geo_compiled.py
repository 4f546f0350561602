"""Compiled code is forgotten when a source it may hold a copy of has changed."""

import os
import subprocess
import sys

import pytest

from geo.compiled import forget_stale

CALLED = "from numba import njit\n@njit(cache=True)\ndef answer(): return {}\n"
CALLER = (
    "from numba import njit\nfrom called import answer\n"
    "@njit(cache=True)\ndef twice(): return 2 * answer()\n"
)


@pytest.mark.parametrize("forget", [True, False])
def test_a_caller_sees_what_changed_in_another_file(tmp_path, forget):
    def asked(value):
        (tmp_path / "called.py").write_text(CALLED.format(value), encoding="utf-8")
        if forget:
            forget_stale(tmp_path)
        run = [sys.executable, "-c", "import caller; print(caller.twice())"]
        done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=True)
        return int(done.stdout)

    (tmp_path / "caller.py").write_text(CALLER, encoding="utf-8")
    assert asked(21) == 42
    # What numba does without: the day it changes, this module can go.
    assert asked(4) == (8 if forget else 42)


def test_what_is_newer_than_every_compiled_source_stays(tmp_path):
    folder = tmp_path / "__pycache__"
    folder.mkdir()
    for name, when in (("old", 100), ("new", 300)):
        (folder / f"{name}.nbi").touch()
        os.utime(folder / f"{name}.nbi", (when, when))
    for name, text, when in (("a.py", "\n@njit", 200), ("b.py", "# njit", 400)):
        (tmp_path / name).write_text(text, encoding="utf-8")
        os.utime(tmp_path / name, (when, when))
    assert forget_stale(tmp_path) == 1
    assert [file.name for file in folder.iterdir()] == ["new.nbi"]
    assert forget_stale(tmp_path) == 0
