"""How far runs may be held together: of one county, by the same layers, rules, day and code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from geo.words import Text, alike
from scenarios.result import Check, Run
from scenarios.several.compare.staleness import Since
from scenarios.several.gathering import alike_in
from scenarios.several.labels import titled

SAME = Text("相同", "the same")
TODAYS = Text("与现有图层、程序一致", "of the layers and code of today")


def checks(runs: Mapping[str, Run]) -> Iterator[Check]:
    """Say of county, CRS, question, layers, day of judging and code whether all runs have the same.

    What differs is `unknown`: figures stand side by side, what they differ by is not the plan's
    alone.
    """
    yield _check(
        "county",
        Text("同一县域与坐标系", "One county, one CRS"),
        {name: f"{run.county} {run.crs}" for name, run in runs.items()},
        Text("图层不相比，只比指标", "layers are not held together, figures are"),
    )
    yield _check(
        "layer_versions",
        Text("同一版本的图层", "The same versions of layers"),
        _versions(runs),
        Text("以现有图层重新运行", "run again on the layers of today"),
    )
    yield _check(
        "rule_date",
        Text("同一评判日期", "Judged on the same day"),
        {name: str(run.params.get("rule_date", "")) for name, run in runs.items()},
        Text("以同一 rule_date 重新运行", "run again with one rule_date"),
    )
    yield _check(
        "code_version",
        Text("同一版本的程序", "By the same version of the code"),
        {name: run.code[:12] for name, run in runs.items()},
        Text("以同一版本重新运行", "run again by one version"),
    )


def comparable(runs: Mapping[str, Run]) -> bool:
    """Say whether the layers of runs may be held together: one county, one CRS."""
    return alike_in(list(runs.values()))


def _versions(runs: Mapping[str, Run]) -> dict[str, str]:
    """Say of each run which layers differ from those that the other runs used."""
    hashes: dict[str, set[str]] = {}
    for run in runs.values():
        for source in run.sources:
            hashes.setdefault(source.layer, set()).add(source.sha256)
    differing = sorted(layer for layer, known in hashes.items() if len(known) > 1)
    return {
        name: "、".join(
            f"{source.layer} {source.sha256[:8]}"
            for source in run.sources
            if source.layer in differing
        )
        for name, run in runs.items()
    }


def _check(code: str, title: Text, values: Mapping[str, str], remedy: Text) -> Check:
    told = "；".join(f"{name} {value or '—'}" for name, value in values.items())
    check = Check(f"same_{code}", title, "unknown", alike(told), SAME, remedy=remedy)
    if len(set(values.values())) > 1:
        return check
    return replace(check, verdict="pass", found=SAME, remedy=Text("", ""))


def banners(runs: Mapping[str, Run], *, aged: Mapping[str, Since]) -> Iterator[Check]:
    """Say of runs whose layers or code have changed since that they tell of what was then."""
    for name, one in aged.items():
        title = titled(name, runs[name])
        if one.changed.zh:
            yield Check(
                f"stale_{name.lower()}",
                Text(f"{title.zh}：早于现有图层或程序", f"{title.en}: older than layers or code"),
                "unknown",
                Text(f"已改变：{one.changed.zh}", f"changed since: {one.changed.en}"),
                TODAYS,
                remedy=Text("重新运行该情景", "run it again"),
            )
    for why in dict.fromkeys(one.unknown for one in aged.values() if one.unknown.zh):
        names = [name for name, one in aged.items() if one.unknown == why]
        yield Check(
            f"since_{names[0].lower()}",
            Text(
                f"{'、'.join(names)}：运行后图层、程序是否已改变",
                f"{', '.join(names)}: whether layers or code have changed since",
            ),
            "unknown",
            Text(f"无从对照：{why.zh}", f"nothing to hold against: {why.en}"),
            TODAYS,
            remedy=Text(
                "以 --county 指明县域文件夹，或重新运行",
                "name the county's folder with --county, or run it again",
            ),
        )
