"""Algorithms with textbook names, on arrays and frames: no county, no column name, no law."""

from pathlib import Path

from geo.compiled import forget_stale

forget_stale(Path(__file__).parent)
