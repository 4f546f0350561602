"""One indicator as a card: verdict, value, change from the baseline, bar, note, what lights up."""

from __future__ import annotations

import math
from typing import Any

from maps.wording import VERDICTS, number, pair, unit_words
from scenarios.result import Metric

MU_PER_HA = 15.0
TICKS = {"pass": "good", "better": "good", "fail": "bad", "over": "bad", "breach": "bad",
         "worse": "bad"}  # fmt: skip


def card(metric: Metric) -> dict[str, Any]:
    """Give one metric as a card: names, verdict, value, change, bar, note, what lights up."""
    verdict = judged(metric)
    scale = _scale(metric)
    zh, en = unit_words(metric.unit)
    return {
        "title": pair(metric.title),
        "verdict": list(VERDICTS[verdict]) if verdict else None,
        "tone": TICKS.get(verdict, "plain"),
        "value": written(metric.value, metric.decimals),
        "unit": [zh, en],
        "also": _mu(metric),
        "change": _change(metric),
        "bar": _share(metric.value, scale) if _compares(metric) else None,
        "tick": _share(metric.target, scale),
        "mark": _share(metric.before, scale),
        "note": _notes(metric, zh, en),
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
    if metric.before is None or not metric.better or not math.isfinite(metric.before):
        return ""
    step = round(metric.value - metric.before, metric.decimals)
    if step == 0:
        return "same"
    return "better" if (step > 0) == (metric.better == "higher") else "worse"


def _against_target(metric: Metric, target: float) -> str:
    """Judge a figure by its target; a limit of nought that is passed is a breach."""
    if metric.better == "higher":
        return "pass" if metric.value >= target else "fail"
    if metric.value <= target:
        return "pass"
    return "breach" if target == 0 else "over"


def _change(metric: Metric) -> dict[str, Any] | None:
    """Give the change from the baseline, its arrow and whether it is for the better."""
    if metric.before is None or not math.isfinite(metric.value - metric.before):
        return None
    step = round(metric.value - metric.before, metric.decimals)
    size = number(abs(step), metric.decimals)
    arrow = "▲" if step > 0 else "▼"
    tone = "plain"
    if step and metric.better:
        tone = "good" if (step > 0) == (metric.better == "higher") else "bad"
    said = [f"较现状 {arrow} {size}", f"vs. now {arrow} {size}"]
    return {"text": said if step else ["与现状持平", "same as now"], "tone": tone}


def _mu(metric: Metric) -> list[str] | None:
    """Give hectares in 亩 as well, from ten thousand on in 万亩; 1 ha is 15 亩 exactly."""
    if metric.unit != "ha" or not math.isfinite(metric.value):
        return None
    mu = metric.value * MU_PER_HA
    if abs(mu) >= 10_000:
        return [f"{number(mu / 10_000, 2)} 万亩", f"{number(mu, 0)} mu"]
    return [f"{number(mu, 1)} 亩", f"{number(mu, 1)} mu"]


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


def _notes(metric: Metric, zh: str, en: str) -> list[str]:
    """Give target, baseline and note in one line each language."""
    chinese, english = [], []
    if metric.target is not None:
        sign = {"higher": "≥", "lower": "≤", "": "="}[metric.better]
        goal = written(metric.target, metric.decimals)
        chinese.append(f"目标 {sign} {goal} {zh}")
        english.append(f"target {sign} {goal} {en}")
    if metric.before is not None:
        base = written(metric.before, metric.decimals)
        chinese.append(f"现状 {base}")
        english.append(f"now {base}")
    return [
        " · ".join([*chinese, *([metric.note.zh] if metric.note.zh else [])]),
        " · ".join([*english, *([metric.note.en] if metric.note.en else [])]),
    ]
