"""Wrong areas, land, terrain and zones, as `tests.wrong_contents` has them."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import affinity

from tests.wrong_contents import (
    FOOT,
    MU,
    Wrong,
    as_layer,
    cells,
    column,
    doubled,
    exchanged,
    heights,
    moved,
    of,
    outline,
    rolled,
    rows,
    table,
    times,
    without,
)


def areas():
    unit, differ = ("parcels.areas_unit",), ("parcels.areas_declared",)
    parts = ("parcels.TBDLMJ", "parcels.KCMJ", "parcels.areas_parts", "parcels.areas_unit")
    bare = without("parcels", "TBMJ", "KCMJ", "KCXS")["parcels"]
    netless = without("parcels", "KCMJ", "KCXS")["parcels"]

    def net(frame, factor):
        return frame.assign(TBDLMJ=(frame["TBDLMJ"].astype(float) * factor).round(2))

    return {
        "tbmj_alone_in_mu": Wrong(parts, times("parcels", 1 / MU, "TBMJ")),
        "kcmj_alone_in_mu": Wrong(parts, times("parcels", 1 / MU, "KCMJ")),
        "tbdlmj_alone_in_ha": Wrong(parts, times("parcels", 1e-4, "TBDLMJ")),
        "tbdlmj_in_mu_without_the_others": Wrong(
            unit, {"parcels": lambda county: net(bare(county), 1 / MU)}
        ),
        "tbdlmj_in_mu_without_ridges": Wrong(
            unit, {"parcels": lambda county: net(netless(county), 1 / MU)}
        ),
        "tbdlmj_over_tbmj": Wrong(
            ("parcels.areas_parts",), {"parcels": lambda county: net(netless(county), 1.5)}
        ),
        "areas_ten_times": Wrong(
            (*differ, "parcels.KCMJ"), times("parcels", 10, "TBMJ", "KCMJ", "TBDLMJ")
        ),
        "areas_of_half_the_rows_in_mu": Wrong(
            (*differ, *parts),
            rows(
                "parcels",
                0.5,
                TBMJ=lambda f: (f["TBMJ"] / MU).round(2),
                KCMJ=lambda f: ((f["TBMJ"] / MU).round(2) * f["KCXS"]).round(2),
                TBDLMJ=lambda f: (
                    (f["TBMJ"] / MU).round(2) - ((f["TBMJ"] / MU).round(2) * f["KCXS"]).round(2)
                ).round(2),
            ),
        ),
        "areas_zero": Wrong(
            ("parcels.areas_zero",), column("parcels", TBMJ=0.0, KCMJ=0.0, TBDLMJ=0.0)
        ),
        "areas_negative": Wrong(("parcels.TBMJ",), times("parcels", -1, "TBMJ")),
        "ridges_in_per_cent": Wrong(("parcels.KCXS",), times("parcels", 100, "KCXS")),
        "townships_in_wan_mu": Wrong(
            ("townships.areas_unit",), times("townships", 1e6 / (1e4 * MU), "area_km2")
        ),
        "townships_without_area": Wrong(
            ("townships.areas_zero",), column("townships", area_km2=0.0)
        ),
        "townships_doubled_area": Wrong(
            ("townships.areas_declared",), times("townships", 2, "area_km2")
        ),
        "lake_in_mu": Wrong(("lake.areas_unit",), times("lake", 1500, "area_km2")),
        "lake_in_m2": Wrong(("lake.areas_unit",), times("lake", 1e6, "area_km2")),
        "built_share_in_per_cent": Wrong(
            ("industrial_plots.built_share",),
            column("industrial_plots", built_share=60.0),
        ),
        "price_of_a_square_metre": Wrong(
            ("industrial_plots.prices_unit",), column("industrial_plots", price_yuan=480.0)
        ),
        "output_in_yuan": Wrong(
            ("industrial_plots.outputs_unit", "industrial_plots.output_wan_yuan_mu"),
            column("industrial_plots", output_wan_yuan_mu=90_000.0),
        ),
        "supplied_in_1900": Wrong(
            ("industrial_plots.dates_years",),
            of(
                "industrial_plots",
                lambda f: f.assign(
                    start_by=None, supply="supplied", supplied_on="1900-01-01", stopped_since=None
                ),
            ),
        ),
        "start_agreed_for_2205": Wrong(
            ("industrial_plots.dates_years",),
            of(
                "industrial_plots",
                lambda f: f.assign(
                    start_by=f["start_by"].where(f["start_by"].isna(), "2205-01-01")
                ),
            ),
        ),
        "dates_as_numbers_of_a_sheet": Wrong(
            ("industrial_plots.start_by",),
            of(
                "industrial_plots",
                lambda f: f.assign(start_by=f["start_by"].where(f["start_by"].isna(), "44197")),
            ),
        ),
    }


def land():
    def second_survey(frame):
        return frame.assign(DLBM=frame["DLBM"].astype(str).str[1:])

    def of_half(frame):  # every second parcel lies 40 m aside
        shift = np.where(np.arange(len(frame)) % 2, 40.0, 0.0)
        shapes = shapely.transform(np.array(frame.geometry.array, dtype=object), lambda xy: xy)
        moved = [affinity.translate(one, off) for one, off in zip(shapes, shift, strict=True)]
        return frame.set_geometry(gpd.GeoSeries(moved, index=frame.index, crs=frame.crs))

    def larger(frame):
        return frame.set_geometry(frame.buffer(5.0, join_style="mitre"))

    return {
        "parcels_all_twice": Wrong(("parcels.doubled",), doubled("parcels")),
        "parcels_twice_10_m_aside": Wrong(("parcels.overlaps",), doubled("parcels", 10.0)),
        "parcels_larger_by_5_m": Wrong(("parcels.overlaps",), of("parcels", larger), ("twin",)),
        "every_second_parcel_aside": Wrong(
            ("parcels.overlaps",), of("parcels", of_half), ("twin",)
        ),
        "parcels_of_half_the_pilots": Wrong(
            ("parcels.pilots_covered",), of("parcels", lambda f: f.iloc[: len(f) // 2])
        ),
        "every_tenth_parcel_missing": Wrong(
            ("parcels.pilots_covered",), of("parcels", lambda f: f[np.arange(len(f)) % 10 > 0])
        ),
        "codes_of_the_second_survey": Wrong(("parcels.DLBM",), of("parcels", second_survey)),
        "codes_of_plans": Wrong(
            ("parcels.DLBM", "parcels.classes_named"), column("parcels", DLBM="130104")
        ),
        "leading_zero_lost": Wrong(
            ("parcels.DLBM",),
            of("parcels", lambda f: f.assign(DLBM=f["DLBM"].astype(str).str.lstrip("0"))),
        ),
        "names_of_classes_of_other_rows": Wrong(
            ("parcels.classes_named",), rolled("parcels", "DLMC")
        ),
        "one_class_for_all": Wrong(
            ("parcels.one_value_DLBM",), column("parcels", DLBM="0101", DLMC="水田")
        ),
        "slopes_in_per_cent": Wrong(
            ("parcels.slopes_classed", "parcels.slope_deg"),
            of(
                "parcels",
                lambda f: f.assign(
                    slope_deg=100 * np.tan(np.radians(f["slope_deg"].astype(float) * 1.0)) * 1.3
                ),
            ),
        ),
        "slopes_in_radians": Wrong(
            ("parcels.slopes_classed",), times("parcels", np.pi / 180, "slope_deg")
        ),
        "slopes_of_other_rows": Wrong(("parcels.slopes_classed",), rolled("parcels", "slope_deg")),
        "slope_classes_of_no_cropland": Wrong(("parcels.GDPDJB",), column("parcels", GDPDJB="2")),
        "townships_of_parcels_exchanged": Wrong(
            ("parcels.out_of_township",), of("parcels", exchanged)
        ),
        "townships_of_basic_farmland_exchanged": Wrong(
            ("basic_farmland.out_of_township",), of("basic_farmland", exchanged)
        ),
        "townships_of_no_county": Wrong(
            ("parcels.township",), column("parcels", township="331122101")
        ),
        "data_of_the_year_3023": Wrong(("parcels.years_survey",), column("parcels", SJNF="3023")),
        "data_of_a_serial_number": Wrong(
            ("parcels.years_survey",), column("parcels", SJNF="44197")
        ),
        "quality_of_20": Wrong(("parcels.quality",), column("parcels", quality=20.0)),
    }


def terrain():
    def strip(values):
        values[:, values.shape[1] // 2 :] += 12

    def half_in_feet(values):
        values[values.shape[0] // 2 :] /= FOOT

    def pits(values):
        values[10::40, 10::40] = -400

    def void(values):
        middle = values.shape[0] // 2, values.shape[1] // 2
        values[middle[0] - 25 : middle[0] + 25, middle[1] - 25 : middle[1] + 25] = 0

    return {
        "dem_in_feet": Wrong(("dem.feet",), heights(lambda z: z / FOOT)),
        "dem_in_decimetres": Wrong(("seats.heights_off", "dem.values"), heights(lambda z: z * 5)),
        "dem_upside_down": Wrong(
            ("seats.heights_off", "settlements.heights_off"),
            heights(lambda z: z[::-1].copy()),
            ("jingning",),
        ),
        "dem_500_m_too_high": Wrong(("seats.heights_off",), heights(lambda z: z + 500)),
        "dem_flat": Wrong(("dem.stepped",), heights(lambda z: z * 0 + 100)),
        "dem_in_steps_of_20_m": Wrong(("dem.stepped",), heights(lambda z: np.round(z / 20) * 20)),
        "dem_tile_step": Wrong(("dem.seams",), cells(strip)),
        "dem_half_in_feet": Wrong(("dem.seams",), cells(half_in_feet)),
        "dem_pits": Wrong(("dem.spikes",), cells(pits)),
        "dem_void_filled_with_zero": Wrong(("dem.blocks",), cells(void)),
        "dem_no_data_as_a_height": Wrong(
            ("dem.values",), cells(lambda z: z.__setitem__((slice(0, 30), slice(0, 30)), -9999.0))
        ),
        "lake_level_in_feet": Wrong(("lake.shore_off",), times("lake", 1 / FOOT, "level_m")),
        "storage_in_ten_thousand_m3": Wrong(
            ("lake_storage.storage_unit",),
            table("lake_storage", lambda f: f.assign(storage_hm3=f["storage_hm3"] * 100)),
        ),
        "storage_in_hundred_million_m3": Wrong(
            ("lake_storage.storage_unit",),
            table("lake_storage", lambda f: f.assign(storage_hm3=f["storage_hm3"] / 100)),
        ),
        "storage_turned": Wrong(
            ("lake_storage.storage_falls",),
            table(
                "lake_storage", lambda f: f.assign(storage_hm3=f["storage_hm3"].to_numpy()[::-1])
            ),
        ),
        "levels_turned": Wrong(
            ("lake_levels.levels_order",),
            table("lake_levels", lambda f: f.assign(level_m=f["level_m"].to_numpy()[::-1])),
        ),
        "levels_in_feet": Wrong(
            ("lake_levels.levels_beyond",),
            table("lake_levels", lambda f: f.assign(level_m=f["level_m"] / FOOT)),
        ),
    }


def zones():
    def swapped(frame):
        other = {"core": "general", "general": "core"}
        return frame.assign(zone=frame["zone"].map(other))

    def whole_over_core(frame):
        general = frame["zone"].eq("general")
        filled = frame.geometry.where(~general, frame.union_all())
        return frame.set_geometry(filled)

    def grades(frame):
        # what is drawn as second becomes first, around a small second
        small = frame.iloc[[0]].rename({frame.index[0]: "small"}).assign(grade="second")
        small = small.set_geometry(small.centroid.buffer(30))
        return gpd.GeoDataFrame(pd.concat([frame.assign(grade="first"), small]), crs=frame.crs)

    def all_of(county, layer):
        frame = county.vector(layer).iloc[[0]]
        return frame.set_geometry(
            gpd.GeoSeries(county.vector("outline").geometry.to_numpy(), frame.index, frame.crs)
        )

    return {
        "core_and_general_turned": Wrong(("park.zones_turned",), of("park", swapped)),
        "general_over_core": Wrong(("park.overlaps",), of("park", whole_over_core)),
        "grades_of_water_turned": Wrong(("source_water.zones_turned",), of("source_water", grades)),
        "outline_as_redline": Wrong(
            ("redline.everywhere",), {"redline": lambda county: all_of(county, "redline")}
        ),
        "outline_as_development_boundary": Wrong(
            ("development_boundary.everywhere",),
            {"development_boundary": lambda county: all_of(county, "development_boundary")},
        ),
        "farmland_as_redline": Wrong(
            ("redline.same_as_basic_farmland", "basic_farmland.in_redline"),
            as_layer("redline", "basic_farmland"),
        ),
        "redline_as_farmland": Wrong(
            ("redline.same_as_basic_farmland", "basic_farmland.in_redline"),
            as_layer("basic_farmland", "redline"),
        ),
        "farmland_as_development_boundary": Wrong(
            ("development_boundary.over_basic_farmland",),
            as_layer("development_boundary", "basic_farmland"),
        ),
        "zones_twice": Wrong(("development_boundary.doubled",), doubled("development_boundary")),
        "zones_twice_30_m_aside": Wrong(
            ("development_boundary.overlaps",), doubled("development_boundary", 30.0)
        ),
        "plots_of_elsewhere": Wrong(
            ("industrial_plots.off_others",), moved("industrial_plots", 9_000, -1_000)
        ),
        "gates_of_elsewhere": Wrong(("park_gates.off_others",), moved("park_gates", -2_500, -900)),
        "outline_smaller": Wrong(
            ("townships.beyond_county",), outline(lambda one: one.buffer(-700))
        ),
        "outline_larger": Wrong(
            ("townships.county_covered",), outline(lambda one: one.buffer(1_500))
        ),
        "outline_as_its_box": Wrong(
            ("townships.county_covered",), outline(lambda one: one.envelope), ("jingning",)
        ),
        "townships_smaller": Wrong(
            ("townships.holes", "townships.county_covered"),
            of("townships", lambda f: f.set_geometry(f.buffer(-120))),
        ),
        "pilots_of_other_townships": Wrong(
            ("pilots.not_the_township",),
            of("pilots", lambda f: f.set_geometry(f.geometry.to_numpy()[::-1], crs=f.crs)),
        ),
    }
