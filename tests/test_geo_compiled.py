"""Compiled code: forgotten when a source it may hold a copy of has changed; others run meanwhile."""

import os
import subprocess
import sys
from threading import Thread

import numpy as np
import pytest

from geo.compiled import forget_stale
from geo.flooding import COLUMNS, ROWS, flood

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


def pit(size):
    """A flat floor at 0 m within a wall at 1 m, with a rim of no data."""
    heights = np.zeros((size + 4, size + 4))
    heights[1], heights[-2], heights[:, 1], heights[:, -2] = 1.0, 1.0, 1.0, 1.0
    heights[0], heights[-1], heights[:, 0], heights[:, -1] = np.nan, np.nan, np.nan, np.nan
    return heights


def seen_half_full(size):
    """Whether this thread saw some of a pit filled, and not yet all, while another flooded it."""
    heights = pit(size)
    around = ((size + 4) * ROWS + COLUMNS).astype(np.int32)
    floor = heights[2:-2:16, 2:-2:16]
    worker = Thread(target=flood, args=(heights.ravel(), around, 0.0, np.False_))
    worker.start()
    seen = False
    while worker.is_alive() and not seen:
        seen = 0 < np.count_nonzero(floor) < floor.size
    worker.join()
    assert (floor == 1).all()
    return seen


def test_another_thread_runs_while_compiled_code_does():
    # Code that keeps the lock of the interpreter shows a pit empty or full, however large it is;
    # larger ones only give a busy machine more time to look.
    assert any(seen_half_full(64 * 2**doubling) for doubling in range(7))


def test_an_index_that_another_process_deletes_meanwhile_is_gone(tmp_path, monkeypatch):
    # Two commands start at once after an update: between listing and reading one loses its index.
    cache = tmp_path / "__pycache__"
    cache.mkdir()
    for name in ("mine", "theirs"):
        (cache / f"{name}.nbi").write_bytes(b"old")
        os.utime(cache / f"{name}.nbi", (0, 0))
    (tmp_path / "work.py").write_text("import numba\n@njit\ndef f(): ...\n")
    access = os.access

    def late(path, mode):
        (cache / "theirs.nbi").unlink(missing_ok=True)
        return access(path, mode)

    monkeypatch.setattr("geo.compiled.os.access", late)
    assert forget_stale(tmp_path) == 1
    assert list(cache.iterdir()) == []
