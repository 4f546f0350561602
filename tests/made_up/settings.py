"""Made-up parameters in words."""

from geo.words import Text, alike
from scenarios.result import Setting

CHOICE = Text("规划人员选定", "planner's choice")
MADE_UP = (
    Setting(
        "walk_kmh",
        Text("步行速度", "Walking speed"),
        "km/h",
        "4.5",
        "5.0",
        alike("> 0, ≤ 8"),
        CHOICE,
    ),
    Setting(
        "edits", Text("开通道路", "Roads opened"), "", '["second_passage"]', "[]", alike(""), CHOICE
    ),
)
