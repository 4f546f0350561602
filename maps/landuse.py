"""Colours of land: as surveyed, as planned, and of what changes; two palettes on purpose.

What is there now is drawn as the third national survey (三调) draws it, by survey code; what is
planned as 市级国土空间总体规划制图规范, appendix B, does, by the class's name. A code that both
lists share is a survey code when its title is the survey's.
"""

from __future__ import annotations

from collections.abc import Sequence

from scenarios.result import Category

Rgb = tuple[int, int, int]
PLAN: dict[str, Rgb] = {
    "耕地": (245, 248, 220),
    "园地": (191, 233, 170),
    "林地": (104, 177, 103),
    "草地": (205, 245, 122),
    "湿地": (101, 205, 170),
    "农业设施": (216, 215, 159),
    "城镇住宅": (255, 255, 45),
    "农村宅基地": (255, 211, 128),
    "机关团体": (255, 0, 255),
    "文化": (255, 127, 0),
    "教育": (255, 133, 201),
    "科研": (230, 0, 92),
    "体育": (0, 165, 124),
    "医疗": (255, 127, 126),
    "社会福利": (255, 159, 127),
    "商业": (255, 0, 0),
    "工业": (187, 150, 116),
    "采矿": (158, 108, 84),
    "仓储": (135, 97, 211),
    "交通": (183, 183, 183),
    "公路": (173, 173, 173),
    "公用设施": (0, 99, 128),
    "公园绿地": (0, 255, 0),
    "防护绿地": (20, 141, 74),
    "广场": (172, 255, 207),
    "留白": (255, 255, 255),
    "陆地水域": (51, 142, 192),
    "其他土地": (238, 238, 238),
}


# Code, the survey's name and its colour: 0101, 0102, 0103, 0201, 0301, 0305, 0404, 0601, 0701,
# 0702, 1003, 1101, 1104 and 1202 as the survey has them, the others a shade of their neighbour's.
SURVEY: dict[str, tuple[str, Rgb]] = {
    "0101": ("水田", (248, 208, 114)),
    "0102": ("水浇地", (248, 231, 28)),
    "0103": ("旱地", (255, 251, 177)),
    "0201": ("果园", (214, 167, 201)),
    "0202": ("茶园", (224, 186, 214)),
    "0203": ("橡胶园", (230, 200, 222)),
    "0204": ("其他园地", (236, 212, 230)),
    "0301": ("乔木林地", (49, 173, 105)),
    "0302": ("竹林地", (75, 180, 120)),
    "0305": ("灌木林地", (100, 185, 104)),
    "0307": ("其他林地", (132, 201, 136)),
    "0401": ("天然牧草地", (180, 217, 134)),
    "0403": ("人工牧草地", (190, 222, 147)),
    "0404": ("其他草地", (200, 227, 160)),
    "0601": ("工业用地", (197, 154, 140)),
    "0602": ("采矿用地", (182, 138, 124)),
    "0701": ("城镇住宅用地", (229, 103, 102)),
    "0702": ("农村宅基地", (236, 137, 138)),
    "1003": ("公路用地", (210, 216, 201)),
    "1004": ("城镇村道路用地", (220, 224, 212)),
    "1006": ("农村道路", (226, 230, 219)),
    "1101": ("河流水面", (163, 214, 245)),
    "1103": ("水库水面", (150, 205, 240)),
    "1104": ("坑塘水面", (144, 170, 207)),
    "1107": ("沟渠", (172, 206, 232)),
    "1202": ("设施农用地", (220, 180, 130)),
    "1203": ("田坎", (230, 200, 160)),
}
GROUPS: dict[str, Rgb] = {
    "01": (250, 230, 150),
    "02": (224, 186, 214),
    "03": (100, 185, 104),
    "04": (200, 227, 160),
    "05": (224, 150, 140),
    "06": (197, 154, 140),
    "07": (236, 137, 138),
    "08": (232, 160, 190),
    "09": (214, 176, 160),
    "10": (210, 216, 201),
    "11": (163, 214, 245),
    "12": (214, 206, 190),
}
# The survey's classes in the order in which they keep their plain colour: the first of two that are
# too alike does, the later one is hatched.
ORDER = (
    *("0101", "0103", "0301", "0201", "0702", "0701", "1101", "0601", "1003", "0404", "0102"),
    *("0202", "0302", "0305", "0307", "0204", "0203", "0303", "0304", "0306", "1104", "1103"),
    *("1107", "1202", "1006", "1004", "0602", "0603", "0508", "05H1", "0809", "0810", "08H1"),
    *("08H2", "09", "1203", "1204", "1205", "1206", "1207", "1201", "0401", "0402", "0403"),
    *("1001", "1002", "1005", "1007", "1008", "1009", "1102", "1105", "1106", "1108", "1109"),
    "1110",
)
# Classes by their code in the toolkit, drawn as the plan draws what they name; forest owners too.
CLASSES: dict[str, Rgb] = {
    "cropland": PLAN["耕地"],
    "orchard": PLAN["园地"],
    "forest": PLAN["林地"],
    "grass": PLAN["草地"],
    "wetland": PLAN["湿地"],
    "water": PLAN["陆地水域"],
    "homestead": PLAN["农村宅基地"],
    "construction": (235, 120, 100),
    "other_farm": PLAN["农业设施"],
    "other": PLAN["其他土地"],
    "collective": PLAN["林地"],
    "state": (38, 98, 120),
}
# Zones that protect: seen through, so that what lies in them is seen too.
ZONES: dict[str, Rgb] = {
    "park_core": (0, 104, 55),
    "park_general": (86, 170, 90),
    "core": (0, 104, 55),
    "general": (86, 170, 90),
    "basic_farmland": (196, 128, 0),
    "redline": (190, 24, 60),
    "source_water": (30, 110, 190),
    "settlements": (229, 103, 102),
}
# Hazards: seen through and hatched, in colours that no other zone has.
HAZARDS: dict[str, Rgb] = {
    "landslide": (150, 82, 20),
    "debris_flow": (122, 46, 142),
    "flood": (14, 95, 168),
}
HATCHED = {"landslide": "fall", "debris_flow": "dots", "flood": "level"}
# Land of several plans: contested stands out from all of them, hatched and edged.
CLAIMED: dict[str, Rgb] = {"contested": (181, 71, 60), "shared": (47, 125, 107)}
CLAIMED_HATCHED = {"contested": "rise bold", "shared": "grid"}
# What enters a class, what leaves it, what stays: apart in lightness as well as in hue.
CHANGES: dict[str, Rgb] = {"in": (20, 122, 118), "out": (224, 122, 38), "kept": (250, 226, 122)}
# States of industrial plots: what is to be dealt with stands out, what is in order stands back.
PLOTS: dict[str, Rgb] = {
    "not_supplied": (31, 104, 178),
    "taken_back": (150, 16, 60),
    "fee": (214, 74, 50),
    "agreed": (240, 146, 86),
    "cause_open": (196, 112, 176),
    "low_output": (226, 186, 62),
    "in_term": (186, 211, 228),
    "in_use": (226, 228, 216),
    "not_known": (138, 148, 157),
}

# Land of a new town: what refuses it, and the uses that come.
TOWN: dict[str, Rgb] = {
    "yes": (158, 210, 140),
    "levelled": (74, 166, 98),
    "built": (118, 120, 128),
    "farmland": (240, 216, 120),
    "ecology": (190, 24, 60),
    "beyond": (206, 206, 216),
    "special": (150, 186, 214),
    "geology": (170, 78, 58),
    "flooded": (64, 124, 196),
    "steep": (168, 138, 178),
    "existing": (224, 150, 140),
    "watery": (163, 214, 245),
    "demonstration": (176, 136, 100),
    "platform": (140, 98, 172),
    "headquarters": (206, 58, 62),
    "ethnic": (230, 140, 56),
    "integration": (240, 162, 190),
    "housing": (250, 226, 84),
    "green": (110, 186, 92),
    "streets": (168, 174, 180),
    "left": (242, 242, 236),
    "scraps": (214, 214, 204),
}

MOVES = frozenset({"in", "out"})
"""Of these even the smallest parcel is seen from far off."""


def colour(category: Category, among: Sequence[Category]) -> Rgb | None:
    """Give the colour of a class of land among the classes of its layer; nothing when unknown.

    >>> from layers.source import Text
    >>> now, plan = (Category(c, Text(zh, "")) for c, zh in (("0101", "水田"), ("01", "耕地")))
    >>> colour(now, [now]), colour(plan, [plan])
    ((248, 208, 114), (245, 248, 220))
    """
    for known in (CHANGES, ZONES, HAZARDS, CLAIMED, PLOTS, TOWN):
        if category.code in known:
            return known[category.code]
    if is_survey(among):
        return surveyed(category.code)
    if category.code in CLASSES:
        return CLASSES[category.code]
    return next((c for name, c in PLAN.items() if category.title.zh.startswith(name)), None)


def surveyed(code: str) -> Rgb | None:
    """Give the survey's colour of a class; that of its group where the class has none.

    >>> surveyed("0101"), surveyed("0809")
    ((248, 208, 114), (232, 160, 190))
    """
    listed = SURVEY.get(code[:4])
    return listed[1] if listed else GROUPS.get(code[:2])


def is_survey(categories: Sequence[Category]) -> bool:
    """Say whether codes are the survey's: four digits or more, no title that contradicts its list.

    Classes without a code of digits, such as 其他 (other), do not decide.
    """
    coded = [c for c in categories if c.code[:2].isdigit()]
    detailed = [c for c in coded if len(c.code) >= 4]
    return bool(detailed) and len(detailed) == len(coded) and not any(map(_contradicts, detailed))


def _contradicts(category: Category) -> bool:
    known = SURVEY.get(category.code[:4])
    if known is None:
        return category.code[:2] not in GROUPS
    title = category.title.zh
    return not (title.startswith(known[0][:2]) or known[0][:2] in title)
