"""Codes that a corridor's tables and layers hold, each with its title."""

from __future__ import annotations

from collections.abc import Iterable

from geo.words import Text, headed
from layers.county import County
from layers.land.classes import TITLES
from layers.roads.prices import source_title
from layers.roads.standard import LONGEST
from scenarios.answers import backdrop
from scenarios.corridor.road import Case
from scenarios.result import Category, Column

OUTSIDE = "outside"  # stands for the township of land beyond the county
ALTERNATIVE = Column("alternative", Text("方案", "Alternative"))
STRUCTURES = (
    Category("earth", Text("路基", "Earthwork")),
    Category("bridge", Text("桥梁", "Bridge")),
    Category("tunnel", Text("隧道", "Tunnel")),
)
STRUCTURE = Column("structure", Text("结构类型", "Structure"), categories=STRUCTURES)
ELEMENT = Column(
    "kind",
    Text("线形要素", "Element"),
    categories=(
        Category("tangent", Text("直线", "Tangent")),
        Category("spiral", Text("缓和曲线", "Spiral")),
        Category("arc", Text("圆曲线", "Arc")),
    ),
)
TURN = Column(
    "turn",
    Text("转向", "Turn"),
    categories=(Category("left", Text("左转", "Left")), Category("right", Text("右转", "Right"))),
)
BETWEEN = Column(
    "between",
    Text("曲线间关系", "Between curves"),
    categories=(
        Category("same", Text("同向曲线间直线", "Straight, same way on")),
        Category("opposite", Text("反向曲线间直线", "Straight, other way on")),
        Category("s_curve", Text("S 形曲线", "S-curve")),
    ),
)
STANDING = Column(
    "status",
    Text("依据状态", "Standing"),
    categories=(
        Category("verified", Text("已核实", "Verified")),
        Category("secondary", Text("转引", "Secondary")),
        Category("unverified", Text("未核实", "Unverified")),
    ),
)
TREATED = Column(
    "treated",
    Text("选线处理", "Treated as"),
    categories=(
        Category("forbidden", Text("禁止穿越", "Forbidden")),
        Category("repels", Text("按里程计价回避", "Repels at a price")),
    ),
)
QUALITY = Column(
    "quality",
    Text("数据质量", "Quality"),
    categories=(Category("schematic", Text("示意", "Schematic")),),
)
CLASS = Column(
    "class",
    Text("地类", "Class"),
    categories=tuple(Category(code, headed(title)) for code, title in TITLES.items()),
)
RELIEF = Column(
    "relief",
    Text("缓和坡段", "Relief"),
    categories=(Category("relief", Text("缓和坡段", "relief")),),
)
CROSSED = (
    Column("met", Text("被交道路", "Road crossed")),
    Column("class", Text("等级", "Class"), categories=backdrop.ROADS_BY_CLASS),
    Column("catchment_km2", Text("汇水面积", "Catchment"), "km²", 2),
    Column("angle", Text("交角", "Angle"), "°", 0),
    Column("level_m", Text("被交高程", "Its level"), "m", 2),
    Column("above_m", Text("本路高出", "Road above it by"), "m", 2),
    Column("size_m", Text("结构长度", "Length of the structure"), "m", 1),
)
STANDARD_FIGURES = Column(
    "figure",
    Text("指标", "Figure"),
    categories=(
        Category("min_radius_m", Text("圆曲线最小半径（极限值）", "Least radius of curves")),
        Category("general_radius_m", Text("圆曲线最小半径（一般值）", "General radius of curves")),
        Category("no_superelevation_m", Text("不设超高最小半径", "Radius without superelevation")),
        Category("min_spiral_m", Text("缓和曲线最小长度", "Least length of spirals")),
        Category("stopping_sight_m", Text("停车视距", "Stopping sight")),
        Category("max_grade", Text("最大纵坡", "Steepest grade")),
        Category("min_slope_length_m", Text("最小坡长", "Least length of slopes")),
        Category(
            "mean_grade_200_500",
            Text("平均纵坡（相对高差 200–500 m）", "Mean grade of climbs of 200 to 500 m"),
        ),
        Category(
            "mean_grade_above_500",
            Text("平均纵坡（相对高差大于 500 m）", "Mean grade of climbs above 500 m"),
        ),
        Category("window_grade", Text("任意 3 km 平均纵坡", "Mean grade of any 3 km")),
        *(
            Category(
                name,
                Text(f"{100 * grade:.0f} % 纵坡最大坡长", f"Largest length of {100 * grade:.0f} %"),
            )
            for name, grade in LONGEST.items()
        ),
        Category(
            "grade_share",
            Text("连续坡段占用最大坡长之和", "Shares of lengths that stretches in a row use"),
        ),
        Category("relief_grade", Text("缓和坡段最大纵坡", "Steepest grade of a relief")),
        Category(
            "min_vertical_radius_m",
            Text("凸形竖曲线最小半径（极限值）", "Least radius of crests"),
        ),
        Category(
            "general_vertical_radius_m",
            Text("凸形竖曲线最小半径（一般值）", "General radius of crests"),
        ),
        Category("min_sag_radius_m", Text("凹形竖曲线最小半径（极限值）", "Least radius of sags")),
        Category(
            "general_sag_radius_m", Text("凹形竖曲线最小半径（一般值）", "General radius of sags")
        ),
        Category("min_vertical_curve_m", Text("竖曲线最小长度", "Least vertical curve")),
        Category("max_cut_m", Text("最大挖深", "Deepest cut")),
        Category("max_fill_m", Text("最大填高", "Highest fill")),
        Category("cut_slope", Text("挖方边坡（横比竖）", "Side slope in cut")),
        Category("fill_slope", Text("填方边坡（横比竖）", "Side slope in fill")),
        Category("clearance_m", Text("净高", "Clearance above the road")),
        Category("deck_m", Text("桥梁结构高度", "Thickness of a bridge above a road")),
        Category("bore_m", Text("隧道净空高度", "Height of a tunnel")),
        Category("cover_m", Text("下穿隧道覆盖层厚度", "Cover of a tunnel below a road")),
        Category("junction_angle", Text("平面交叉最小交角", "Least angle of junctions")),
        Category("junction_angle_advised", Text("平面交叉宜用交角", "Advised angle of junctions")),
        Category("junction_rise_m", Text("平面交叉最大高差", "Greatest rise to a junction")),
        Category("stream_km2", Text("计入溪流的最小汇水面积", "Least catchment of a stream")),
        Category("culvert_km2", Text("涵洞汇水面积上限", "Catchment up to which a culvert does")),
        Category("flood_depth_m", Text("汇水 1 km² 的洪水水深", "Depth of floods at 1 km²")),
        Category("flood_depth_power", Text("水深随汇水面积的幂", "Power of depth by catchment")),
        Category("flood_width", Text("洪水时水面宽与水深之比", "Width of floods by their depth")),
        Category("freeboard_m", Text("洪水位以上安全超高", "Freeboard above floods")),
        Category("max_superelevation", Text("最大超高", "Greatest superelevation")),
        Category(
            "max_superelevation_freezing",
            Text("最大超高（积雪冰冻地区）", "Greatest superelevation where roads freeze"),
        ),
        Category("crown", Text("路拱横坡", "Crown")),
        Category(
            "side_friction", Text("横向力系数（最小半径处）", "Side friction at least radius")
        ),
        Category(
            "min_runoff_m",
            Text("超高渐变：外缘升高 1 m 的最小长度", "Least runoff a metre of the outer edge"),
        ),
        Category("lane_m", Text("车道宽度", "Width of a lane")),
        Category("widened_below_m", Text("加宽的最大半径", "Largest radius that is widened")),
        Category("eye_m", Text("目高", "Height of the eye")),
        Category("object_m", Text("物高", "Height of an object")),
        Category(
            "path_from_edge_m", Text("视点轨迹距车道边缘", "Path of the eye from the lane's edge")
        ),
        Category("width_m", Text("路基宽度", "Width of the road bed")),
        Category("min_curve_m", Text("平曲线最小长度（极限值）", "Least length of plane curves")),
        Category(
            "general_curve_m",
            Text("平曲线最小长度（一般值）", "General length of plane curves"),
        ),
        Category(
            "same_turn_m",
            Text("同向曲线间最小直线长度", "Least straight between curves the same way"),
        ),
        Category(
            "opposite_turn_m",
            Text("反向曲线间最小直线长度", "Least straight between curves opposite ways"),
        ),
        Category("longest_straight_m", Text("最大直线长度", "Longest straight")),
        Category(
            "straights_from_kmh",
            Text("曲线间直线为强制的设计速度", "Speed from which straights bind"),
        ),
    ),
)


def township(county: County) -> Column:
    """Give the column of townships' codes; land beyond the county has one of its own."""
    beyond = Category(OUTSIDE, Text("县外", "Outside the county"))
    return Column(
        "township", Text("乡镇", "Township"), categories=(*backdrop.towns(county), beyond)
    )


def item(cases: Iterable[Case]) -> Column:
    """Give the column of items of the bill, titled as the cost book does."""
    titles = {
        str(code): Text(row["title_zh"], row["title_en"])
        for case in cases
        for code, row in case.items.iterrows()
    }
    codes = tuple(Category(code, title) for code, title in titles.items())
    return Column("item", Text("项目", "Item"), categories=codes)


def source(cases: Iterable[Case]) -> Column:
    """Give the column that says where prices come from."""
    known = sorted({name for case in cases for name in case.items["source"]})
    codes = tuple(Category(name, source_title(name)) for name in known)
    return Column("source", Text("来源", "Source"), categories=codes)
