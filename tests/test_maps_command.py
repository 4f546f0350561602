"""The drawing command: what it says and leaves by when a page cannot be written."""

import errno

import pytest

from layers import twin
from maps import __main__ as maps_command
from scenarios.access import Access
from scenarios.running.runs import Order, fulfil


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("run") / "run"
    fulfil(Order("access", twin.county(), Access(cell_m=120)), place)
    return place


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (OSError(errno.ENOSPC, "no room"), 5, "no room left"),
        (PermissionError(errno.EACCES, "in use"), 5, "not writable"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (ZeroDivisionError("a mistake"), 1, "ZeroDivisionError: a mistake"),
    ],
)
def test_a_page_that_cannot_be_written_is_told_and_not_there(
    folder, error, code, words, monkeypatch, capsys
):
    def refuse(*_):
        raise error

    monkeypatch.setattr(maps_command.os, "fsync", refuse)
    assert maps_command.main([str(folder)]) == code
    assert words in capsys.readouterr().err
    assert not [path for path in folder.iterdir() if "index.html" in path.name]


def test_details_are_shown_when_asked_for(folder, monkeypatch):
    def refuse(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(maps_command.os, "fsync", refuse)
    monkeypatch.setenv("JINGNING_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        maps_command.main([str(folder)])
