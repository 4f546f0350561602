"""Certificates as files: equal bytes, and refusals of what is torn, foreign or swollen."""

import io
import json
import zipfile
from dataclasses import fields, replace

import numpy as np
import pytest

from geo.certificates import (
    packed,
    tightened,
    unpacked,
)
from geo.errors import FileError, InputError
from tests.certificate_reference import (
    complete,
    refusals,
)

SEEDS = (0, 1, 2)


@pytest.fixture(scope="module")
def good():
    return {seed: tightened(complete(seed, tries=2)) for seed in SEEDS}


def same(one, other):
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(
            one, other, equal_nan=one.dtype.kind == "f"
        )
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if hasattr(one, "__dataclass_fields__"):
        return all(same(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))
    return type(one) is type(other) and one == other


def test_what_is_packed_is_unpacked_with_equal_bytes_twice(good):
    for one in good.values():
        content = packed(one)
        again = unpacked(content)
        assert same(one, again)
        assert packed(again) == content == packed(one)
        assert refusals(again) == []
    assert not same(good[0], good[1])


def test_any_numpy_opens_a_certificate(good):
    with np.load(io.BytesIO(packed(good[1]))) as arrays:
        assert (arrays["problem/area"] == good[1].problem.area).all()


def rezipped(content, change):
    """The same zip with the parts that `change` gives from its parts."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return stream.getvalue()


def array(values, **kinds):
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.asarray(values), **kinds)
    return stream.getvalue()


def document(change):
    def changed(parts):
        whole = json.loads(parts["certificate.json"])
        change(whole)
        parts["certificate.json"] = json.dumps(whole).encode()

    return changed


HUGE = (
    b"\x93NUMPY\x01\x00v\x00{'descr': '<i8', 'fortran_order': False, 'shape': (99999999999999,), }"
)
CHANGES = (
    lambda parts: parts.pop("certificate.json"),
    lambda parts: parts.pop("problem/area.npy"),
    lambda parts: parts.update({"certificate.json": b"\xff"}),
    lambda parts: parts.update({"certificate.json": b"[1]"}),
    lambda parts: parts.update({"certificate.json": b"[" * 100_000}),
    lambda parts: parts.update({"problem/area.npy": b"x"}),
    lambda parts: parts.update({"problem/area.npy": HUGE.ljust(127) + b"\n"}),
    lambda parts: parts.update({"problem/area.npy": parts["problem/area.npy"][:-1]}),
    lambda parts: parts.update({"problem/area.npy": array(np.zeros((7, 1), np.int64))}),
    lambda parts: parts.update({"problem/area.npy": array(np.zeros(7, ">i8"))}),
    lambda parts: parts.update({"problem/area.npy": array(np.array([{}], object))}),
    lambda parts: parts.update({"moves.npy": parts["moves.npy"][:-1] + b"\x02"}),
    document(lambda whole: whole.update(format=2)),
    document(lambda whole: whole["certificate"].update(kind="siting")),
    document(lambda whole: whole["certificate"].update(kind=[])),
    document(lambda whole: whole["certificate"].update(more=1)),
    document(lambda whole: whole["certificate"].pop("moves")),
    document(lambda whole: whole["certificate"].update(moves="problem/member.npy")),
    document(lambda whole: whole["certificate"].update(ranges={})),
    document(lambda whole: whole["certificate"]["problem"].update(labels="abcdefg")),
    document(lambda whole: whole["certificate"]["problem"].update(columns=[])),
    document(lambda whole: whole["certificate"]["claims"].update(bound="nan")),
    document(lambda whole: whole["certificate"]["claims"].update(bound=float("nan"))),
    document(lambda whole: whole["certificate"]["claims"].update(bound=True)),
    document(lambda whole: whole["certificate"]["claims"].update(by=1)),
)


@pytest.mark.parametrize("number", range(len(CHANGES)))
def test_what_is_no_certificate_is_refused(good, number):
    with pytest.raises(FileError) as caught:
        unpacked(rezipped(packed(good[1]), CHANGES[number]))
    assert str(caught.value).startswith("no whole certificate\n  - found ")
    assert caught.value.said("zh").startswith("不是完好的证书\n  - 发现 ")


def test_torn_and_foreign_files_are_refused(good):
    content = packed(good[1])
    for broken in (b"", b"PK", content[:-30], content[: len(content) // 2], b"{}", content[40:]):
        with pytest.raises(FileError):
            unpacked(broken)
    middle = len(content) // 3
    flipped = content[:middle] + bytes([content[middle] ^ 255]) + content[middle + 1 :]
    with pytest.raises(FileError):
        unpacked(flipped)


def test_what_swells_is_not_unpacked():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("certificate.json", b"{}")
    swollen = bytearray(stream.getvalue())
    entry = swollen.index(b"PK\x01\x02")
    swollen[entry + 24 : entry + 28] = (2**32 - 2).to_bytes(4, "little")  # size when unpacked
    with pytest.raises(FileError, match="bytes when unpacked") as caught:
        unpacked(bytes(swollen))
    assert "发现 解压后 4294967294 字节，至多" in caught.value.said("zh")


def test_what_cannot_be_written_is_refused(good):
    with pytest.raises(InputError):
        packed(replace(good[0], claims=replace(good[0].claims, bound=np.nan)))
    with pytest.raises(InputError):
        packed(replace(good[0], claims=replace(good[0].claims, by=object())))
