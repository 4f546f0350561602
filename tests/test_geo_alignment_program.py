"""Programs stop by counted work, say what they proved, and stop from the keyboard."""

import _thread
import threading

import numpy as np
import pytest

from geo.alignment.profile.program import Program


def split(rows, columns):
    """Give a market split program, tiny and yet beyond a tree search (Cornuéjols, Dawande 1999)."""
    rng = np.random.default_rng(1)
    weights = rng.integers(0, 100, (rows, columns)).astype(float)
    program = Program()
    chosen = program.columns(np.zeros(columns), 0, 1, whole=True)
    over = program.columns(np.ones(rows), 0, np.inf)
    under = program.columns(np.ones(rows), 0, np.inf)
    half = weights.sum(axis=1) // 2
    program.rows(
        [(np.tile(chosen, (rows, 1)), weights), (over[:, None], -1.0), (under[:, None], 1.0)],
        half,
        half,
    )
    return program


def test_the_same_work_gives_the_same_plan():
    program = split(4, 30)
    first, again = (program.solve(work=1e5) for _ in range(2))
    assert not first.proven
    assert np.array_equal(first.x, again.x)
    assert first.bound == again.bound


def test_more_work_is_never_worse():
    program = split(3, 14)
    slack = [program.solve(work=work).x[14:].sum() for work in (1e4, 1e5, np.inf)]
    assert slack == sorted(slack, reverse=True)
    whole = program.solve()
    assert whole.proven
    assert slack[-1] == pytest.approx(whole.bound, abs=1e-6)


def test_a_program_without_a_solution_is_proven_to_have_none():
    program = Program()
    coins = program.columns([3, 5], 0, 9, whole=True)
    program.rows([(coins[None, :], [[3.0, 5.0]])], 7, 7)  # 7 = 3a + 5b has no whole a, b
    done = program.solve()
    assert done.x is None
    assert done.proven


def test_a_stop_from_the_keyboard_comes_through():
    stop = threading.Timer(0.3, _thread.interrupt_main)
    stop.start()
    with pytest.raises(KeyboardInterrupt):
        split(6, 60).solve()
    stop.join()
