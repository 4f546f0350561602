"""Exchanges of land by hand, and against every plan there is on tiny cases."""

import math

import pandas as pd
import pytest

from geo.certificates import verify
from geo.errors import InfeasibleError, InputError, LimitError
from geo.exchange import (
    Balance,
    Blocks,
    Budget,
    Contiguity,
    Effort,
    Mean,
    Moved,
    Quality,
    Touching,
    solve,
    units,
)


def fields(**columns):
    count = len(next(iter(columns.values())))
    frame = pd.DataFrame({"area_m2": [1.0] * count, "may_leave": True, "may_enter": True})
    return frame.assign(**columns).set_axis([*"abcdefghij"[:count]])


def beside(*pairs, length=1.0):
    return pd.DataFrame(
        {"left": [p[0] for p in pairs], "right": [p[1] for p in pairs], "length_m": length}
    )


def test_the_mean_of_a_ratio_by_hand():
    # Members 2 m² at 10 and 1 m² at 40: mean (20 + 40) / 3 = 20. The 40 leaves for the 1 m² at 16:
    # (20 + 16) / 3 = 12; the 2 m² at 4 would need 2 m².
    land = fields(slope=[10.0, 40.0, 16.0, 4.0], area_m2=[2.0, 1.0, 1.0, 2.0])
    land["member"] = [True, True, False, False]
    plan = solve(units(land), goals=[Mean("slope")], rules=[Balance(), Budget(most=2)], gap=0)
    assert (list(plan.leaving), list(plan.entering)) == (["b"], ["c"])
    assert (plan.before, plan.objective, plan.gap, plan.proven) == (20.0, 12.0, 0.0, True)


def test_a_gain_in_contiguity_is_weighed_against_slope():
    # A row a b c d: members a and c. c for b costs 1 degree in the mean (2 of 2) and joins a pair.
    land = fields(slope=[0.0, 4.0, 2.0, 9.0], member=[True, False, True, False])
    parcels = units(land, neighbours=beside("ab", "bc", "cd", length=10.0))
    near, far = (
        solve(parcels, goals=[Mean("slope"), Touching(weight)], rules=[Balance()], gap=0)
        for weight in (-0.2, -0.05)
    )
    assert (list(near.leaving), list(near.entering), near.objective) == (["c"], ["b"], 0.0)
    assert len(far.leaving) == 0
    floor = solve(parcels, goals=[Mean("slope")], rules=[Balance(), Contiguity(gain=1.0)], gap=0)
    assert list(floor.entering) == ["b"]


def test_a_floor_on_blocks_joins_two_groups_by_hand():
    # Members a, b and d, e of 1 m²: two groups of 2. A block counts from 5 m²: only c joins them.
    land = fields(
        slope=[1.0, 1.0, 9.0, 1.0, 1.0, 0.0], member=[True, True, False, True, True, False]
    )
    parcels = units(land, neighbours=beside("ab", "bc", "cd", "de", "ef"))
    rules = [Balance(above_m2=9.0), Blocks(gain_m2=5.0, least_m2=5.0)]
    plan = solve(parcels, goals=[Mean("slope")], rules=rules, gap=0)
    # With f the mean is (4 + 9 + 0) / 6
    assert list(plan.entering) == ["c", "f"]
    assert plan.objective == pytest.approx(13 / 6)


def test_quality_and_budgets_bind_by_scope():
    land = fields(slope=[9.0, 9.0, 1.0, 2.0], q=[2.0, 2.0, 1.0, 2.0], cost=[1.0, 1.0, 1.0, 5.0])
    land["member"], land["town"] = [True, True, False, False], ["u", "v", "u", "v"]
    rules = [Balance(scope="town"), Quality("q", scope="town")]
    plan = solve(units(land), goals=[Mean("slope")], rules=rules, gap=0)
    assert (list(plan.leaving), list(plan.entering)) == (["b"], ["d"])
    poor = [*rules, Budget("cost", most=5.5)]
    assert len(solve(units(land), goals=[Mean("slope")], rules=poor, gap=0).entering) == 0


def test_a_conflict_names_the_rules_that_cannot_hold_together():
    land = fields(slope=[9.0, 1.0], member=[True, False], area_m2=[2.0, 1.0])
    rules = [Balance(), Budget(most=9), Budget(least=1, side="enter")]
    with pytest.raises(InfeasibleError) as caught:
        solve(units(land), goals=[Moved()], rules=rules)
    words = [problem.found for problem in caught.value.problems]
    assert words == [rules[0].words(""), rules[2].words("")]
    assert "没有方案满足全部规则" in caught.value.said("zh")
    assert "发现 面积平衡：−0 … +0 m² · 处理 放宽其中任何一条" in caught.value.said("zh")


def test_every_problem_of_the_units_is_told_at_once():
    land = fields(member=["yes", "no"], area_m2=[0.004, 2.0]).drop(columns="may_enter")
    with pytest.raises(InputError) as caught:
        units(land.set_axis([*"aa"]))
    assert [p.field for p in caught.value.problems] == ["may_enter", "", "member"]
    assert "字段 may_enter · 发现 缺失" in caught.value.said("zh")
    land = fields(member=[True, False], slope=[1.0, None])
    with pytest.raises(InputError, match="finite"):
        solve(units(land), goals=[Mean("slope")])
    with pytest.raises(InputError, match="no column"):
        solve(units(land), goals=[Moved("cost")])
    with pytest.raises(InputError, match="≤ 0"):
        solve(units(land), goals=[Touching(1.0)])
    with pytest.raises(InputError, match="no goal"):
        solve(units(land), goals=[])
    with pytest.raises(InputError, match="least above most: budget: 2 ≤ moved count ≤ 1") as caught:
        solve(units(land), goals=[Moved()], rules=[Budget(most=1, least=2)])
    assert caught.value.said("zh") == "上下限颠倒：预算：2 ≤ 调整 count ≤ 1"


def test_numbers_of_rules_that_are_none_are_refused_together():
    land = fields(slope=[9.0, 1.0], member=[True, False])
    rules = [
        Balance(above_m2=math.inf),
        Budget("slope", most=math.nan),
        Budget(most=-math.inf),
        Blocks(gain_m2=1e101, least_m2=0.0),
        Contiguity(gain=math.nan),
        Budget(most=math.inf, least=-math.inf),
    ]
    with pytest.raises(InputError, match="numbers of rules") as caught:
        solve(units(land), goals=[Mean("slope")], rules=rules)
    assert [problem.field for problem in caught.value.problems] == [
        "Balance.above_m2",
        "Budget.most",
        "Budget.most",
        "Blocks.gain_m2",
        "Blocks.least_m2",
        "Contiguity.gain",
    ]
    assert "发现 inf · 应为 有限数，绝对值至多 1e100 · 处理 给出数值" in caught.value.said("zh")


def test_labels_that_only_differ_in_kind_are_refused():
    land = fields(slope=[9.0, 1.0], member=[True, False])
    with pytest.raises(
        InputError, match='row 1 · found written like another label, such as 1 and "1"'
    ):
        units(land.set_axis(pd.Index([1, "1"], dtype=object)))
    town = units(land.assign(town=pd.Series([1, "1"], index=land.index, dtype=object)))
    with pytest.raises(InputError, match="field town · found 1: written like another") as caught:
        solve(town, goals=[Mean("slope")], rules=[Balance(scope="town")])
    assert "处理 标识统一为数字或文字" in caught.value.said("zh")


def test_a_budget_of_two_and_a_bit_is_two():
    land = fields(slope=[9.0, 9.0, 9.0, 1.0], member=[True, True, True, False])
    plan = solve(units(land), goals=[Moved(weight=-1.0)], rules=[Budget(most=2.7)], gap=0)
    assert plan.objective == -2
    assert verify(plan.certificate).accepted
    plan = solve(units(land), goals=[Moved()], rules=[Budget(least=1.2)], gap=0)
    assert plan.objective == 2


def test_borders_of_broken_length_hold_a_floor_of_whole_length():
    # b is a member that stays; entering a brings 2 x 0.9 m to three members where 2 x 0.5 m for two
    # are today: (1 + 1.8) / 3 = 0.93 m is less than 0.5 + 0.5 = 1 m a member.
    land = fields(slope=[1.0, 5.0, 5.0], member=[False, True, True])
    land["may_leave"] = False
    near = beside("bc").assign(length_m=0.5)
    near = pd.concat([near, beside("ab").assign(length_m=0.9)], ignore_index=True)
    parcels = units(land, neighbours=near)
    with pytest.raises(InfeasibleError):
        solve(parcels, goals=[Mean("slope")], rules=[Contiguity(0.5, by="length")])


def test_a_search_that_a_limit_stopped_does_not_say_that_there_is_no_plan():
    count = 300
    land = pd.DataFrame({"area_m2": 1.0, "slope": range(count), "may_leave": True})
    land = land.assign(member=land["slope"] % 2 == 0, may_enter=True)
    rules = [Balance(), Budget(least=20)]
    for limit in ({"seconds": 1e-9}, {"effort": Effort(work=1.0)}):
        with pytest.raises(LimitError):
            solve(units(land), goals=[Mean("slope")], rules=rules, **limit)


def test_a_class_that_might_end_up_empty_still_has_its_best_plan():
    # a has to leave; without b or c nothing would be left to take the mean over
    land = fields(slope=[1.0, 5.0, 6.0], member=[True, False, False])
    rules = [Budget(least=1, side="leave")]
    plan = solve(units(land), goals=[Mean("slope")], rules=rules, gap=0)
    assert (list(plan.entering), plan.objective) == (["b"], 5.0)


def test_lengths_of_borders_are_numbers():
    land = fields(slope=[1.0, 5.0], member=[True, False])
    for length in (-1.0, float("nan")):
        with pytest.raises(InputError, match="lengths"):
            units(land, neighbours=beside("ab", length=length))
