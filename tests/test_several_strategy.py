"""Strategies: planted conflicts, hand-overs, one ledger, every subset, failures told."""

import itertools
from types import SimpleNamespace

import geopandas as gpd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InputError, UsageError
from geo.words import Text, alike
from jingning import main
from layers import twin
from layers.folder import strategies
from scenarios.result import Claim, Column, Layer, Result, load
from scenarios.running import orders
from scenarios.running.runs import perform
from scenarios.several.strategy import cropland
from scenarios.several.strategy.gains import gains
from scenarios.several.strategy.land import land
from scenarios.several.strategy.ledger import short_ha
from scenarios.several.strategy.reading import read
from scenarios.several.strategy.subsets import Bound, Together, conflicts, subsets
from scenarios.several.strategy.terms import Strategy
from scenarios.several.strategy.townships import by_township
from tests.made_up.strategies import HEAD, LEFT, RIGHT, box, carried, patched, plan, table, written


@pytest.fixture(autouse=True)
def made_up(monkeypatch):
    patched(monkeypatch)


def items(run):
    return {one.id: one for one in run.result.metrics}


def verdicts(run):
    return {check.id: check.verdict for check in run.result.checks}


def state(run, plan_, other):
    rows = table(run, "pairs").set_index(["plan", "other"])
    return rows.loc[(plan_, other), "state"], rows.loc[(plan_, other), "area_ha"]


def test_a_planted_conflict_is_found_to_the_square_metre(tmp_path):
    run = carried(
        tmp_path, plan("left", box=LEFT, yuan=3e6), plan("right", box=RIGHT, use='"town"')
    )
    (contested,) = [one for one in run.result.layers if one.id == "contested"]
    assert contested.data.area.sum() == pytest.approx(10_000, abs=0.01)
    assert contested.data["takers"].tolist() == ["left;right"]
    assert contested.data["uses_en"].tolist() == [
        "land taken (left): road; land taken (right): town"
    ]
    rows = table(run, "contested")
    assert rows[["class", "area_ha"]].to_numpy().tolist() == [["cropland", pytest.approx(1.0)]]
    assert verdicts(run)["contested_left_right"] == "fail"
    found = items(run)
    assert found["land"].value == pytest.approx(4 + 2)
    assert found["land_once"].value == pytest.approx(5)
    assert found["land_contested"].value == pytest.approx(1)
    assert found["fitting"].value == 2
    assert state(run, "left", "right") == state(run, "right", "left")
    assert state(run, "left", "right") == ("conflict", pytest.approx(1.0))
    why = table(run, "subsets").set_index("fits").loc["no", "why_en"]
    assert why == "land taken (left) and land taken (right) both claim 1.00 ha"


def field(shape, *, exclusive=True, told=1.0):
    """Give a run that claims a rectangle, and says it is so many times as large."""
    frame = gpd.GeoDataFrame(geometry=[shapely.box(*shape)], index=["box"], crs=4549)
    ha = told * float(frame.area.sum()) / 1e4
    claim = Claim("land", ha, ha, ha, to="road", exclusive=exclusive, layer="land")
    layer = Layer("land", alike("land"), alike("land"), "category", frame)
    return SimpleNamespace(result=Result(layers=(layer,), claims=(claim,)))


@pytest.mark.parametrize("left_open", [False, True])
@pytest.mark.parametrize("right_open", [False, True])
@pytest.mark.parametrize("says", ["", "left", "right", "both"])
def test_land_is_shared_only_where_both_allow_it(left_open, right_open, says):
    """4 ha and 2 ha that share 1 ha."""
    runs = {
        "left": field((200, 0, 400, 200), exclusive=not left_open),
        "right": field((300, 100, 500, 200), exclusive=not right_open),
    }
    found = land(runs, share=lambda one, _: says in {one, "both"}, crs=4549)
    willing = [left_open or says in {"left", "both"}, right_open or says in {"right", "both"}]
    whole = {("left", "right"): pytest.approx(1)}
    assert (found.shared if all(willing) else found.contested) == whole
    assert not (found.contested if all(willing) else found.shared)
    assert found.contested_ha == pytest.approx(0 if all(willing) else 1)
    assert found.once_ha == pytest.approx(5)
    assert found.unlike() == ()


def test_shapes_that_are_not_what_is_claimed_are_named():
    runs = {"well": field((0, 0, 100, 100)), "odd": field((900, 0, 950, 100), told=2)}
    found = land(runs, share=lambda *_: False, crs=4549)
    assert found.unlike() == ("odd",)


def test_land_that_is_shared_is_a_layer_of_its_own(tmp_path):
    run = carried(
        tmp_path,
        plan("left", box=LEFT, more='may_share = ["right"]'),
        plan("right", box=RIGHT, more='may_share = ["left"]'),
    )
    layers = {one.id: one for one in run.result.layers}
    assert "contested" not in layers
    assert layers["land"].focus
    assert layers["shared"].data.area.sum() == pytest.approx(10_000, abs=0.01)
    assert state(run, "left", "right") == ("none", pytest.approx(1.0))


def test_a_subset_is_not_sure_without_the_plan_it_stands_on_though_they_conflict(tmp_path):
    """The second takes the first's hectares as its yuan, on land that both claim."""
    second = plan("second", box=RIGHT, yuan='"@first.ha"')
    run = carried(tmp_path, plan("first", box=LEFT), second)
    rows = table(run, "subsets").set_index("codes")
    assert state(run, "first", "second")[0] == "conflict"
    assert rows.loc[["first", "second"], "sure"].tolist() == ["yes", "no"]
    handed = table(run, "plans").set_index("plan")["stands_on_en"]
    assert handed.to_dict() == {"first": "", "second": "land taken (first): takes from it: area"}


OPENS = plan("passage", box=box(4000, 0, 4100, 100), opens="true")
ACCESS = plan("minutes", "access", cell_m=240, open_roads="[]")


def test_a_road_opened_by_a_plan_is_open_in_the_next_and_nothing_else_changes(tmp_path):
    alone = {one.id: one.value for one in perform(_access()).result.metrics}
    opened = perform(_access("open_roads=second_passage"))
    carried(tmp_path, OPENS, ACCESS)
    after = load(tmp_path / "out" / "plans" / "minutes")
    assert {one.id: one.value for one in after.result.metrics} != alone
    seat = _seat(after)
    assert seat == _seat(opened) == pytest.approx(3.9, abs=0.3)
    carried(tmp_path / "without", plan("passage", box=box(4000, 0, 4100, 100)), ACCESS)
    without = load(tmp_path / "without" / "out" / "plans" / "minutes")
    assert without.key == perform(_access()).key
    assert {one.id: one.value for one in without.result.metrics} == alone
    carried(tmp_path / "turned", ACCESS, OPENS)
    turned = load(tmp_path / "turned" / "out" / "plans" / "minutes")
    assert turned.key == without.key


def _access(*more):
    return orders.ordered("access", lang="en", settings=["cell_m=240", *(more or ["open_roads="])])


def _seat(run):
    (places,) = [one for one in run.result.layers if one.id == "settlements"]
    column = next(one.name for one in places.columns if one.name.endswith("_after"))
    return places.data.loc["s21", column]


def test_what_plans_hand_over_by_parameters(tmp_path):
    """The first owes 3 ha, takes 4 ha at 3 million yuan: the others take each as a figure."""
    first = plan("first", box=LEFT, owed_ha=3, yuan=3e6)
    yuan = plan("yuan", box=box(3000, 0, 3100, 100), yuan='"@first.yuan"')
    owed = plan(
        "owed", box=box(4000, 0, 4100, 100), people='"@first.cropland_owed * 10 + @first.ha + 2"'
    )
    own = plan("own", box=box(5000, 0, 5100, 100), people='"@first.ha"')
    lacks = plan("lacks", box=box(5000, 500, 5100, 600), people='"@first.water"')
    run = carried(tmp_path, first, yuan, owed, own, lacks)
    plans = tmp_path / "out" / "plans"
    assert load(plans / "yuan").params["yuan"] == 3e6
    assert load(plans / "owed").params["people"] == pytest.approx(3 * 10 + 4 + 2)
    assert load(plans / "own").params["people"] == pytest.approx(4)
    assert verdicts(run)["plan_lacks"] == "unknown"
    assert state(run, "first", "owed")[0] == "help"
    assert state(run, "owed", "first")[0] == "none"
    assert state(run, "lacks", "own")[0] == "unknown"


def test_a_run_is_handed_over_and_the_park_is_asked_of_every_plan(tmp_path, monkeypatch):
    """The core of the twin's park is 600 m × 600 m around (3900, 3750): there is no place for it."""
    patched(monkeypatch, twin.county())
    inside = plan("inside", box=box(3800, 3700, 3900, 3800))
    ask = plan("ask", "park_rules", run='"@inside"')
    outside_ = plan("outside", box=box(4000, 0, 4100, 100))
    run = carried(tmp_path, inside, ask, outside_)
    found = verdicts(run)
    assert (found["park_inside"], found["park_outside"]) == ("fail", "pass")
    (check,) = [one for one in run.result.checks if one.id == "park_inside"]
    assert check.rule == "park.core"
    rows = table(run, "subsets")
    assert set(rows.loc[rows["plans_en"].str.contains("park"), "fits"]) == {"yes", "no"}
    asked = load(tmp_path / "out" / "plans" / "ask")
    assert asked.params["run"] == load(tmp_path / "out" / "plans" / "inside").key
    assert items(run)["fitting"].value == 3


def test_a_plan_that_fails_is_told_and_the_others_go_on(tmp_path):
    broken = plan("broken", box=LEFT, fails="true")
    after = plan("after", box=RIGHT, yuan='"@broken.yuan"')
    needs = plan("needing", more='needs = ["broken"]', box=box(4000, 0, 4100, 100))
    run = carried(tmp_path, broken, after, needs, plan("well", box=LEFT))
    found = verdicts(run)
    assert found["plan_broken"] == found["plan_after"] == "unknown"
    assert found["needs_needing"] == "fail"
    told = {one.id: one.found.en for one in run.result.checks}
    assert (told["plan_broken"], told["plan_after"]) == (
        "no answer",
        "@broken.yuan: no run of broken",
    )
    rows = table(run, "plans").set_index("plan")
    assert rows["state"].tolist() == ["failed", "failed", "run", "run"]
    assert items(run)["fitting"].value == 1
    with pytest.raises(InputError, match="no plan") as refused:
        carried(tmp_path / "all", broken)
    assert "no answer" in str(refused.value)


INDEPENDENT = (
    plan("a", box=LEFT, yuan=3e6, year=2026, people=20, owed_ha=1),
    plan("b", box=RIGHT, yuan=1e6),
    plan("c", box=box(1400, 1100, 1600, 1300), people=400),
)


@pytest.fixture(scope="module")
def independent(tmp_path_factory):
    """Three plans in their order, in a folder."""
    folder = tmp_path_factory.mktemp("independent")
    with pytest.MonkeyPatch.context() as monkeypatch:
        patched(monkeypatch)
        return folder, carried(folder, *INDEPENDENT)


def test_the_order_of_independent_plans_changes_nothing_of_the_ledger(independent):
    folder, one = independent
    other = carried(folder, *INDEPENDENT[::-1])
    for name in ("ledger", "years", "subsets", "matrix", "pairs", "townships", "discounted"):
        assert table(one, name).equals(table(other, name)), name
    assert one.result.metrics == other.result.metrics


def test_the_sums_are_those_of_the_single_runs(independent):
    """A yuan of 2026 counts 1 / 1.1 in 2025; b names no year: its yuan falls in 2025."""
    folder, run = independent
    singles = [load(folder / "out" / "plans" / name) for name in "abc"]
    found = items(run)
    for kind, unit in (("land", 1), ("yuan", 1e4), ("people", 1), ("cropland_owed", 1)):
        claims = [claim for one in singles for claim in one.result.claims if claim.kind == kind]
        for end in ("low", "high"):
            told = getattr(found[kind], end)
            told = found[kind].value if told is None else told
            assert told * unit == pytest.approx(sum(getattr(one, end) for one in claims)), kind
    assert found["cost_present"].value == pytest.approx(300 / 1.1 + 100)
    assert run.result.answer[1].en == "Of it 100 × 10k CNY tells no year and counts in 2025."
    years = table(run, "years").set_index("year")["likely"]
    assert years.to_dict() == {2025: pytest.approx(100), 2026: pytest.approx(300)}
    towns = table(run, "townships")
    assert towns["land_ha"].sum() == pytest.approx(found["land"].value)
    assert towns["wan_yuan"].sum() == 0
    assert towns["by_land"].sum() == pytest.approx(found["yuan"].value)
    assert towns["present"].sum() == pytest.approx(found["cost_present"].value)
    parts = table(run, "years_by_plan").drop(columns="year")
    assert parts.sum().sum() == pytest.approx(found["yuan"].value)
    paid = table(run, "bearers").set_index("side").loc[["pays"], "present"]
    assert paid.sum() == pytest.approx(found["cost_present"].value)


def shared_out(*claims):
    """Give by township what a plan of claims costs, shared out by its land, and told there."""
    strategy = Strategy.model_validate(
        {"discount": 0.1, "first_year": 2025, "plan": [{"name": "a", "what": "x"}]}
    )
    none = gains({})
    rows = by_township(strategy, {"a": claimed(*claims)}, none).set_index("town")
    return rows[["wan_yuan", "by_land", "present"]].to_dict("index")


def test_yuan_that_names_no_township_is_shared_out_by_land():
    """3 ha in 001 and 1 ha in 002: of 400 × 10⁴ yuan 300 and 100; 50 more are told of 002.

    In 2026 a yuan counts 1 / 1.1 of one in 2025. With a hectare of which no township is told
    nothing is shared out.
    """
    land = (amount("land", 3, place="001"), amount("land", 1, place="002"))
    yuan = (amount("yuan", 4e6, year=2026), amount("yuan", 5e5, place="002"))
    assert shared_out(*land, *yuan) == {
        "001": {"wan_yuan": 0, "by_land": 300, "present": pytest.approx(300 / 1.1)},
        "002": {"wan_yuan": 50, "by_land": 100, "present": pytest.approx(100 / 1.1 + 50)},
    }
    told = shared_out(*land, amount("land", 1), *yuan)
    assert told["none"] == {"wan_yuan": 400, "by_land": 0, "present": pytest.approx(400 / 1.1)}


def test_people_count_once_where_two_plans_take_their_settlement(tmp_path):
    """400 people live at (1500, 1200) of the twin; both plans take it, one moves 20 others as well."""
    seat = box(1400, 1100, 1600, 1300)
    run = carried(tmp_path, plan("a", box=seat, people=400), plan("b", box=seat, people=420))
    assert items(run)["people"].value == 820
    assert items(run)["people_once"].value == 420


SOURCED = (
    HEAD
    + """
[money.county]
zh = "县级财政"
en = "County budget"
[[limit]]
kind = "yuan"
most = 2e6
year = 2027
money = "county"
[[limit]]
kind = "land"
most = 5
"""
)


def test_yuan_by_year_and_source_benefits_and_limits_by_hand(tmp_path):
    """Rate 0.1. Of 4 million yuan a quarter in 2026, the rest in 2027: 1 / 1.1 + 3 / 1.21.

    4 ha at 1,000 yuan in 2026 and 2027: 4,000 / 1.1 + 4,000 / 1.21. Limits: 2 million yuan of the
    county in 2027, where 3 million are spent; 5 ha of land, where 4 ha and 2 ha are taken.
    """
    more = """money = "county"
spent = { 2026 = 0.25, 2027 = 0.75 }
[[plan.benefit]]
figure = "ha"
yuan = 1000
first_year = 2026
years = 2
who_zh = "村民"
who_en = "villagers"
[[plan.benefit]]
figure = "lacking"
first_year = 2026
years = 2
"""
    run = carried(
        tmp_path,
        plan("paid", box=LEFT, yuan=4e6, year=2026, more=more),
        plan("other", box=box(3000, 0, 3200, 100), yuan=1e6, year=2026),
        head=SOURCED,
    )
    told = table(run, "years").set_index(["year", "money", "plan"])
    rows = told["likely"]
    assert told["basis"].tolist() == ["claim", "shares", "shares"]
    assert rows.to_dict() == {
        (2026, "county", "paid"): pytest.approx(100),
        (2026, "none", "other"): pytest.approx(100),
        (2027, "county", "paid"): pytest.approx(300),
    }
    worth = table(run, "discounted").set_index("plan")
    assert worth.loc["paid", "cost"] == pytest.approx(100 / 1.1 + 300 / 1.21)
    assert worth.loc["paid", "benefit"] == pytest.approx(0.4 / 1.1 + 0.4 / 1.21)
    assert worth["net"].isna().tolist() == [True, False]
    told = table(run, "benefits").set_index("title")
    assert told.loc["lacking", ["value", "yuan", "likely"]].isna().all()
    assert told["who_en"].tolist() == ["villagers", ""]
    assert (verdicts(run)["limit_1"], verdicts(run)["limit_2"]) == ("fail", "fail")
    rows = table(run, "subsets").set_index("fits")
    assert rows.loc["yes", "plans"] == "占地（other）"
    spent = "Cost in 2027 by County budget 300 × 10k CNY, more than 200 × 10k CNY"
    land_ = "Land taken 6 ha, more than 5 ha"
    assert rows.loc["no", "why_en"].tolist() == [f"{spent}; {land_}", spent]


def claimed(*claims):
    return SimpleNamespace(result=Result(claims=claims), rules=())


def amount(kind, ha, **about):
    return Claim(kind, ha, ha, ha, **about)


def test_cropland_owed_and_met_by_hand():
    """A town owes 3 ha (5 at most) and designates 2; an exchange takes 6 ha of cropland, gives 10."""
    town = claimed(
        Claim("cropland_owed", 3, 3, 5, rule="exchange.balance"),
        amount("cropland_owed", 2, rule="land_take.basic_farmland"),
        amount("land", 4, from_="cropland", to="construction"),
    )
    exchange = claimed(
        amount("land", 6, from_="cropland", to="forest"),
        amount("land", 10, from_="orchard", to="cropland"),
    )
    unsure = claimed(amount("land", 7, from_="unknown", to="road"))
    assert cropland.owed_ha(town) == (3, 3, 5)
    assert cropland.designated_ha(town) == (2, 2, 2)
    assert cropland.supplied_ha(exchange) == (4, 4, 4)
    assert cropland.owed_ha(exchange) == (0, 0, 0)
    assert cropland.owed_ha(unsure) == (0, 0, 7)
    assert short_ha({"town": town, "exchange": exchange}) == (0, 0, 1)
    assert short_ha({"town": town}) == (3, 3, 5)


def test_who_gains_and_who_loses_is_counted_by_township():
    """Minutes, less is better: a falls, b rises, c stays, d is not known."""
    frame = gpd.GeoDataFrame(
        {
            "min_before": [9.0, 5.0, 4.0, None],
            "min_after": [7.0, 6.0, 4.0, 3.0],
            "township": ["001", "001", "002", "002"],
        },
        geometry=shapely.points([[0, 0]] * 4),
        index=list("abcd"),
        crs=4549,
    )
    minutes = Column("min_after", alike("minutes"), better="lower")
    columns = (Column("min_before", alike("minutes")), minutes)
    places = Layer("places", alike("p"), alike("p"), "place", frame, columns=columns)
    rows = gains({"road": SimpleNamespace(result=Result(layers=(places,)))})
    assert rows[["plan", "town", "better", "worse"]].to_numpy().tolist() == [["road", "001", 1, 1]]


@st.composite
def competing(draw):
    names = "abcdefg"[: draw(st.integers(1, 7))]
    some = st.sets(st.sampled_from(names))
    pairs = draw(st.sets(st.sampled_from([*itertools.combinations(names, 2)] or [("a", "z")])))
    amounts = st.fixed_dictionaries({name: st.integers(-3, 9) for name in names})
    return Together(
        weights={name: float(draw(st.integers(0, 5))) for name in names},
        contested=dict.fromkeys(pairs, 1.0),
        needs={name: tuple(sorted(draw(some) - {name})) for name in draw(some)},
        barred={name: Text("禁", "barred") for name in draw(some) if draw(st.booleans())},
        bounds=tuple(
            Bound(alike("limit"), "", float(draw(st.integers(0, 20))), draw(amounts))
            for _ in range(draw(st.integers(0, 2)))
        ),
    )


@given(competing())
@settings(max_examples=60)
def test_every_subset_is_judged_as_by_brute_force(terms):
    titles = {name: alike(name) for name in terms.names}
    found = {frozenset(one.plans): one for one in subsets(terms)}
    best = None
    for size in range(1, len(terms.names) + 1):
        for chosen in map(frozenset, itertools.combinations(terms.names, size)):
            fits = (
                not any({*pair} <= chosen for pair in terms.contested)
                and all({*terms.needs.get(one, ())} <= chosen for one in chosen)
                and not chosen & {*terms.barred}
                and all(
                    sum(one.amounts[name] for name in chosen) <= one.most for one in terms.bounds
                )
            )
            assert found[chosen].fits == fits
            assert bool(conflicts(terms, found[chosen].plans, titles)) != fits
            score = sum(terms.weights[name] for name in chosen)
            if fits and (best is None or score > best):
                best = score
    assert len(found) == 2 ** len(terms.names) - 1
    first = subsets(terms)[0]
    assert (first.score if first.fits else None) == best


def test_more_plans_than_can_be_looked_at_are_not_guessed():
    with pytest.raises(ValueError, match="16 plans, more than 15"):
        subsets(Together(dict.fromkeys("abcdefghijklmnop", 1.0)))


def test_all_that_is_wrong_is_told_at_once(tmp_path):
    path = written(
        tmp_path,
        plan("a", "acess"),
        plan("b", "claiming", 'may_share = ["c"]\nmoney = "bank"', yuan='"@later.yuan"', boxes=3),
        plan("b", "claiming", "spent = { 2026 = 0.5 }", yuan='"@a.yuan - 1"'),
        head=HEAD + '[[limit]]\nkind = "water"\nmost = 1\nyear = 2026\n',
    )
    with pytest.raises(UsageError) as refused:
        read(str(path), county="", lang="en", held={})
    told = str(refused.value)
    for field in (
        "plan[0].what",
        "plan[1].may_share",
        "plan[1].money",
        "plan[1].set.yuan",
        "plan[1].set.boxes",
        "plan[2].name",
        "plan[2].spent",
        "plan[2].set.yuan",
        "limit[0]",
    ):
        assert f"field {field} " in told, told
    with pytest.raises(UsageError, match="field plan · found missing"):
        read(str(written(tmp_path / "none")), county="", lang="en", held={})
    with pytest.raises(UsageError, match="did you mean jingning_2025"):
        read("jingning_2052", county="jingning", lang="en", held={})


def test_the_strategies_kept_with_the_county_are_whole():
    """As far as can be read without running: questions, scripts, parameters, references."""
    held = {"jingning": twin.county()}
    for name in strategies("jingning"):
        assert read(name, county="jingning", lang="zh", held=held).strategy.plans


def test_the_command_writes_a_folder_and_runs_nothing_twice(tmp_path, capsys):
    path = written(tmp_path, *INDEPENDENT[:2])
    assert main(["strategy", str(path), "-o", str(tmp_path / "out"), "--lang", "en"]) == 0
    told = capsys.readouterr().out
    assert "2 of 2 plans were carried out" in told
    assert "1 pair of plans contests 1.00 ha" in told
    drawn = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert '"cells":[[{"state":"own"' in drawn  # the matrix of the page of a strategy
    before = _stamps(tmp_path / "out")
    assert main(["strategy", str(path), "-o", str(tmp_path / "out"), "--lang", "en"]) == 0
    assert _stamps(tmp_path / "out") == before


def _stamps(folder):
    """Give when the files of the plans' runs were written, and what the whole holds."""
    plans = {path: path.stat().st_mtime_ns for path in sorted(folder.glob("plans/*/*.json"))}
    return plans, (folder / "result.json").read_bytes()


def test_townships_keep_their_names_in_both_languages_and_no_figure_of_one_plan(tmp_path):
    run = carried(tmp_path, plan("minutes", "access", cell_m=240, open_roads="[]"))
    (towns,) = [one for one in run.result.layers if one.id == "townships"]
    assert [one.name for one in towns.columns] == ["name", "name_en"]
    assert set(towns.data.columns) == {"name", "name_en", "geometry"}
