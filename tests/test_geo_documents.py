"""Small files that people write: read when they are files, small and flat, else refused in words."""

import os
import socket
import sys
import tempfile
from pathlib import Path

import pytest

from geo.documents import DEEPEST, content, json_of, text, toml, toml_file
from geo.errors import FileError

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="makes pipes, sockets and links")


def refused(function, *given, **named):
    with pytest.raises(FileError) as caught:
        function(*given, **named)
    zh, en = (caught.value.said(lang) for lang in ("zh", "en"))
    assert zh != en
    assert "Error" not in en
    return en


def test_files_are_read_with_and_without_a_byte_order_mark(tmp_path):
    file = tmp_path / "a.toml"
    for mark in (b"", b"\xef\xbb\xbf"):
        file.write_bytes(mark + b"name = 1")
        assert toml_file(file) == {"name": 1}
    link = tmp_path / "b.toml"
    if os.name != "nt":
        link.symlink_to(file)
        assert toml_file(link) == {"name": 1}


@POSIX
def test_what_is_no_file_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    assert "a pipe" in refused(content, tmp_path / "pipe")  # opened for reading it would wait
    assert "a pipe" in refused(toml_file, tmp_path / "link")
    assert "a folder" in refused(text, tmp_path / "folder")
    assert "a device" in refused(content, Path(os.devnull))
    assert "no such file" in refused(content, tmp_path / "none")
    assert "no such file" in refused(content, tmp_path / "link" / "below")
    with tempfile.TemporaryDirectory() as short, socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"{short}/socket")  # the path of a socket may not be long
        assert "a socket" in refused(content, Path(short, "socket"))


def test_sizes_are_bounded_while_reading(tmp_path):
    file = tmp_path / "a"
    file.write_bytes(b"x" * 100)
    assert content(file, most=100) == b"x" * 100
    assert "larger than" in refused(content, file, most=99)
    with file.open("wb") as stream:
        stream.truncate(10**12)  # takes no room
    assert "larger than 1 MB" in refused(content, file)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("a = " + "[" * 1_500 + "]" * 1_500, "nested deeper"),
        ("a = " + "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), "nested deeper"),
        ("a." * 1_500 + "b = 1", "nested deeper"),
        ("a = " + "9" * 5_000, "a number is too long"),
        ("a = 1\nsecret 007", "line 2, column 8"),
        ('a = "\x00"', "line 1, column 6"),
        ("[a", "not TOML: up to its end"),
    ],
)
def test_what_is_no_toml_is_told_by_its_place_alone(words, told):
    en = refused(toml, words)
    assert told in en
    assert "007" not in en


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("[" * 1_500 + "]" * 1_500, "nested deeper"),
        ("[" * 100_000, "nested deeper"),
        ('{"a":' * 1_500 + "1" + "}" * 1_500, "nested deeper"),
        ("[" + "9" * 5_000 + "]", "a number is too long"),
        ('{"a": 007}', "line 1, column 8"),
        ("[Infinity]", "no JSON number"),
        ("", "line 1, column 1"),
    ],
)
def test_what_is_no_json_is_told_by_its_place_alone(words, told):
    en = refused(json_of, words)
    assert told in en
    assert "007" not in en


def test_what_is_flat_enough_is_read():
    deep = "[" * DEEPEST + "]" * DEEPEST
    assert json_of(deep)
    assert toml(f"a = {deep[1:-1]}")


def test_the_kind_of_a_document_is_named():
    assert refused(json_of, "{", kind="GeoJSON").startswith("not GeoJSON")
