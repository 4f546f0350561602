"""Sweeps: designs, indices against analytic values, flips against a fine grid, runs made once."""

import itertools
import math
import shutil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import UsageError
from jingning import main
from layers import county as counties
from layers import twin
from scenarios.result import load
from scenarios.several.sweep.axes import axes
from scenarios.several.sweep.designs import design, table
from scenarios.several.sweep.flips import flips
from scenarios.several.sweep.indices import CONSTANT, INCOMPLETE, indices

ISHIGAMI = axes([f"x{k}={-math.pi}..{math.pi}" for k in (1, 2, 3)])
"""Ishigami and Homma 1990 with a = 7, b = 0.1: S1 0.3139, 0.4424, 0; ST 0.5576, 0.4424, 0.2437."""


def numbers(layout):
    return np.array([[float(case[axis.name]) for axis in layout.axes] for case in layout.cases])


def ishigami(x):
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def sobol_g(x, a=(0.0, 1.0, 4.5, 9.0)):
    return np.prod((np.abs(4 * x - 2) + a) / (1 + np.array(a)), axis=1)


def analytic_g(a=(0.0, 1.0, 4.5, 9.0)):
    """Saltelli and Sobol 1995: Vi = 1 / (3 (1 + ai)²), V = Π (1 + Vi) − 1."""
    v = 1 / (3 * (1 + np.array(a)) ** 2)
    whole = np.prod(1 + v) - 1
    total = [v[i] * np.prod(1 + np.delete(v, i)) / whole for i in range(len(v))]
    return v / whole, np.array(total)


def analysed(method, over, function, n, seed=1):
    layout = design(method, over, n=n, seed=seed)
    return indices(layout, {"y": function(numbers(layout))}, seed=seed)["y"].rows


def held(rows, first, total):
    """Say whether analytic values lie within thrice the interval (99.99 %) of those found."""
    apart = np.abs(rows["first"] - first) <= 3 * rows["first_interval"] + 1e-9
    return bool(
        (apart & (np.abs(rows["total"] - total) <= 3 * rows["total_interval"] + 1e-9)).all()
    )


def test_sobol_on_ishigami():
    rows = analysed("sobol", ISHIGAMI, ishigami, 1024)
    assert held(rows, [0.3139, 0.4424, 0.0], [0.5576, 0.4424, 0.2437])


def test_sobol_on_the_g_function():
    rows = analysed("sobol", axes([f"x{k}=0..1" for k in range(4)]), sobol_g, 1024)
    assert held(rows, *analytic_g())


def test_sobol_and_morris_on_a_linear_function():
    """y = 3 a + 1 b with a, b uniform on 0 to 1: S1 = ST = 0.9, 0.1; elementary effects 3, 1."""
    over = axes(["a=0..1", "b=0..1"])
    rows = analysed("sobol", over, lambda x: 3 * x[:, 0] + x[:, 1], 512)
    assert held(rows, [0.9, 0.1], [0.9, 0.1])
    rows = analysed("morris", over, lambda x: 3 * x[:, 0] + x[:, 1], 8)
    assert rows["mu_star"].tolist() == pytest.approx([3, 1])
    assert rows["sigma"].tolist() == pytest.approx([0, 0], abs=1e-9)


def test_a_distribution_counts_not_its_interval():
    """y = a + b with a normal of deviation 2, b of 1: shares 0.8 and 0.2."""
    rows = analysed(
        "sobol", axes(["a=normal(5,2)", "b=normal(0,1)"]), lambda x: x.sum(axis=1), 1024
    )
    assert held(rows, [0.8, 0.2], [0.8, 0.2])


def test_what_does_not_vary_or_is_not_known_has_no_index():
    layout = design("sobol", axes(["a=0..1"]), n=8, seed=1)
    flat = np.full(len(layout.cases), 7.0)
    torn = np.where(np.arange(len(flat)) == 3, np.nan, np.arange(len(flat), dtype=float))
    found = indices(layout, {"flat": flat, "torn": torn}, seed=1)
    assert (found["flat"].why, found["torn"].why) == (CONSTANT, INCOMPLETE)


@pytest.mark.parametrize(
    ("text", "values", "ends"),
    [
        ("a=1,2", ("1", "2"), None),
        ("a=;x", ("", "x"), None),
        ('a=["p",3]', ("p", "3"), None),
        ("a=-1..2.5", (), (-1.0, 2.5)),
        ("a=triangular(0,1,4)", (), (0.0, 4.0)),
    ],
)
def test_axes_as_typed(text, values, ends):
    (found,) = axes([text])
    assert found.values == values
    assert ends is None or found.ends == pytest.approx(ends)


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "=1",
        "a=",
        "a=3..1",
        "a=normal(0,0)",
        "a=normal(1)",
        "a=beta(1,2)",
        "a=1,,2",
        "a=triangular(0,5,4)",
        "a=uniform(nan,1)",
    ],
)
def test_what_is_no_axis_is_told_with_the_others(text):
    with pytest.raises(UsageError) as error:
        axes([text, "b=1", "b=2"])
    assert {str(one.found.en) for one in error.value.problems} == {text, "b"}


@given(
    st.floats(0.001, 0.999),
    st.sampled_from(["normal(3,2)", "lognormal(0,1)", "triangular(1,2,5)", "uniform(1,4)"]),
)
def test_quantiles_are_those_of_the_drawn(share, kind):
    (axis,) = axes([f"a={kind}"])
    drawn = axis.at(np.random.default_rng(7).random(20_000))
    assert np.mean(drawn <= axis.at(np.array([share]))[0]) == pytest.approx(share, abs=0.02)


def test_a_grid_crosses_all_and_one_at_a_time_keeps_the_rest():
    over = axes(["a=1,2", "b=x,y,z"])
    assert [tuple(case.values()) for case in design("grid", over, n=0, seed=0).cases] == list(
        itertools.product("12", "xyz")
    )
    cases = design("one-at-a-time", over, n=0, seed=0).cases
    assert cases == ({}, {"a": "1"}, {"a": "2"}, {"b": "x"}, {"b": "y"}, {"b": "z"})


@pytest.mark.parametrize(
    ("method", "text", "n"),
    [
        ("sobol", "a=1,2", 8),
        ("sobol", "a=0..1", 12),
        ("morris", "a=0..1", 1),
        ("grid", "a=0..1", 8),
    ],
)
def test_a_method_refuses_what_it_cannot_use(method, text, n):
    with pytest.raises(UsageError):
        design(method, axes([text]), n=n, seed=1)
    with pytest.raises(UsageError):
        design(method, (), n=n, seed=1)


def test_samples_follow_their_seed():
    over = axes(["a=0..1", "b=normal(0,1)"])
    for method in ("sobol", "morris", "monte-carlo"):
        one, again, other = (design(method, over, n=16, seed=seed).cases for seed in (1, 1, 2))
        assert one == again
        assert one != other


def test_empty_cells_of_a_table_are_as_the_script_has_them():
    assert table([{"a": "1", "b": ""}]).cases == ({"a": "1"},)


@settings(max_examples=30)
@given(st.lists(st.floats(0.05, 9.95), min_size=1, max_size=2, unique=True))
def test_flips_equal_those_of_a_fine_grid(edges):
    def judged(x):
        return {"c": "fail" if sum(x > edge for edge in edges) % 2 else "pass"}

    found = list(flips(judged, [0.0, 10.0], width=0.01))
    grid = np.arange(0, 10.0001, 0.005)
    changes = [(a + b) / 2 for a, b in itertools.pairwise(grid) if judged(a)["c"] != judged(b)["c"]]
    assert len(found) == len(changes) % 2
    for flip in found:
        assert flip.above - flip.below <= 0.01
        assert min(abs((flip.below + flip.above) / 2 - change) for change in changes) <= 0.01


def test_a_flip_wants_ascending_values():
    with pytest.raises(ValueError, match="ascend"):
        list(flips(lambda _: {}, [1.0, 0.0], width=0.1))


# --- sweeps of real runs ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("county") / "twin"
    counties.save(twin.county(), folder)
    return folder


def swept(place, folder, *more):
    words = ["sweep", "access", "--county", str(place), "--set", "cell_m=200", *more]
    return main([*words, "-o", str(folder), "--lang", "en"])


def rows(folder, name="cases"):
    return next(one.frame for one in load(folder).result.tables if one.id == name)


def test_a_sweep_is_a_folder_of_runs_none_run_twice(place, tmp_path, capsys):
    over = "--over", "walk_factor=0.5,0.75,9"
    assert swept(place, tmp_path, *over) == 0
    told = capsys.readouterr().out
    assert told.startswith("3 cases: 2 done, 1 failed.")
    found = rows(tmp_path)
    assert found["state"].tolist() == ["run", "run", "failed"]
    for row in found[found["state"] == "run"].to_dict("records"):
        run = load(tmp_path / row["folder"])
        assert run.params["walk_factor"] == row["set_walk_factor"]
        for metric in run.result.metrics:
            assert row[f"figure_{metric.id}"] == metric.value
    checks = {check.id: check for check in load(tmp_path).result.checks}
    assert "walk_factor" in checks["case_3"].found.en
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("cases/*/result.json")}
    assert swept(place, tmp_path, "--over", "walk_factor=0.5,0.75,1") == 0
    after = {path: path.stat().st_mtime_ns for path in tmp_path.glob("cases/*/result.json")}
    assert {path: after[path] for path in before} == before
    assert len(after) == 3


def test_a_sweep_over_counties_shows_them_with_the_medians_of_their_cases(place, tmp_path):
    for name in ("b", "c"):
        head = (place / "county.toml").read_text(encoding="utf-8")
        shutil.copytree(place, tmp_path / name)
        file = tmp_path / name / "county.toml"
        file.write_text(head.replace('"twin"', f'"twin_{name}"'), encoding="utf-8")
    where = f"county={tmp_path / 'b'},{tmp_path / 'c'}"
    assert swept(place, tmp_path / "out", "--over", where, "--over", "walk_factor=0.5,0.75,1") == 0
    run = load(tmp_path / "out")
    (layer,) = [one for one in run.result.layers if one.id == "counties"]
    assert layer.focus
    assert layer.data.index.tolist() == ["twin_b", "twin_c"]
    assert layer.data["cases"].tolist() == [3, 3]
    outline = twin.county().vector("outline").union_all()
    assert layer.data.area.tolist() == pytest.approx([outline.area] * 2)
    found = rows(tmp_path / "out")
    for column in (one.name for one in layer.columns if one.name.startswith("figure_")):
        medians = [found[column].iloc[start : start + 3].median() for start in (0, 3)]
        assert layer.data[column].tolist() == pytest.approx(medians, nan_ok=True)
    assert swept(place, tmp_path / "one", "--over", "walk_factor=0.5") == 0
    assert "counties" not in {one.id for one in load(tmp_path / "one").result.layers}


def test_a_sweep_tells_curves_tornado_and_flips(place, tmp_path):
    assert (
        swept(
            place,
            tmp_path,
            "--method",
            "one-at-a-time",
            "--over",
            "speed_factor=0.5,1,2",
            "--flip",
            "target_min=1..30",
            "--width",
            "0.05",
        )
        == 0
    )
    tables = {one.id: one for one in load(tmp_path).result.tables}
    assert tables["tornado_mean_hospital"].chart == "tornado"
    curve = tables["curve_speed_factor_mean_hospital"].frame
    assert curve["x"].tolist() == [0.5, 1.0, 2.0]
    assert curve["mean_hospital"].is_monotonic_decreasing
    flip = tables["flips"].frame.iloc[0]
    assert (flip["verdict_below"], flip["verdict_above"]) == ("fail", "pass")
    assert 0 < flip["above"] - flip["below"] <= 0.05 * 29


def test_first_orders_on_access_sum_to_one_at_most(place, tmp_path):
    more = (
        "--method",
        "sobol",
        "--n",
        "4",
        "--over",
        "walk_factor=0.5..1",
        "--over",
        "speed_factor=0.5..1.5",
    )
    assert swept(place, tmp_path, *more) == 0
    found = rows(tmp_path, "indices_mean_hospital")
    assert found["first"].sum() <= 1 + found["first_interval"].sum()


def test_a_table_of_cases(place, tmp_path):
    cases = tmp_path / "cases.csv"
    cases.write_text("walk_factor,speed_factor\n0.5,\n,2\n", encoding="utf-8")
    assert swept(place, tmp_path / "out", "--design", str(cases)) == 0
    found = rows(tmp_path / "out")
    assert found["set_speed_factor"].tolist() == [1.0, 2.0]
    assert found["set_walk_factor"].tolist() == [0.5, 1.0]
    cases.write_text("walk_factor\n0.5,1\n", encoding="utf-8")
    assert swept(place, tmp_path / "out", "--design", str(cases)) == 3
    assert swept(place, tmp_path / "out", "--design", str(cases), "--over", "a=1") == 2


def test_where_no_case_can_be_run_it_is_refused_with_the_reasons(place, tmp_path, capsys):
    assert swept(place, tmp_path, "--over", "walk_factor=9,8") == 3
    assert capsys.readouterr().err.count("walk_factor") >= 2
    assert swept(place, tmp_path, "--over", "walk_factr=1") == 3
    assert "walk_factor" in capsys.readouterr().err


def test_runs_below_a_run_are_not_listed(place, tmp_path):
    assert swept(place, tmp_path / "out" / "sweep", "--over", "walk_factor=0.5,0.6") == 0
    assert main(["maps", str(tmp_path / "out")]) == 0
    text = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "./sweep/index.html" in text
    assert "/cases/" not in text
