"""Algorithms with textbook names, on arrays and frames: no county, no column name, no law."""
