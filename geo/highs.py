"""The solver HiGHS, watched: it ends where it is told to, and the keyboard is heard meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import highspy

WAKE_S = 0.2  # a thread that only waits is not told of the keyboard everywhere
OPTIONS = {"output_flag": False, "threads": 1, "random_seed": 0}
BETTER = highspy.cb.HighsCallbackType.kCallbackMipImprovingSolution
AGAIN = highspy.cb.HighsCallbackType.kCallbackMipInterrupt
Look = Callable[[Any, Any], bool]


def solver(options: dict[str, Any]) -> Any:
    """Give a solver that is silent, and the same on every machine."""
    make: Any = vars(highspy.highs)["_Highs"]  # Highs itself prints a banner
    made = make()
    for name, value in (OPTIONS | options).items():
        made.setOptionValue(name, value)
    return made


def run(given: Any, look: Look) -> None:
    """Run a solver of whole numbers, to the end or until `look` says so.

    It runs beside, since HiGHS swallows what is raised where it looks up, and so would swallow the
    user's stop from the keyboard.

    Parameters
    ----------
    given
        The solver, its program passed.
    look
        Called with `AGAIN`, at the same points on every machine, or `BETTER`, at every better
        solution, and what HiGHS tells; true ends the run.
    """
    ended = False

    def asked(kind: Any, _message: str, told: Any, answer: Any, _data: Any) -> None:
        stop = look(kind, told)
        if kind == AGAIN:
            answer.user_interrupt = stop or ended

    given.setCallback(asked, None)
    for kind in (AGAIN, BETTER):
        given.startCallback(kind)
    with ThreadPoolExecutor(1) as beside:
        job = beside.submit(given.run)
        try:
            while wait([job], timeout=WAKE_S).not_done:
                pass
            job.result()
        finally:
            ended = True
