"""What can be asked of idle land: day, thresholds, months of each way, demands, prices."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from scenarios.answers import parameters
from scenarios.contract import PLANNER, Params, param

Months = Annotated[int, Field(ge=0, le=120)]


class IdleLand(Params):
    """What can be asked for."""

    rule_date: date = parameters.rule_date(date(2026, 1, 1))
    least_output_wan_yuan_mu: Annotated[float, Field(ge=0, le=10_000)] = param(
        100,
        zh="低效标准：亩均年产值低于（不含）",
        en="short of output below, per mu and year (open)",
        unit="万元/mu",
        source=PLANNER,
    )
    years: Annotated[int, Field(ge=1, le=20)] = param(
        5,
        zh="展望年数（含评判当年）",
        en="years ahead, this one included",
        unit="years",
        source=PLANNER,
    )
    supply_months: Months = param(
        6, zh="组织供应所需月数", en="months to supply land at hand", unit="months", source=PLANNER
    )
    take_back_months: Months = param(
        12,
        zh="收回所需月数（告知、听证、决定）",
        en="months to take land back: notice, hearing, decision",
        unit="months",
        source=PLANNER,
    )
    agree_months: Months = param(
        12,
        zh="协商处置所需月数",
        en="months to agree with the holder",
        unit="months",
        source=PLANNER,
    )
    release_low: bool = param(
        False,
        zh="低效用地也纳入释放",
        en="release land short of output as well",
        unit="",
        source=PLANNER,
    )
    redevelop_months: Months = param(
        36,
        zh="低效用地再开发所需月数",
        en="months to redevelop land short of output",
        unit="months",
        source=PLANNER,
    )
    demands: str = param(
        "",
        zh="用地需求（CSV 或 TOML 文件或文本：id, mu, year, kind）",
        en="demands for land (CSV or TOML file or text: id, mu, year, kind)",
        unit="",
        source=PLANNER,
        file="table",
    )
    sharing: Literal["single", "shared", "spread"] = param(
        "shared",
        zh="匹配方式：single 一宗一项，shared 一宗可分给多项，spread 一项可跨多宗",
        en="matching: single, a demand a plot; shared, several a plot; spread, over several plots",
        unit="",
        source=PLANNER,
    )
    wait_years: Annotated[int, Field(ge=0, le=10)] = param(
        0, zh="需求可等待年数", en="years that a demand may wait", unit="years", source=PLANNER
    )
    price_wan_yuan_mu: Annotated[float, Field(ge=0, le=10_000)] = param(
        0,
        zh="土地价款（0 为未知；宗地自带价款优先）",
        en="land price; 0: not known; a price of the plot's own goes first",
        unit="万元/mu",
        source=PLANNER,
    )
    price_spread_percent: Annotated[float, Field(ge=0, le=100)] = param(
        20, zh="土地价款上下浮动", en="land price, more or less by", unit="%", source=PLANNER
    )

    @property
    def last_year(self) -> int:
        """The last of the years ahead."""
        return self.rule_date.year + self.years - 1
