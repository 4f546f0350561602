"""The run as a report in Word: what a county office reads, and what it may put its own form to."""

from maps.handoff.report.writing import ABOUT, NAME, TITLE, files

__all__ = ["ABOUT", "NAME", "TITLE", "files"]
