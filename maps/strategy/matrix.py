"""Plans against plans as a square: what each is to each other, why, and where its hectares lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from geo.words import Text
from maps.leading import href
from maps.strategy.rows import Row, amount, mu, rows, table, words
from maps.wording import pair, plain
from scenarios.result import Run

SEPARATOR = ";"
MARKS = {"conflict": "✕", "help": "＋", "none": "·", "unknown": "?", "own": ""}
CONTESTED, SHARED, LAND = "contested", "shared", "land"
"""Layers of a strategy: what several plans claim, what they share, the land of each."""
PLACED = Text("{land}，{town}：{ha} 公顷", "{land}, {town}: {ha} ha")


def plans(run: Run, pages: Sequence[str]) -> list[dict[str, Any]]:
    """Give the plans in their order, with what earlier ones hand over to them."""
    source = table(run, "plans")
    return [
        {
            "name": str(row["plan"]),
            "number": str(row["number"]),
            "title": words(source, row, "plan"),
            "ran": row["state"] == "run",
            "hands": words(source, row, "stands_on"),
            "href": href(str(row["folder"])) if row["folder"] in pages else "",
        }
        for row in source.frame.to_dict("records")
    ]


def matrix(run: Run) -> dict[str, Any]:
    """Give the states with their words and marks, and the cells row by row in the plans' order."""
    names = [str(row["plan"]) for row in rows(run, "plans")]
    source = table(run, "pairs")
    pairs = {(row["plan"], row["other"]): row for row in source.frame.to_dict("records")}
    places = _Places(run)
    states = next(one.categories for one in source.columns if one.name == "state")
    return {
        "states": [
            {"code": one.code, "words": pair(one.title), "mark": MARKS[one.code]} for one in states
        ],
        "cells": [
            [
                places.own(name)
                if name == other
                else _cell(pairs[name, other], words(source, pairs[name, other], "why"), places)
                for other in names
            ]
            for name in names
        ],
    }


def _cell(row: Row, why: list[str], places: _Places) -> dict[str, Any]:
    layer, features = places.of(str(row["plan"]), str(row["other"]), str(row["state"]))
    known = plain(row["area_ha"])
    return {
        "state": row["state"],
        "why": why,
        "ha": amount(known, 4 if row["state"] == "conflict" else 2) if known else "",
        "mu": mu(known),
        "layer": layer,
        "features": features,
        **places.about(features if layer == CONTESTED else ()),
    }


class _Places:
    """Where the land of plans lies on the map, and what is known of contested pieces."""

    def __init__(self, run: Run) -> None:
        self.frames: dict[str, Any] = {
            one.id: one.data for one in run.result.layers if one.id in {CONTESTED, SHARED, LAND}
        }
        self.rules = {rule.id: place for place, rule in enumerate(run.rules)}
        self.pieces = self._pieces(run)

    @staticmethod
    def _pieces(run: Run) -> dict[str, list[list[str]]]:
        """Say of what class, in which township, how large each piece is."""
        found: dict[str, list[list[str]]] = {}
        for row in rows(run, CONTESTED):
            land = words(table(run, CONTESTED), row, "class")
            town = words(table(run, CONTESTED), row, "township")
            ha = amount(row["area_ha"], 4)
            said = [
                form.format(land=land[side], town=town[side], ha=ha)
                for side, form in enumerate(pair(PLACED))
            ]
            found.setdefault(str(row["piece"]), []).append(said)
        return found

    def of(self, plan: str, other: str, state: str) -> tuple[str, list[str]]:
        """Give the layer and the features of the hectares of a cell; else of both plans."""
        layer = {"conflict": CONTESTED, "none": SHARED}.get(state, "")
        if layer in self.frames:
            frame = self.frames[layer]
            both = [{plan, other} <= set(one.split(SEPARATOR)) for one in frame["takers"]]
            if any(both):
                return layer, [str(label) for label in frame.index[both]]
        return LAND, self._land(plan, other)

    def _land(self, *plans_: str) -> list[str]:
        frame = self.frames.get(LAND)
        return [] if frame is None else [one for one in plans_ if one in frame.index]

    def own(self, plan: str) -> dict[str, Any]:
        """Give the cell of a plan against itself: its land."""
        land = self._land(plan)
        ha = self.frames[LAND].loc[plan, "area_ha"] if land else None
        return {
            "state": "own",
            "why": ["", ""],
            "ha": amount(ha, 2) if land else "",
            "mu": mu(ha),
            "layer": LAND,
            "features": land,
            **self.about(()),
        }

    def about(self, labels: Sequence[str]) -> dict[str, Any]:
        """Give the rules that bind pieces, the uses that would come, and the land they are now."""
        if not labels:
            return {"rules": [], "uses": [], "pieces": []}
        own = self.frames[CONTESTED].loc[list(labels)]
        ids = sorted({one for cell in own["rules"] for one in str(cell).split(SEPARATOR) if one})
        uses = dict.fromkeys(zip(own["uses"], own["uses_en"], strict=True))
        return {
            "rules": [self.rules.get(one, one) for one in ids],
            "uses": [list(one) for one in uses],
            "pieces": [one for label in labels for one in self.pieces.get(label, [])],
        }


def subsets(run: Run) -> dict[str, Mapping[str, Any]]:
    """Give what the page tells first of subsets: all plans that ran, then what counts most.

    Nothing where there are too many plans for every subset to be looked at.
    """
    ran = {str(row["plan"]) for row in rows(run, "plans") if row["state"] == "run"}
    whole = next((one for one in rows(run, "subsets") if {*_codes(one)} == ran), None)
    best = next(rows(run, "subsets"), None)
    if whole is None or best is None:
        return {}
    source = table(run, "subsets")
    told = {"all": whole} if _codes(whole) == _codes(best) else {"all": whole, "best": best}
    return {
        name: {
            "plans": words(source, row, "plans"),
            "fits": row["fits"] == "yes",
            "verdict": words(source, row, "fits"),
            "rest": words(source, row, "rest"),
            "codes": _codes(row),
        }
        for name, row in told.items()
    }


def _codes(row: Row) -> list[str]:
    return str(row["codes"]).split(SEPARATOR)
