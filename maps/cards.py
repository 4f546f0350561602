"""One indicator as a card: verdict, value, change from the baseline, bar, note, what lights up."""

from __future__ import annotations

import math
from typing import Any

from geo.words import Text
from maps.wording import VERDICTS, number, pair, unit_words
from scenarios.result import Metric

MU_PER_HA = 15.0
SAME = Text("与现状持平", "same as now")
FINER = 6  # decimals added at most, to tell a figure from its target
TICKS = {
    "pass": "good",
    "better": "good",
    "fail": "bad",
    "over": "bad",
    "breach": "bad",
    "worse": "bad",
}


def card(metric: Metric) -> dict[str, Any]:
    """Give one metric as a card: names, verdict, value, change, bar, note, what lights up."""
    verdict = judged(metric)
    digits = places(metric)
    scale = _scale(metric)
    zh, en = unit_words(metric.unit)
    return {
        "title": pair(metric.title),
        "verdict": pair(VERDICTS[verdict]) if verdict else None,
        "tone": TICKS.get(verdict, "plain"),
        "value": written(metric.value, digits),
        "unit": [zh, en],
        "also": _mu(metric),
        "change": _change(metric, digits),
        "bar": _share(metric.value, scale) if _compares(metric) else None,
        "tick": _share(metric.target, scale),
        "mark": _share(metric.before, scale),
        "note": _notes(metric, digits),
        "layer": metric.layer,
        "features": list(metric.features),
    }


def written(value: float, decimals: int) -> str:
    """Write a figure; what is not finite is unknown, never a number.

    >>> written(12.345, 1), written(float("nan"), 1)
    ('12.3', '—')
    """
    return number(value, decimals) if math.isfinite(value) else "—"


def judged(metric: Metric) -> str:
    """Name the verdict on a metric, or nothing when nothing was asked of it.

    Against the target where there is one (reaching it passes), else against the baseline.
    """
    if not math.isfinite(metric.value):
        return "unknown"
    if metric.target is not None and metric.better:
        return _against_target(metric, metric.target)
    step = moved(metric, metric.decimals)
    if step is None or not metric.better:
        return ""
    if step == 0:
        return "same"
    return "better" if (step > 0) == (metric.better == "higher") else "worse"


def _against_target(metric: Metric, target: float) -> str:
    """Judge a figure by its target; a limit of nought that is passed is a breach.

    What differs from its target by less than is ever shown has reached it.
    """
    finest = metric.decimals + FINER
    beyond = _shown(metric.value, finest) - _shown(target, finest)
    if beyond == 0 or (beyond > 0) == (metric.better == "higher"):
        return "pass"
    if metric.better == "higher":
        return "fail"
    return "breach" if target == 0 else "over"


def _shown(value: float, decimals: int) -> float:
    """Give a figure as it is written.

    >>> _shown(7.86, 1), _shown(1032.04, 0)
    (7.9, 1032.0)
    """
    return round(value, max(decimals, 0))


def places(metric: Metric) -> int:
    """Give the decimals with which a figure that misses its target is not written as the target."""
    target, least = metric.target, metric.decimals
    if target is None or judged(metric) not in {"fail", "over", "breach"}:
        return least
    apart = (n for n in range(least, least + FINER) if _shown(metric.value, n) != _shown(target, n))
    return next(apart, least + FINER)


def moved(metric: Metric, decimals: int) -> float | None:
    """Give the change from the baseline: that of both figures as they are written."""
    if metric.before is None or not math.isfinite(metric.value - metric.before):
        return None
    change = _shown(metric.value, decimals) - _shown(metric.before, decimals)
    return _shown(change, decimals)


def _change(metric: Metric, digits: int) -> dict[str, Any] | None:
    """Give the change from the baseline, its arrow and whether it is for the better."""
    step = moved(metric, digits)
    if step is None:
        return None
    size = number(abs(step), digits)
    arrow = "▲" if step > 0 else "▼"
    tone = "plain"
    if step and metric.better:
        tone = "good" if (step > 0) == (metric.better == "higher") else "bad"
    words = Text(f"较现状 {arrow} {size}", f"vs. now {arrow} {size}") if step else SAME
    return {"text": pair(words), "tone": tone}


def _mu(metric: Metric) -> list[str] | None:
    """Give hectares in 亩 as well, from ten thousand on in 万亩; 1 ha is 15 亩 exactly."""
    if metric.unit != "ha" or not math.isfinite(metric.value):
        return None
    mu = metric.value * MU_PER_HA
    if abs(mu) >= 10_000:
        return pair(Text(f"{number(mu / 10_000, 2)} 万亩", f"{number(mu, 0)} mu"))
    return pair(Text(f"{number(mu, 1)} 亩", f"{number(mu, 1)} mu"))


def _scale(metric: Metric) -> float:
    """Give the figure at the right end of the bar: 100 for shares, else a round one above all."""
    figures = [abs(v) for v in (metric.value, metric.before, metric.target) if v is not None]
    top = max([v for v in figures if math.isfinite(v)], default=0.0)
    if metric.unit == "%" and top <= 100:
        return 100.0
    return top * 1.1 or 1.0


def _compares(metric: Metric) -> bool:
    """Say whether a bar tells anything: a share, or a figure beside another one."""
    return metric.unit == "%" or metric.before is not None or metric.target is not None


def _share(value: float | None, scale: float) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return round(min(max(value / scale, 0.0), 1.0), 4)


def _notes(metric: Metric, digits: int) -> list[str]:
    """Give target, baseline and note in one line each language."""
    zh, en = unit_words(metric.unit)
    notes: list[Text] = []
    if metric.target is not None:
        sign = {"higher": "≥", "lower": "≤", "": "="}[metric.better]
        goal = written(metric.target, digits)
        notes.append(Text(f"目标 {sign} {goal} {zh}", f"target {sign} {goal} {en}"))
    if metric.low is not None and metric.high is not None:
        ends = f"{written(metric.low, digits)} … {written(metric.high, digits)}"
        notes.append(Text(f"区间 {ends}", f"between {ends}"))
    if metric.before is not None:
        base = written(metric.before, digits)
        notes.append(Text(f"现状 {base}", f"now {base}"))
    notes.append(metric.note)
    return [" · ".join(filter(None, one)) for one in zip(*map(pair, notes), strict=True)]
