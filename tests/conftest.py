"""One Chromium for all tests of the pages, without a network; one worker for what is set up once."""

import functools
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

collect_ignore = ["open_in_qgis.py"]  # the Python that QGIS brings runs it: make qgis

SWITCHES = shlex.split(
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
ROOT = Path(__file__).resolve().parents[1]
WIDE = (1600, 960)
ONCE = re.compile(r"""scope="(?:module|session)"|^@(?:functools\.)?cache$""", re.MULTILINE)

# Commands speak English, here and in what tests start, unless a test asks for another language.
os.environ["LC_ALL"] = "C.UTF-8"

# Started in the background of a shell, tests would ignore Ctrl-C, and so would what they start.
signal.signal(signal.SIGINT, signal.default_int_handler)


@functools.cache
def sets_up_once(path):
    """Say whether a file of tests has set-ups for all of them, or functions that keep answers."""
    return bool(ONCE.search(path.read_text(encoding="utf-8")))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Leave to one worker the tests of a file that sets something up once, lest both set it up."""
    for item in items:
        ours = isinstance(item, pytest.Function) and item.get_closest_marker("xdist_group") is None
        if ours and sets_up_once(item.path):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.fixture(scope="session")
def chromium():
    names = (
        os.environ.get("CHROMIUM", ""),
        "chromium",
        "chromium-browser",
        "google-chrome",
        "chrome",
    )
    found = next(filter(None, (shutil.which(name) for name in names if name)), None)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("没有浏览器 no Chromium for the page tests; set CHROMIUM")
        pytest.skip("没有浏览器 no Chromium: the pages are not tested; set CHROMIUM")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium):
    """Give a way to open a file; afterwards nothing may have been asked for or complained about."""
    contexts, allowed, asked, complaints = [], set(), [], []

    def open_file(path, size=WIDE):
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]},
            offline=True,
            reduced_motion="reduce",
            accept_downloads=True,
        )
        contexts.append(context)
        tab = context.new_page()
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on(
            "dialog",
            lambda dialog: (complaints.append(f"dialog {dialog.message}"), dialog.dismiss()),
        )
        tab.goto(path.as_uri())
        tab.wait_for_selector("body[data-drawn=yes]")
        allowed.add(path.as_uri())
        return tab

    yield open_file
    for context in contexts:
        context.close()
    asked[:] = [url for url in asked if url not in allowed]
    inside = ("data:image/png", "data:image/svg+xml", "blob:")
    assert [url[:120] for url in asked if not url.startswith(inside)] == []
    assert complaints == []


@pytest.fixture(scope="session")
def ready_made(tmp_path_factory):
    """Give a function that runs a script kept with jingning, once for all proofs; gives its folder."""

    @functools.cache
    def folder(name):
        place = tmp_path_factory.mktemp("ready") / name
        command = [sys.executable, "jingning.py", "run", name, "-o", str(place), "--lang", "zh"]
        done = subprocess.run(command, cwd=ROOT, check=False)
        assert done.returncode in {0, 4}  # a road may meet no rule, and be told all the same
        return place

    return folder
