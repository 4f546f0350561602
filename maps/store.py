"""Large layers packed small: numbers as differences in few bytes, words once, all compressed once.

A store collects blobs; equal blobs are kept once. What layers share row by row, shapes or cells of
features, is kept in pools: each row once, in the part that came with the first layer that has it.
The page inflates the store and reads each blob where it is needed.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from maps.wording import plain

Whole = NDArray[np.int64]
Write = Callable[[Whole], dict[str, Any]]
EXACT = 2**52
LEVEL = 9


class Store:
    """Blobs in the order they came, each once."""

    def __init__(self) -> None:
        self._blobs: list[bytes] = []
        self._known: dict[bytes, int] = {}
        self._pools: dict[str, dict[Hashable, int]] = {}
        self.pools: list[list[dict[str, Any]]] = []

    def copy(self) -> Store:
        """Give a store that holds the same, and to which more may come."""
        other = Store()
        other._blobs, other._known = list(self._blobs), dict(self._known)
        other._pools = {name: dict(places) for name, places in self._pools.items()}
        other.pools = [list(parts) for parts in self.pools]
        return other

    def rows(self, pool: str, rows: Sequence[Hashable], write: Write) -> dict[str, Any]:
        """Keep rows that no layer before has, and give where all stand in their pool.

        Parameters
        ----------
        pool
            Rows of one pool that are equal stand once.
        rows
            What tells one row from another.
        write
            Keeps the rows at some places, and gives what the page reads of that part.
        """
        if pool not in self._pools:
            self._pools[pool] = {}
            self.pools.append([])
        number, places = list(self._pools).index(pool), self._pools[pool]
        new = [place for place, row in enumerate(rows) if _first(places, row)]
        if new:
            self.pools[number].append({"count": len(new), **write(np.array(new))})
        return {**self.codes([places[row] for row in rows]), "pool": number}

    def add(self, blob: bytes) -> int:
        """Keep a blob and give its number; an equal one that is kept already has its own."""
        key = hashlib.sha256(blob).digest()
        if key not in self._known:
            self._known[key] = len(self._blobs)
            self._blobs.append(blob)
        return self._known[key]

    @property
    def ends(self) -> list[int]:
        """Where each blob ends among the inflated bytes."""
        return np.cumsum([len(blob) for blob in self._blobs]).tolist() if self._blobs else []

    @property
    def count(self) -> int:
        """How many blobs are kept."""
        return len(self._blobs)

    def weight(self, start: int = 0) -> int:
        """Give about how many bytes the blobs from a number on take when they are written."""
        return sum(4 * len(zlib.compress(blob, 1)) // 3 for blob in self._blobs[start:])

    def written(self) -> str:
        """Give all blobs as one raw deflate stream in base64; nothing for none."""
        if not self._blobs:
            return ""
        deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, -15)
        packed = deflate.compress(b"".join(self._blobs)) + deflate.flush()
        return base64.b64encode(packed).decode()

    def codes(self, values: Sequence[int] | Whole) -> dict[str, Any]:
        """Keep whole numbers, as they are or as differences, whichever compresses better."""
        whole = np.asarray(values, dtype=np.int64)
        ways = {False: varints(zigzag(whole)), True: varints(zigzag(differences(whole)))}
        sizes = {way: len(zlib.compress(blob, 6)) for way, blob in ways.items()}
        steps = sizes[True] < sizes[False]
        return {"kind": "whole", "blob": self.add(ways[steps]), "steps": steps}

    def texts(self, values: Sequence[str | None]) -> dict[str, Any]:
        """Keep words once and the place of each row's among them; no word is null."""
        places: dict[str | None, int] = {}
        rows = [places.setdefault(one, len(places)) for one in values]
        words = self.add(
            json.dumps(list(places), ensure_ascii=True, separators=(",", ":")).encode()
        )
        return {**self.codes(rows), "kind": "text", "words": words}

    def column(self, values: pd.Series, decimals: int | None) -> dict[str, Any]:
        """Keep a column: numbers to their decimals, whole numbers, truths or words; gaps are null.

        Numbers without a number of decimals, and those too large for it, are kept exactly.
        """
        if values.dtype.kind not in "iufb":
            return self.texts([_word(value) for value in values.to_numpy(dtype=object)])
        numbers = values.to_numpy(dtype=np.float64)
        known = np.isfinite(numbers)
        places = 0 if values.dtype.kind in "iub" else decimals
        filled = np.where(known, numbers, 0.0)
        if places is None or np.abs(filled).max(initial=0.0) * 10.0**places > EXACT:
            return {"kind": "real", "blob": self.add(np.where(known, numbers, np.nan).tobytes())}
        kept = self.codes(np.round(filled * 10.0**places).astype(np.int64))
        kept |= {"kind": "truth" if values.dtype.kind == "b" else "number", "decimals": places}
        return (
            kept if known.all() else {**kept, "known": self.add(known.astype(np.uint8).tobytes())}
        )


def _first(places: dict[Hashable, int], row: Hashable) -> bool:
    """Give a row the next place if it has none; say whether it had none."""
    count = len(places)
    return places.setdefault(row, count) == count


def _word(value: Any) -> str | None:
    kept = plain(value)
    return None if kept is None else str(kept)


def differences(values: Whole) -> Whole:
    """Give each number as its step from the one before.

    >>> differences(np.array([5, 7, 4])).tolist()
    [5, 2, -3]
    """
    return np.diff(values, prepend=np.int64(0))


def zigzag(values: Whole) -> NDArray[np.uint64]:
    """Give whole numbers as natural ones, small for small: 0, −1, 1, −2 become 0, 1, 2, 3.

    >>> zigzag(np.array([0, -1, 1, -2])).tolist()
    [0, 1, 2, 3]
    """
    return ((values << 1) ^ (values >> 63)).astype(np.uint64)


def varints(values: NDArray[np.uint64]) -> bytes:
    """Give natural numbers in seven bits a byte, the lowest first; the high bit says: more follows.

    >>> list(varints(np.array([1, 300], dtype=np.uint64)))
    [1, 172, 2]
    """
    width = max((int(values.max(initial=0)).bit_length() + 6) // 7, 1)
    shifts = np.arange(0, 7 * width, 7, dtype=np.uint64)
    pieces = (values[:, None] >> shifts) & np.uint64(127)
    length = np.where(pieces.any(axis=1), width - np.argmax(pieces[:, ::-1] > 0, axis=1), 1)
    place = np.arange(width)
    pieces[place < (length - 1)[:, None]] |= np.uint64(128)
    return pieces.astype(np.uint8)[place < length[:, None]].tobytes()
