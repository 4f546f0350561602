"""Plans near the best that differ most, and what is told of them.

A question that has an optimum takes both parameters (`parameters.near_best`, `near_percent`); it
finds the plans, and hands over how far each is from the best and how unlike the others it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from geo.errors import Problem
from geo.words import NO_TEXT, Text, alike, joined
from scenarios.answers.alternatives import OWNER
from scenarios.answers.figures import Figure
from scenarios.result import RESULT, Check, Part, Proof, Run, Verdict

ROUNDING = 1e-6  # of a per cent, which sums leave
PROOF = "near_"
"""What the id of a further plan's proof begins with; the plan's code follows."""
BEST = frozenset({"", "1"})
"""Codes of the best plan: alone, and among several."""
WORSE = "worse_percent"
FARTHEST = Text(
    "其他方案能否差别更大：据搜索所得的界，无证书",
    "how unlike others could be: by the bounds of the search, not certified",
)


def title(code: str) -> Text:
    """Give the title of a plan; the first is the best.

    >>> title("1").en, title("2").zh
    ('Plan 1, the best', '方案 2')
    """
    if code == "1":
        return Text("方案 1（最优）", "Plan 1, the best")
    return Text(f"方案 {code}", f"Plan {code}")


@dataclass(frozen=True)
class Near:
    """What was found near the best, by the codes of plans; "1" is the best.

    Attributes
    ----------
    percent, wanted
        How far from the best a plan may be, and how many were asked for.
    worse
        By how much each is worse than the best, %.
    unlike
        How unlike each earlier plan each is, %.
    most
        The difference that no plan near the best can pass, %, by the bounds of the search, of
        which no certificate is kept; held against `reached`. None for the best.
    reached
        What each reaches of that difference, %.
    ended
        Whether it is known that no further plan is near the best.
    """

    percent: float
    wanted: int
    worse: Mapping[str, float]
    unlike: Mapping[str, Mapping[str, float]]
    most: Mapping[str, float]
    reached: Mapping[str, float]
    ended: bool = False

    @property
    def codes(self) -> tuple[str, ...]:
        """The plans, the best first."""
        return tuple(self.worse)

    @property
    def others(self) -> tuple[str, ...]:
        """The plans but for the best."""
        return self.codes[1:]

    def farthest(self, code: str) -> bool:
        """Say whether no plan near the best differs more, by the bounds of the search."""
        return self.reached[code] >= self.most[code] - ROUNDING


@dataclass(frozen=True)
class Told:
    """How a question speaks of them.

    Attributes
    ----------
    worse
        The title of how much worse than the best a plan is.
    unlike
        The title of how unlike the earlier plans it is.
    remedy
        What makes more differences known, or known for sure.
    """

    worse: Text
    unlike: Text
    remedy: Text


def figures(near: Near, told: Told) -> tuple[Figure, ...]:
    """Give the columns that a comparison has for them: worse than the best, unlike each plan."""
    worse = Figure(WORSE, told.worse, "%", 2, better="lower")
    unlike = (
        Figure(f"unlike_{code}", Text(f"与方案 {code} 不同", f"Unlike plan {code}"), "%")
        for code in near.codes[:-1]
    )
    return worse, *unlike


def values(near: Near, code: str) -> dict[str, float]:
    """Give the figures of a plan."""
    unlike = {f"unlike_{other}": share for other, share in near.unlike.get(code, {}).items()}
    return {WORSE: near.worse[code], **unlike}


def held(run: Run, proof: Proof, worse: float) -> Iterator[Problem]:
    """Ask whether the table of plans says of one how much worse it is, as certificates do.

    Parameters
    ----------
    run, proof
        The run, and the proof of the plan.
    worse
        What follows from the certificates of the plan and of the best, %.
    """
    code = proof.id.removeprefix(PROOF)
    rows = [one.frame for one in run.result.tables if {OWNER, WORSE} <= set(one.frame)]
    values = [value for one in rows for value in one.loc[one[OWNER] == code, WORSE]]
    if len(values) != 1 or not abs(values[0] - worse) <= ROUNDING:
        place = f"tables/comparison/{WORSE}"
        yield Problem(RESULT, row=code, field=place, found=f"{values!r}", expected=f"{worse!r} %")


def checks(near: Near, told: Told) -> Iterator[Check]:
    """Judge that each is near the best, that none could differ more, and that all were found."""
    if near.others:
        yield _near(near, told)
        yield _unlike(near, told)
    found = len(near.others)
    if found < near.wanted:
        few = Text(
            f"与最优相差 {near.percent:g} % 以内没有更多方案"
            if near.ended
            else "未找到更多相近方案",
            f"No more plans within {near.percent:g} % of the best"
            if near.ended
            else "No more plans found near the best",
        )
        wider = Text("放宽 near_percent", "allow a larger near_percent")
        verdict: Verdict = "fail" if near.ended else "unknown"
        yield Check(
            "near_found", few, verdict, alike(f"{found}"), alike(f"{near.wanted}"), remedy=wider
        )


def _near(near: Near, told: Told) -> Check:
    verdicts = {code: _within(near, code) for code in near.codes}
    parts = [
        Part(code, verdict, alike(f"{near.worse[code]:.2f} %"))
        for code, verdict in verdicts.items()
    ]
    worst = max(near.worse.values())
    whole: Verdict = "pass" if set(verdicts.values()) == {"pass"} else "fail"
    allowed = alike(f"≤ {near.percent:g} %")
    return Check(
        "near_best", told.worse, whole, alike(f"{worst:.2f} %"), allowed, parts=tuple(parts)
    )


def _within(near: Near, code: str) -> Verdict:
    return "pass" if near.worse[code] <= near.percent + ROUNDING else "fail"


def _unlike(near: Near, told: Told) -> Check:
    """Say how unlike the earlier plans each is, and whether none could be more so."""
    open_ = [code for code in near.others if not near.farthest(code)]
    parts = [Part("1", "pass", Text("最优方案", "the best plan"))]
    for code in near.others:
        known = near.farthest(code)
        verdict: Verdict = "pass" if known else "unknown"
        parts.append(
            Part(code, verdict, _reached(near, code), remedy=NO_TEXT if known else told.remedy)
        )
    each = joined((_of(code, _reached(near, code)) for code in near.others), "；", "; ")
    return Check(
        "near_unlike",
        told.unlike,
        "unknown" if open_ else "pass",
        each,
        Text("没有差别更大的方案", "no plan differs more"),
        remedy=told.remedy if open_ else NO_TEXT,
        parts=tuple(parts),
    )


def _of(code: str, words: Text) -> Text:
    return Text(f"方案 {code}：{words.zh}", f"plan {code}: {words.en}")


def _reached(near: Near, code: str) -> Text:
    """Say how much of a difference was found, and by how much more none can differ.

    >>> near = Near(5, 1, {"1": 0, "2": 3}, {"2": {"1": 50}}, {"2": 80}, {"2": 50})
    >>> _reached(near, "2").en
    'found 50 %, at most 80 % by the bounds of the search, not certified'
    """
    reached, most = near.reached[code], near.most[code]
    if near.farthest(code):
        return Text(
            f"{reached:.0f} %，据搜索所得的界已是最大（无证书）",
            f"{reached:.0f} %, the most by the bounds of the search, not certified",
        )
    return Text(
        f"找到 {reached:.0f} %，据搜索所得的界至多 {most:.0f} %（无证书）",
        f"found {reached:.0f} %, at most {most:.0f} % by the bounds of the search, not certified",
    )


def sentence(near: Near) -> Text:
    """Say in one sentence which plans there are beside the best.

    >>> print(sentence(Near(5, 1, {"1": 0, "2": 3}, {"2": {"1": 50}}, {"2": 50}, {"2": 50})).en)
    Further plans found within 5 % of the best: plan 2 (3.00 % less, 50 % unlike); none could be
    more unlike, by the bounds of the search.
    """
    within = f"{near.percent:g} %"
    each = joined(_said(near, code) for code in near.others)
    if not near.others:
        return Text(
            f"与最优相差 {within} 以内未找到其他方案。",
            f"No further plan was found within {within} of the best.",
        )
    known = Text(
        "据搜索所得的界差别均已最大", "none could be more unlike, by the bounds of the search"
    )
    if not all(map(near.farthest, near.others)):
        known = Text("差别是否最大未知", "whether others could be more unlike is not known")
    return Text(
        f"与最优相差 {within} 以内另找到：{each.zh}；{known.zh}。",
        f"Further plans found within {within} of the best: {each.en}; {known.en}.",
    )


def _said(near: Near, code: str) -> Text:
    worse, reached = f"{near.worse[code]:.2f} %", f"{near.reached[code]:.0f} %"
    return Text(
        f"方案 {code}（少 {worse}，不同 {reached}）",
        f"plan {code} ({worse} less, {reached} unlike)",
    )
