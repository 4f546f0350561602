"""Where ground may slide, torrents may bring rubble, and rivers may flood: zones by level."""

from __future__ import annotations

from geo.words import Text
from layers.fields import Field, LayerSchema

KINDS = ("landslide", "debris_flow", "flood")
LEVELS = ("high", "medium", "low")

HAZARDS = LayerSchema(
    "hazards",
    "vector",
    Text("地质灾害与洪水风险区", "hazard zones"),
    "polygon",
    (
        Field("id", "text", Text("编号", "id"), key=True),
        Field("kind", "text", Text("灾种", "kind"), allowed=KINDS),
        Field("level", "text", Text("风险等级", "level"), allowed=LEVELS),
    ),
    lies="anywhere",
)
