"""Wrong people, roads, names and places, as `tests.wrong_contents` has them."""

import geopandas as gpd
import numpy as np

from tests.wrong_contents import (
    BOTH,
    Wrong,
    as_layer,
    column,
    degrees,
    doubled,
    exchanged,
    jitter,
    mercator,
    moved,
    next_zone,
    of,
    prefixed,
    rolled,
    rows,
    times,
    turned,
)

GCJ02 = (451.0, -381.0)
SHIFTS = {"gcj02": GCJ02, "gcj02_undone_twice": (-451.0, 381.0), "1_km": (700.0, 714.0)}
FITTED = {
    "parcels": ("parcels.shifted", "parcels.pilots_covered"),
    "forest": ("forest.shifted",),
    "hazards": ("hazards.shifted",),
    "park": ("park.shifted", "forest.shifted"),
    "redline": ("redline.shifted",),
    "tower_sites": ("tower_sites.shifted", "tower_sites.heights_off"),
    "pilots": ("pilots.shifted", "pilots.not_the_township"),
    "basic_farmland": ("basic_farmland.not_on_cropland",),
    "levelled_land": ("levelled_land.outside_others",),
}
ON_TWIN = ("parcels", "pilots")
"""Layers of the twin that tell a shift: its terrain is a plane, its zones are squares."""


def people():
    def at_one_place(frame):
        return frame.set_geometry(
            gpd.GeoSeries([frame.geometry.iloc[0]] * len(frame), index=frame.index, crs=frame.crs)
        )

    def stated(factor):
        return {
            "townships": lambda county: (t := county.vector("townships")).assign(
                population=county.vector("settlements")
                .groupby("township")["population"]
                .sum()
                .reindex(t.index)
                * factor
            )
        }

    return {
        "people_negative": Wrong(
            ("settlements.population",), times("settlements", -1, "population")
        ),
        "people_unknown": Wrong(
            ("settlements.population",), column("settlements", population=np.nan)
        ),
        "people_mostly_nobody": Wrong(
            ("settlements.nobody_mostly",), rows("settlements", 0.8, population=0.0)
        ),
        "settlements_of_two_sources": Wrong(
            ("settlements.doubled_near",), doubled("settlements", 30.0)
        ),
        "settlements_all_twice": Wrong(("settlements.doubled",), doubled("settlements")),
        "settlements_at_one_place": Wrong(
            ("settlements.doubled",), of("settlements", at_one_place)
        ),
        "settlements_of_other_townships": Wrong(
            ("settlements.out_of_township",), of("settlements", exchanged)
        ),
        "half_the_people_stated": Wrong(("settlements.people_of_townships",), stated(2.0)),
        "county_of_twice_the_people": Wrong(
            ("settlements.people_of_county",),
            {
                "outline": lambda county: county.vector("outline").assign(
                    population=2 * county.vector("settlements")["population"].sum()
                )
            },
        ),
        "heights_zero": Wrong(
            ("settlements.heights_off", "seats.heights_off"), column("settlements", height_m=0.0)
        ),
        "heights_ten_times": Wrong(
            ("settlements.heights_off", "settlements.height_m"),
            times("settlements", 8, "height_m"),
        ),
        "heights_of_seats_in_kilometres": Wrong(
            ("seats.heights_off",), times("seats", 0.001, "height_m")
        ),
        "two_county_seats": Wrong(("seats.county_seats",), rows("seats", 0.5, role="county")),
        "seats_at_one_place": Wrong(("seats.out_of_township",), of("seats", at_one_place)),
        "seats_of_other_townships": Wrong(("seats.names_of_others",), rolled("seats", "name")),
        "facilities_of_two_sources": Wrong(
            ("facilities.doubled_near",), doubled("facilities", 40.0)
        ),
        "facilities_all_twice": Wrong(("facilities.doubled",), doubled("facilities")),
        "facilities_of_one_name": Wrong(
            ("facilities.one_value_name",), column("facilities", name="卫生院")
        ),
        "facilities_of_another_county": Wrong(
            ("facilities.far", "facilities.geometry", "facilities.off_road"),
            moved("facilities", 60_000, 40_000),
        ),
        "a_facility_far_from_any_road": Wrong(
            ("facilities.off_road", "facilities.out_of_township"),
            rows(
                "facilities",
                0.01,
                geometry=lambda f: f.translate(-9_000, 9_000).to_numpy()[0],
            ),
        ),
    }


def roads():
    speed = "speed_kmh"
    return {
        "speeds_in_miles": Wrong(
            ("roads.speeds_unit", "roads.speeds_class"), times("roads", 1 / 1.609344, speed)
        ),
        "speeds_in_whole_miles": Wrong(
            ("roads.speeds_unit", "roads.speeds_class"),
            of("roads", lambda f: f.assign(speed_kmh=(f[speed] / 1.609344).round())),
        ),
        "speeds_in_knots": Wrong(
            ("roads.speeds_unit", "roads.speeds_class"), times("roads", 1 / 1.852, speed)
        ),
        "speeds_ten_times": Wrong(("roads.speed_kmh",), times("roads", 10, speed)),
        "speeds_a_tenth": Wrong(("roads.speeds_low",), times("roads", 0.1, speed)),
        "one_speed_for_all": Wrong(("roads.speeds_class",), column("roads", speed_kmh=30.0)),
        "all_expressways": Wrong(
            ("roads.speeds_class", "roads.one_value_class"),
            column("roads", **{"class": "expressway"}),
        ),
        "classes_turned": Wrong(("roads.speeds_class",), rolled("roads", "class")),
        "every_second_road_2_m_aside": Wrong(("roads.ends_missing",), jitter(2.0)),
        "every_second_road_40_m_aside": Wrong(("roads.parts_apart",), jitter(40.0)),
        "roads_twice": Wrong(("roads.doubled",), doubled("roads")),
        "roads_twice_half_a_metre_aside": Wrong(("roads.overlapping",), doubled("roads", 0.4)),
        "roads_of_two_sources": Wrong(
            ("roads.parts_apart", "roads.overlapping"), doubled("roads", 8.0)
        ),
        "all_roads_one_way": Wrong(("roads.oneways",), column("roads", oneway="yes")),
        "all_roads_planned": Wrong(("roads.none_existing",), column("roads", status="planned")),
        "roads_as_rivers": Wrong(("rivers.same_as_roads",), as_layer("rivers", "roads")),
        "roads_of_the_next_valley": Wrong(
            ("settlements.off_road", "roads.geometry", "seats.off_road"),
            moved("roads", 9_000, 9_000),
        ),
    }


def names():
    def read_wrong(frame):
        names = frame["name"].astype(str)
        return frame.assign(name=[one.encode("gbk").decode("latin-1") for one in names])

    def as_utf8(frame):
        names = frame["name"].astype(str)
        return frame.assign(name=[one.encode().decode("gb18030", "replace") for one in names])

    return {
        "names_read_as_latin": Wrong(("townships.garbled_name",), of("townships", read_wrong)),
        "names_read_as_gbk": Wrong(("townships.garbled_name",), of("townships", as_utf8)),
        "names_lost": Wrong(("townships.garbled_name",), column("townships", name="???")),
        "names_of_classes_garbled": Wrong(
            ("parcels.garbled_DLMC",),
            of(
                "parcels",
                lambda f: f.assign(
                    DLMC=f["DLMC"].map(lambda one: one.encode("gbk").decode("latin-1"))
                ),
            ),
        ),
        "codes_as_names_of_seats": Wrong(
            ("seats.names_digits",), of("seats", lambda f: f.assign(name=f.index))
        ),
        "townships_of_one_name": Wrong(
            ("townships.names_equal",), column("townships", name="某乡")
        ),
        "outline_of_another_name": Wrong(
            ("outline.county_named",), column("outline", name="云和县")
        ),
        "names_of_pilots_exchanged": Wrong(("pilots.names_of_others",), rolled("pilots", "name")),
    }


def placed() -> dict[str, Wrong]:
    """Whole layers that lie elsewhere."""
    made = {}
    for layer, named in FITTED.items():
        on = BOTH if layer in ON_TWIN else ("jingning",)
        for what, shift in SHIFTS.items():
            made[f"{layer}_{what}"] = Wrong(named, moved(layer, *shift), on)
    elsewhere = (
        ("turned", turned),
        ("prefix_39", lambda layer: prefixed(layer, 39)),
        ("prefix_40", lambda layer: prefixed(layer, 40)),
        ("next_zone", next_zone),
        ("degrees", degrees),
        ("web_mercator", mercator),
    )
    for layer in ("roads", "parcels", "redline", "settlements", "hazards", "industrial_plots"):
        for what, change in elsewhere:
            named = (f"{layer}.geometry", f"{layer}.far", f"{layer}.off_others")
            made[f"{layer}_{what}"] = Wrong(named, change(layer))
    return made
