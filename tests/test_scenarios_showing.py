"""Where a command is: lines in a log by a clock of the test, and nothing where it is done at once."""

import threading

import numpy as np
import pytest
from numba import njit

from geo.words import Text
from layers.console import speak
from scenarios.running.progress import listening, tell
from scenarios.running.showing import EVERY_S, Place, showing


class Clock:
    """What waits for the time that the test lets pass."""

    def __init__(self):
        self.turn = threading.Condition()
        self.due, self.waits, self.ended = 0, 0, False

    def wait(self, seconds):
        assert seconds == EVERY_S <= 10
        with self.turn:
            self.waits += 1
            self.turn.notify_all()
            self.turn.wait_for(lambda: self.due or self.ended)
            self.due = 0
            return self.ended

    def set(self):
        with self.turn:
            self.ended = True
            self.turn.notify_all()

    def strike(self):
        """Let the time to the next line pass, until that line is told."""
        with self.turn:
            self.turn.wait_for(lambda: self.waits > 0)
            before, self.due = self.waits, 1
            self.turn.notify_all()
            self.turn.wait_for(lambda: self.waits > before)


def slow(clock):
    """A question that is at work whenever the clock strikes."""
    clock.strike()
    tell(Text("搜索", "searching"), 0.25)
    clock.strike()
    tell(Text("比较", "comparing"), 1.0)
    clock.strike()


@pytest.mark.parametrize(
    ("lang", "lines"),
    [
        ("zh", ["读取县域", "计算", "搜索 25 %", "比较 100 %", "写出结果"]),
        (
            "en",
            [
                "reading the county",
                "running the scenario",
                "searching 25 %",
                "comparing 100 %",
                "writing the run folder",
            ],
        ),
    ],
)
def test_a_log_is_told_each_step_with_its_share(lang, lines, capsys):
    clock = Clock()
    speak(["--lang", lang])
    with showing(ended=clock) as now, listening(now.hear):
        now.tell("read")
        clock.strike()
        now.tell("run")
        slow(clock)
        now.tell("save")
        clock.strike()
    told = capsys.readouterr()
    assert told.err.splitlines() == lines
    assert told.out == ""


@pytest.mark.parametrize(
    ("lang", "lines"),
    [
        ("zh", ["计算", "计算（已 9 秒）", "计算（已 18 秒）", "写出结果", "计算"]),
        (
            "en",
            [
                "running the scenario",
                "running the scenario (9 s)",
                "running the scenario (18 s)",
                "writing the run folder",
                "running the scenario",
            ],
        ),
    ],
)
def test_no_line_stands_twice_in_a_row(lang, lines, capsys):
    clock = Clock()
    speak(["--lang", lang])
    with showing(ended=clock) as now:
        for step, times in (("run", 3), ("save", 1), ("run", 1)):
            now.tell(step)
            for _ in range(times):
                clock.strike()
    assert capsys.readouterr().err.splitlines() == lines


def test_what_is_done_before_the_first_line_is_due_says_nothing(capsys):
    with showing(ended=Clock()) as now, listening(now.hear):
        now.tell("run")
        tell(Text("搜索", "searching"), 0.5)
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "")


def test_a_mistake_ends_the_telling():
    before = threading.active_count()
    with pytest.raises(ZeroDivisionError), showing():
        raise ZeroDivisionError
    assert threading.active_count() == before


def test_lines_are_told_while_compiled_code_runs(capsys):
    clock = Clock()
    stop = np.zeros(1, dtype=np.int64)

    @njit(nogil=True)
    def spin(stop, work):  # what is written may be `stop`: it is read every time
        count = 0
        while stop[0] == 0:
            count += 1
            work[count % 8] = count
        return count

    def strike_and_stop():
        clock.strike()
        stop[0] = 1

    speak(["--lang", "en"])
    work = np.zeros(8, dtype=np.int64)
    spin(np.ones(1, dtype=np.int64), work)  # compiled
    with showing(ended=clock) as now:
        now.tell("run")
        watcher = threading.Thread(target=strike_and_stop)
        watcher.start()
        spin(stop, work)
        watcher.join()
    assert capsys.readouterr().err == "running the scenario\n"


def test_compiling_is_said_beside_the_step(capsys):
    clock = Clock()

    @njit
    def twice(number):
        return 2 * number

    speak(["--lang", "zh"])
    with showing(ended=clock) as now:
        now.tell("run")
        draw, now._draw = now._draw, lambda place: clock.strike() if place.note.zh else draw(place)
        twice(3)
        now._draw = draw
        clock.strike()
    assert capsys.readouterr().err.splitlines() == ["计算（首次运行，正在编译）", "计算"]


def test_a_terminal_gets_a_bar(monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    speak(["--lang", "en"])
    with showing() as now:
        now.tell("run")
        now.hear(Text("搜索", "searching"), 0.5)
    assert "searching" in capsys.readouterr().err


def test_a_place_is_said_in_both_languages():
    assert Place(Text("甲", "a"), 0.999, Text("乙", "b")).words == Text("甲 100 %乙", "a 100 %b")
    assert Place().words == Text("", "")
