"""plan_profile.html: plan-and-profile sheets of a run's roads, to be printed on A3."""

from __future__ import annotations

from geo.words import Text
from maps.handoff.file import File
from maps.roadsheets import KIND, road_sheets
from scenarios.result import Run

NAME = "plan_profile.html"
ABOUT = Text(
    "路线平纵面图，A3 幅面，浏览器离线打开后打印",
    "plan-and-profile sheets of the roads, A3, printed from any browser, offline",
)


def files(run: Run) -> tuple[File, ...]:
    """Give the sheets of a run that has profiles of roads; nothing of any other."""
    page = road_sheets(run)
    return (File(NAME, KIND, ABOUT, page.encode()),) if page else ()
