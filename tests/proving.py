"""Nothing is drawn at random in `make test`; `make prove` draws new seeds and runs the stated counts.

A plugin of pytest, named in pyproject.toml, so that it holds for every test and doctest.

`make test` runs hypothesis derandomised and leaves out what is marked `prove`. `make prove` (pytest
`--prove`) runs what is marked, and every hypothesis test with twenty new seeds. All seeds derive
from one, from the clock unless `--seed` gives it, told at the start and the end:
`make prove SEED=…` repeats a run.

A proof is a test with the mark. It asks `seeds` for as many seeds as it states, other ones for
every test and run, and tells its counts and worst cases by `figures`; they stand at the end of the
run. The same law with a few fixed seeds is a test of its own, without the mark:

    def broken(seed): ...

    def test_no_plan_breaks_a_rule():
        assert [seed for seed in range(60) if broken(seed)] == []

    @pytest.mark.prove
    def test_no_plan_of_ten_thousand_breaks_a_rule(seeds, figures):
        drawn = seeds(10_000)
        bad = [seed for seed in drawn if broken(seed)]
        figures(f"plans: {len(bad)} of {len(drawn):,} break a rule")
        assert bad == []
"""

import time
import zlib

import pytest

SEEDS = 20  # new ones of every hypothesis test
USUAL, PROVING = "not prove", "prove or hypothesis"


def pytest_addoption(parser):
    group = parser.getgroup("proving", "Proofs")
    group.addoption("--prove", action="store_true", help="stated counts, new seeds (make prove)")
    group.addoption("--seed", type=int, help="what all seeds derive from (default: the clock)")


def pytest_configure(config):
    option = config.option
    if option.seed is None:  # workers are handed the options, and so the same seed
        option.seed = int(time.time())
    if option.prove and option.markexpr == USUAL:
        option.markexpr = PROVING
    from hypothesis import HealthCheck, settings

    fixed = {"database": None, "deadline": None, "print_blob": True}
    # A method is run once for each seed, with an object of its own each time.
    again = [HealthCheck.differing_executors]
    settings.register_profile("test", derandomize=True, **fixed)
    settings.register_profile("prove", derandomize=False, suppress_health_check=again, **fixed)
    settings.load_profile("prove" if option.prove else "test")


def drawn(config, name, count):
    """Give so many seeds of a test, other ones for every name and run."""
    first = zlib.crc32(f"{config.option.seed} {name}".encode())
    return range(first, first + count)


def pytest_generate_tests(metafunc):
    if metafunc.config.option.prove and getattr(metafunc.function, "is_hypothesis_test", False):
        seeds = drawn(metafunc.config, metafunc.definition.nodeid, SEEDS)
        metafunc.fixturenames.append("hypothesis_seed")
        names = [f"seed{k}" for k in range(SEEDS)]
        metafunc.parametrize("hypothesis_seed", seeds, ids=names)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item):
    params = item.callspec.params if hasattr(item, "callspec") else {}
    if "hypothesis_seed" in params:
        from hypothesis import seed

        # The seed overrules derandomize, also where a test sets it itself.
        seed(params["hypothesis_seed"])(getattr(item.obj, "__func__", item.obj))


@pytest.fixture
def seeds(request):
    """Give a function that draws so many seeds; the same test draws the same in a repeated run."""
    return lambda count: drawn(request.config, request.node.nodeid, count)


@pytest.fixture
def figures(request):
    """Give a function that tells a line at the end of the run."""
    return lambda line: request.node.user_properties.append(("figure", line))


def pytest_report_header(config):
    return f"proving: make prove SEED={config.option.seed}" if config.option.prove else None


def pytest_terminal_summary(terminalreporter, config):
    told = [
        f"{report.nodeid.partition('::')[2]}: {line}"
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", None) == "call"
        for name, line in report.user_properties
        if name == "figure"
    ]
    if told:
        terminalreporter.section("figures")
    for line in sorted(told):
        terminalreporter.line(line)
    if config.option.prove:
        terminalreporter.line(f"proving: make prove SEED={config.option.seed}")
