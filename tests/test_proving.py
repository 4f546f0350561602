"""What `make prove` promises: new seeds, repeatable; `make test` draws nothing at random."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

TESTS = Path(__file__).parent
CASES = """
import pytest
from hypothesis import given, settings, strategies as st

@given(st.integers(0, 10**9))
@settings(max_examples=3)
def test_law(number):
    print("law", number)

class TestLaws:
    @given(st.integers(0, 10**9))
    @settings(max_examples=3)
    def test_method(self, number):
        print("method", number)

@pytest.mark.prove
def test_proof(seeds, figures):
    figures(f"from {seeds(3)[0]}, {len(set(seeds(1000)))} seeds")
"""


@pytest.fixture
def told(tmp_path):
    (tmp_path / "test_cases.py").write_text(CASES, encoding="utf-8")

    def run(*options):
        command = [sys.executable, "-m", "pytest", "-p", "tests.proving", "-s", "-v", *options]
        ini = "[pytest]\nmarkers = prove: proofs\naddopts = -p no:cacheprovider -m 'not prove'\n"
        (tmp_path / "pytest.ini").write_text(ini, encoding="utf-8")
        done = subprocess.run(
            command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def numbers(text):
    return re.findall(r"(?:law|method) \d+", text)


def test_tests_that_share_no_set_up_go_to_whichever_worker_is_free(request):
    assert request.node.get_closest_marker("xdist_group") is None


def test_the_profile_holds_here(request):
    assert settings.default.derandomize != request.config.option.prove
    assert settings.default.database is None


def test_no_test_has_a_profile_of_its_own():
    own = re.compile(r"\bderandomize=|settings\(.*\bdeadline=|default_rng\(\)|Random\(\)")
    found = [
        path.name
        for path in sorted(TESTS.rglob("*.py"))
        if path.name not in {"proving.py", "test_proving.py"}
        and own.search(path.read_text("utf-8"))
    ]
    assert found == []


def test_tests_draw_the_same_every_time(told):
    first, second = told("--seed=1"), told("--seed=2")
    assert numbers(first) == numbers(second)
    assert "2 passed, 1 deselected" in first
    assert "SEED" not in first


def test_proofs_draw_anew_and_are_repeated_by_their_seed(told):
    first, again, other = (told("--prove", f"--seed={seed}") for seed in (1, 1, 2))
    assert "41 passed" in first  # twenty seeds of two laws, one proof
    assert first.count("SEED=1") == 2
    figure = r"test_proof: from (\d+), 1000 seeds"
    assert re.findall(figure, first) == re.findall(figure, again) != re.findall(figure, other)
    assert numbers(first) == numbers(again) != numbers(other)
    assert len(set(numbers(first))) > 60  # of 120: small numbers are tried again and again
