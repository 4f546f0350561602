"""What a corridor tells of money and earth: ranges, a published cost beside its own, plans of haul."""

from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest

from geo.alignment.values import Costs, Limits
from geo.alignment.works.haul import Hauling, hauled
from geo.words import Text
from layers.roads.prices import ENDS, bill, costs, design_prices
from layers.roads.reference import reference, references
from layers.roads.standard import standard
from scenarios.corridor import claims, figures, hauls, published
from scenarios.result import Category

DAY = date(2025, 1, 1)
BOOK = costs(DAY)
ROAD = standard(DAY, speed_kmh=60)
PRICES = Costs(**design_prices(BOOK, width_m=10), **ROAD.template)
LIMITS = Limits(**ROAD.limits)
SHIPPED = references()["g638_rebuild"]


def case(amounts):
    """A road of these quantities, billed by the shipped book."""
    items = bill(amounts, BOOK)
    low, likely, high = (float(items[name].sum()) for name in ENDS)
    return SimpleNamespace(
        label="A",
        title=Text("方案A", "Alternative A"),
        amounts=amounts,
        items=items,
        length_m=amounts["length_m"],
        cost_yuan=likely,
        cost_ends=(low, high),
    )


def study(amounts, known=SHIPPED):
    terms = SimpleNamespace(published=known, book=BOOK, costs=PRICES, limits=LIMITS)
    return SimpleNamespace(setting=SimpleNamespace(terms=terms), best=case(amounts))


def on_earth(metres=1000.0):
    """A road on the ground: 10 m of bed, 20,000 m² of land, nothing moved."""
    none = dict.fromkeys((item.quantity for item in BOOK.values()), 0.0)
    lengths = {"length_m": metres, "earth_m": metres, "bridge_m": 0.0, "tunnel_m": 0.0}
    return {**none, **lengths, "pavement_m2": 10 * metres, "land_m2": 20 * metres}


def compared(amounts, known=SHIPPED):
    [table] = published.comparison(study(amounts, known), Text("对照", "Compared"))
    return table.frame.set_index("measure")


def test_the_calibrating_road_differs_from_itself_by_what_the_book_leaves_open():
    rows = compared({**SHIPPED.quantities})
    own = bill(SHIPPED.quantities, BOOK)["yuan"].sum() / 56.13 / 1e4
    apart = rows.loc["yuan_km", "published"] - own
    assert rows.loc["beyond", "published"] == pytest.approx(apart)
    groups = rows.drop(["yuan_km", "beyond"])
    assert groups["difference"].to_numpy() == pytest.approx(np.zeros(len(groups)), abs=1e-9)


def test_the_difference_to_a_published_cost_is_the_sum_of_its_parts():
    # On the ground, a km: pavement 10,000 × 380, roadside 1,000 × 5,500, a quarter on top; land
    # 20,000 × 120: 3.8 + 5.5 + 2.325 + 2.4 = 14.025 M yuan, 1,402.5 万元.
    rows = compared(on_earth())
    assert rows.loc["yuan_km", "own"] == pytest.approx(1402.5)
    assert rows.loc["yuan_km", "published"] == pytest.approx(3.6e9 / 56.13 / 1e4)
    parts = rows.loc[[*published.GROUPS], ["published", "own"]].sum()
    beyond = rows.loc["beyond", "published"]
    assert parts["published"] + beyond == pytest.approx(rows.loc["yuan_km", "published"])
    assert parts["own"] == pytest.approx(1402.5)
    assert rows.loc[["bridge_share", "tunnel_share"], "published"].sum() == pytest.approx(
        40, abs=0.1
    )
    assert rows.loc["earth_m", "own"] == pytest.approx(0.93)  # 9,300 yuan
    assert rows.loc["land_km", "own"] == pytest.approx(2.0)  # ha
    assert rows.loc["tunnel_m", "published"] == pytest.approx(10.5)
    assert rows.loc["yuan_km", "status"] == "secondary"
    assert set(rows.drop("yuan_km")["status"]) == {"unverified"}


def test_both_costs_and_their_gap_are_said_in_a_sentence():
    [said] = published.sentence(study(on_earth()))
    assert said.zh.startswith(
        "对照公布造价：G638 红星至庆元界改建（二级公路），6,414 万元/km（转引），本路线 1,402 万元/km；"
    )
    # Bridges 89,800 × 5,800 + 161,600 × 900 and tunnels 134,700 × 10,500 over 56.13 km: 37.1 M.
    assert said.en.endswith(
        "bridges and tunnels are 37.1 million of the difference (of the length: there, as assumed, "
        "40 %, here 0 %)."
    )


def test_a_published_road_of_which_nothing_else_is_known_explains_nothing():
    known = reference("id,title_zh,title_en,published_yuan,length_m\nx,某路,A road,2e7,1000")
    rows = compared(on_earth(), known)
    assert rows["published"].dropna().to_dict() == {"yuan_km": 2000}
    [said] = published.sentence(study(on_earth(), known))
    assert said.en.endswith("how that road is made up is not known.")
    assert list(published.sentence(study(on_earth(), None))) == []
    assert list(published.comparison(study(on_earth(), None), Text("", ""))) == []
    assert list(published.verdict(study(on_earth(), None))) == []


@pytest.mark.parametrize(
    ("millions", "verdict"), [(14.0, "pass"), (21.0, "pass"), (64.1, "unknown"), (5.0, "unknown")]
)
def test_a_published_cost_within_the_range_of_the_bill_passes_and_else_is_open(millions, verdict):
    # By hand as above; low (3.0 + 3.8) × 1.18 + 1.6 = 9.62, high (4.7 + 8.5) × 1.32 + 3.6 = 21.02 M.
    text = f"id,title_zh,title_en,published_yuan,length_m\nx,某路,A road,{millions * 1e6},1000"
    [said] = published.verdict(study(on_earth(), reference(text)))
    assert said.verdict == verdict
    assert "1,402 (962 … 2,102)" in said.found.zh
    assert "限值先到" in said.remedy.zh


def test_structures_pay_by_price_beyond_the_limits_of_earth():
    # Per metre: fill 22.5 (10 h + 1.5 h²) + land 120 × 1.5 h on 12,825 (pavement, roadside, land);
    # bridge 72,500 + 1,200 + 1,125 h: 33.75 h² − 720 h = 60,875, h = 54.5. Cut 40 (10 d + 0.75 d²)
    # + 120 × 0.75 d against 131,250: 30 d² + 490 d = 118,425, d = 55.2.
    fill, cut = published.breaks_even(PRICES)
    assert (fill, cut) == (pytest.approx(54.46, abs=0.01), pytest.approx(55.19, abs=0.01))
    assert (LIMITS.max_fill_m, LIMITS.max_cut_m) == (20, 30)


def test_money_claimed_has_the_ends_of_the_bill():
    own = "id,yuan,year\nland,130,2024\n"
    items = bill(on_earth(), costs(DAY, own=own))
    one = SimpleNamespace(best=SimpleNamespace(items=items))
    found = [(c.year, c.low, c.likely, c.high) for c in claims.money_claims(one)]
    # 2023: (3.0 + 3.8) × 1.18 low, (3.8 + 5.5) × 1.25 likely, (4.7 + 8.5) × 1.32 high, in M yuan;
    # 2024: 20,000 m² at 130 yuan, which are sure.
    assert found == [
        (2023, pytest.approx(8.024e6), pytest.approx(11.625e6), pytest.approx(17.424e6)),
        (2024, 2.6e6, 2.6e6, 2.6e6),
    ]


def test_hauls_are_told_with_stations_and_in_the_order_of_the_road():
    s = 100.0 * np.arange(12)
    volume = np.array([300.0, 0, 0, 0, -400, 0, 0, 0, 0, 0, 200])
    way = hauled(
        s,
        np.maximum(volume, 0),
        np.maximum(-volume, 0),
        Hauling(2, free_m=100, surplus_yuan_m3=22, deficit_yuan_m3=45),
    )
    one = SimpleNamespace(label="A", haul=way)
    level = SimpleNamespace(label="B", haul=hauled(s, 0 * s[1:], 0 * s[1:], Hauling(2)))
    table = hauls.hauls([one, level], Text("表", "Plan"))
    told = table.frame[["source", "sink", "from_start", "to_end", "volume_m3", "distance_m"]]
    assert told.fillna(0).to_numpy().tolist() == [
        ["cut", "fill", "K0+000.000", "K0+500.000", 300, 400],
        ["cut", "fill", "K1+000.000", "K0+500.000", pytest.approx(100), pytest.approx(600)],
        ["cut", "waste", "K1+000.000", "K1+100.000", pytest.approx(100), 0],
    ]
    assert {one.code for one in hauls.SOURCE.categories} == {"cut", "spoil", "borrow"}
    assert hauls.SINK.categories[0] == Category("fill", Text("填方", "Fill"))
    mass = hauls.diagram([one, level], Text("图", "Diagram")).frame
    assert mass.groupby("alternative").size().tolist() == [12, 12]
    assert mass.loc[11, ["mass_m3", "balance_m3"]].tolist() == pytest.approx([100, 100])


def test_the_ends_of_the_cost_are_columns_beside_it():
    ids = [one.id for one in figures.COMPARED]
    at = ids.index("cost_wan")
    assert ids[at : at + 3] == ["cost_wan", "cost_low_wan", "cost_high_wan"]
