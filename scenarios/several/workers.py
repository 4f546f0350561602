"""Runs spread over processes of this machine, or over machines, by Dask.

The unit is a run. A county travels once to every worker, as the packed file with its hash. A worker
writes the files of a run and hands them home; the process that asked holds them against their
hashes and lays them into the run's folder, so that a worker killed in the middle loses only what it
was at, which another one does again. Nothing listens beyond this machine unless a scheduler
elsewhere is named.
"""

from __future__ import annotations

import hashlib
import logging
import tempfile
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import scenarios
from geo.errors import InputError, UsageError
from geo.words import Lang, Text
from layers.county import County
from layers.county import load as read
from layers.keeping.bundle import pack, unpack
from scenarios.running import folder as folders
from scenarios.running.basis import Basis
from scenarios.running.runs import Order, key, perform
from scenarios.several.sweep.cases import Performer, Written, bare
from scenarios.several.trying import tried

DEATHS = 20
"""So many workers may die over one run before it counts as failed."""
HOST = "127.0.0.1"
_HELD: dict[str, County] = {}
_ALONE = threading.Lock()
"""A process does one run at a time, however many threads it has: GDAL's options are global."""


@dataclass(frozen=True)
class Packed:
    """A county as it travels."""

    sha256: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Ticket:
    """An order without its county, and the key that its run must have."""

    name: str
    params: str
    subtitle: Text
    lang: Lang
    bases: tuple[Basis, ...]
    before: tuple[Basis, ...]
    key: str


@dataclass(frozen=True)
class Lock:
    """The files of a cluster's TLS: of the authority, the certificate and its key."""

    authority: Path
    certificate: Path
    key: Path


@contextmanager
def cluster(
    counties: Mapping[int, str | Path],
    *,
    count: int = 0,
    scheduler: str = "",
    lock: Lock | None = None,
) -> Iterator[Performer]:
    """Give what runs orders on workers.

    Parameters
    ----------
    counties
        By `id` of each county of the orders, where it was loaded from.
    count
        Workers to start on this machine, where no scheduler is named.
    scheduler
        Address of a running scheduler, `tcp://…` or `tls://…`.
    lock
        For TLS.

    Raises
    ------
    UsageError
        If Dask is not installed, the scheduler does not answer, or TLS is asked for on one side.
    """
    if scheduler.startswith("tls:") != (lock is not None):
        raise UsageError(
            Text(
                "tls:// 的调度器须给 --tls CA CERT KEY，其他情形不得给",
                "a scheduler at tls://… wants --tls CA CERT KEY, and nothing else does",
            )
        )
    try:
        dask, distributed = (import_module(name) for name in ("dask", "distributed"))
    except ImportError as error:
        raise UsageError(
            Text(
                "多进程运行需要 Dask：pip install '.[cluster]'",
                "workers want Dask: pip install '.[cluster]'",
            )
        ) from error
    tls: dict[str, Any] = {}
    if lock:
        files = {"tls_ca_file": lock.authority, "tls_client_cert": lock.certificate}
        files |= {"tls_client_key": lock.key}
        named = {name: str(path) for name, path in files.items()}
        tls = {"security": distributed.Security(require_encryption=True, **named)}
    with dask.config.set({"distributed.scheduler.allowed-failures": DEATHS}):
        if scheduler:
            try:
                client = distributed.Client(scheduler, timeout=10, **tls)
            except (OSError, ValueError) as error:
                words = Text(
                    f"{scheduler}：无法连接：{error}", f"{scheduler}: does not answer: {error}"
                )
                raise UsageError(words) from error
            with client:
                yield _performer(client, counties)
            return
        with (
            distributed.LocalCluster(
                n_workers=count,
                threads_per_worker=1,
                processes=True,
                host=HOST,
                dashboard_address=None,
                worker_dashboard_address=None,
                silence_logs=logging.ERROR,  # a worker that takes its time to end is no news
            ) as processes,
            distributed.Client(processes) as client,
        ):
            yield _performer(client, counties)


def _performer(client: Any, counties: Mapping[int, str | Path]) -> Performer:
    completed = import_module("distributed").as_completed
    sent: dict[int, Any] = {}

    def perform_all(
        orders: Sequence[tuple[int, Order]],
    ) -> Iterator[tuple[int, Written | Text]]:
        numbers, keys = {}, {}
        for number, order in orders:
            county = id(order.county)
            if county not in sent:
                sent[county] = _sent(client, counties[county])
            asked = ticket(order)
            name = f"run-{asked.key}-{number}"  # one name for two orders would give one result
            task = client.submit(performed, sent[county], asked, key=name, pure=False)
            numbers[task], keys[number] = number, asked.key
        for future, found in completed(numbers, with_results=True, raise_errors=False):
            number = numbers.pop(future)
            if future.status == "finished":
                yield number, tried(partial(received, found, keys[number]))
            else:
                told = f"{type(future.exception()).__name__}"
                yield number, Text(f"工作进程失败：{told}", f"the worker failed: {told}")
            future.release()

    return perform_all


def _sent(client: Any, county: str | Path) -> Any:
    """Send a county to the workers as a task, so that one that all of them lost is sent again."""
    content = packed(county)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sending large graph", UserWarning)  # it is the county
        return client.submit(_as_sent, content, key=f"county-{content.sha256}")


def _as_sent(county: Packed) -> Packed:
    return county


def packed(county: str | Path) -> Packed:
    """Pack a county to travel; the same county gives the same bytes."""
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "county.zip"
        pack(county, file)
        content = file.read_bytes()
    return Packed(hashlib.sha256(content).hexdigest(), content)


def ticket(order: Order) -> Ticket:
    """Give an order as it travels."""
    return Ticket(
        order.name,
        order.params.model_dump_json(),
        order.subtitle,
        order.lang,
        order.bases,
        order.before,
        key(order),
    )


def performed(county: Packed, asked: Ticket) -> Written | Text:
    """Run an order on a worker; a failure, also of unlike code or layers, comes back in words."""
    with _ALONE:
        return tried(partial(_performed, county, asked))


def _performed(county: Packed, asked: Ticket) -> Written:
    model = scenarios.find(asked.name).params
    params = model.model_validate_json(asked.params, strict=True)
    order = Order(
        asked.name,
        _county(county),
        params,
        asked.subtitle,
        asked.lang,
        bases=asked.bases,
        before=asked.before,
    )
    if key(order) != asked.key:
        raise InputError(
            Text(
                "工作进程的程序或图层版本不同；处理：各机安装同一版本",
                "the worker has other code or layers; remedy: install one version on all machines",
            )
        )
    run = perform(order)
    return Written(bare(run), folders.written(run))


def received(found: Written | Text, key: str) -> Written | Text:
    """Give what a worker hands home; files that are not those of the run are refused.

    Raises
    ------
    FileError
        As `folders.require_whole` does.
    """
    if isinstance(found, Written):
        folders.require_whole(found.files, key)
    return found


def _county(packed: Packed) -> County:
    """Unpack a county once in a process, every byte held against its hash."""
    if packed.sha256 not in _HELD:
        if hashlib.sha256(packed.content).hexdigest() != packed.sha256:
            raise ValueError("a county changed on its way")
        with tempfile.TemporaryDirectory() as place:
            file, folder = Path(place) / "county.zip", Path(place) / "county"
            file.write_bytes(packed.content)
            unpack(file, folder)
            _HELD[packed.sha256] = read(folder)
    return _HELD[packed.sha256]
