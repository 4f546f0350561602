"""Certificates as files: a zip of one JSON part and plain arrays, with the same bytes every time.

Any numpy opens it (`numpy.load(file)["problem/area"]`); nothing in it is code.
"""

from __future__ import annotations

import io
import json
import math
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from geo.certificates.allocation import ALLOCATION, AllocationCertificate
from geo.certificates.certificate import EXCHANGE, Certificate, Codes, Flags, Floats, Shares, Whole
from geo.certificates.locations.values import LOCATION, LocationCertificate
from geo.errors import FileError, InputError, Problem
from geo.words import Text, joined

FORMAT = 1
DOCUMENT = "certificate.json"
ARRAY = ".npy"
EPOCH = (1980, 1, 1, 0, 0, 0)
LEVEL = 6
LARGEST = 2**31  # bytes in all, unpacked: some ten times a county of 200,000 units
DTYPES: dict[object, tuple[str, ...]] = {
    Floats: ("<f8",),
    Whole: ("<i8",),
    Flags: ("|b1",),
    Shares: ("<f4", "<f8"),
    Codes: ("|u1",),
}
KINDS: dict[str, type] = {
    EXCHANGE: Certificate,
    LOCATION: LocationCertificate,
    ALLOCATION: AllocationCertificate,
}
ENDS = {"inf": math.inf, "-inf": -math.inf}
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    EOFError,
    RuntimeError,
    RecursionError,
    KeyError,
    TypeError,
    ValueError,
    OSError,
    OverflowError,
    AttributeError,
    IndexError,
)


class Part(NamedTuple):
    """A value within the document, with its address and the arrays beside the document."""

    value: Any
    place: str
    arrays: dict[str, bytes]


def packed(certificate: Certificate | LocationCertificate | AllocationCertificate) -> bytes:
    """Put a certificate into the bytes of a file; the same certificate gives the same bytes.

    They are the same for one release of zlib; what is unpacked is the same for every one.

    Raises
    ------
    InputError
        If a number is nan, or something is no part of a certificate.
    """
    arrays: dict[str, bytes] = {}
    document = {"format": FORMAT, "certificate": _written(certificate, "", arrays)}
    try:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (ValueError, TypeError, RecursionError) as error:
        raise InputError(
            Text(f"证书无法写出：{error}", f"the certificate cannot be written: {error}")
        ) from error
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
        for name, content in [(DOCUMENT, text.encode("utf-8", "surrogatepass")), *arrays.items()]:
            member = zipfile.ZipInfo(name, EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 3  # the same on every system
            member.external_attr = 0o644 << 16
            archive.writestr(member, content, compresslevel=LEVEL)
    return whole.getvalue()


def _written(value: Any, place: str, arrays: dict[str, bytes]) -> Any:
    """Give the JSON of a value; arrays go beside it under the address at which they stand."""
    if isinstance(value, np.ndarray):
        name = place.removeprefix("/") + ARRAY
        stream = io.BytesIO()
        little = np.ascontiguousarray(value, value.dtype.newbyteorder("<"))
        np.lib.format.write_array(stream, little, version=(1, 0), allow_pickle=False)
        arrays[name] = stream.getvalue()
        return name
    if is_dataclass(value):
        named = [(field.name, getattr(value, field.name)) for field in fields(value)]
        return {name: _written(part, f"{place}/{name}", arrays) for name, part in named}
    if isinstance(value, dict):
        items = enumerate(value.items())
        return {key: _written(part, f"{place}/{k}", arrays) for k, (key, part) in items}
    if isinstance(value, list | tuple):
        return [_written(part, f"{place}/{k}", arrays) for k, part in enumerate(value)]
    if isinstance(value, float) and math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return value


def unpacked(content: bytes) -> Any:
    """Take a certificate from the bytes of a file. What it says still has to be verified.

    Returns
    -------
    Certificate, LocationCertificate or AllocationCertificate
        By its kind.

    Raises
    ------
    FileError
        If the bytes are no certificate, torn, of another format, or far too large when unpacked.
    """
    try:
        document, arrays = _members(content)
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise InputError(Text(f"格式应为 {FORMAT}", f"format {FORMAT} expected"))
        kind = document["certificate"]["kind"]
        if not isinstance(kind, str) or kind not in KINDS:
            raise InputError(Text(f"未知种类 {kind!r:.99}", f"unknown kind {kind!r:.99}"))
        return _built(KINDS[kind], Part(document["certificate"], "", arrays))
    except BROKEN as error:
        reason = error.message if isinstance(error, InputError) else str(error)[:200]
        problem = Problem(found=reason, remedy=Text("重新输出证书", "write the certificate again"))
        words = Text("不是完好的证书", "no whole certificate")
        raise FileError(words, problems=[problem]) from error


def _members(content: bytes) -> tuple[Any, dict[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        size = sum(member.file_size for member in members)
        if size > LARGEST:
            raise InputError(
                Text(
                    f"解压后 {size} 字节，至多 {LARGEST}",
                    f"{size} bytes when unpacked; at most {LARGEST}",
                )
            )
        names = [member.filename for member in members]
        if len(set(names)) < len(names):
            raise InputError(Text("有一部分出现两次", "a part is there twice"))
        parts = {name: archive.read(name) for name in names}
    text = parts.pop(DOCUMENT).decode("utf-8", "surrogatepass")
    return json.loads(text, parse_constant=_no_constant), parts


def _no_constant(name: str) -> float:
    raise InputError(Text(f"{name} 不是数", f"{name} is no number"))


def _built(hint: Any, part: Part) -> Any:
    """Build a value of a declared type; whatever does not fit raises one of `BROKEN`."""
    if hint in DTYPES:
        return _array(DTYPES[hint], part)
    if is_dataclass(hint):
        return _record(hint, part)
    origin = get_origin(hint)
    if origin is tuple:
        if not isinstance(part.value, list):
            raise _refused(part.place, Text("应为列表", "a list expected"))
        return tuple(_built(get_args(hint)[0], one) for one in _placed(part.value, part))
    if origin is dict:
        return {key: _built(get_args(hint)[1], one) for key, one in _named(part).items()}
    return part.value if hint is Any else _scalar(hint, part)


def _refused(place: str, words: Text) -> InputError:
    return InputError(joined([place[:99], words], "：", ": "))


def _placed(values: Iterable[Any], part: Part) -> list[Part]:
    return [Part(one, f"{part.place}/{k}", part.arrays) for k, one in enumerate(values)]


def _named(part: Part) -> dict[str, Part]:
    if not isinstance(part.value, dict):
        raise _refused(part.place, Text("应有名称", "names expected"))
    return dict(zip(part.value, _placed(part.value.values(), part), strict=True))


def _record(hint: Any, part: Part) -> Any:
    hints = get_type_hints(hint)
    named = _named(part)
    if set(named) != set(hints):
        wanted, there = sorted(hints), f"{sorted(named)}"[:99]
        words = Text(f"应为 {wanted}，发现 {there}", f"expected {wanted}, found {there}")
        raise _refused(part.place, words)
    return hint(
        **{
            name: _built(hints[name], one._replace(place=f"{part.place}/{name}"))
            for name, one in named.items()
        }
    )


def _scalar(hint: type, part: Part) -> Any:
    value = part.value
    if hint is float:
        value = ENDS.get(value, value) if isinstance(value, str) else value
        value = float(value) if type(value) is int else value
    if type(value) is not hint:
        wanted, there = hint.__name__, f"{part.value!r:.99}"
        words = Text(f"应为 {wanted}，发现 {there}", f"{wanted} expected, found {there}")
        raise _refused(part.place, words)
    return value


def _array(dtypes: tuple[str, ...], part: Part) -> NDArray[Any]:
    """Take an array of one dimension, of a type asked for, exactly as long as its bytes."""
    name = part.place.removeprefix("/") + ARRAY
    if part.value != name:
        raise _refused(part.place, Text(f"应为 {name}", f"{name} expected"))
    stream = io.BytesIO(part.arrays[name])
    if np.lib.format.read_magic(stream) != (1, 0):
        raise _refused(name, Text("不是普通数组", "no plain array"))
    shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
    plain = stream.read()
    if dtype.str not in dtypes or len(shape) != 1 or shape[0] * dtype.itemsize != len(plain):
        words = Text(
            f"应为一维 {dtypes}，发现 {dtype}{shape}",
            f"{dtypes} of one dimension expected, found {dtype}{shape}",
        )
        raise _refused(name, words)
    if dtype.kind == "b" and plain.strip(b"\x00\x01"):
        raise _refused(name, Text("应为真或假", "true or false expected"))
    return np.frombuffer(plain, dtype).astype(dtype.newbyteorder("="), copy=False)
