"""Layers that came in half, columns joined or read wrongly, as `tests.wrong_contents` has them."""

import numpy as np

from geo.crs import transformer
from tests.wrong_contents import Wrong, column, heights, moved, of, table, through

ON_SHIPPED = ("jingning",)
"""What takes a county of more rows than the twin has, or of hills."""


def exchanged_values(layer, name, **codes):
    """Give rows of one code another, in turn."""
    return of(layer, lambda frame: frame.assign(**{name: frame[name].replace(codes)}))


def fewer(layer, share):
    """Keep the first rows of a layer."""
    return of(layer, lambda frame: frame.iloc[: int(len(frame) * share)])


def higher(layer, metres):
    return {
        layer: lambda county: (f := county.vector(layer)).assign(height_m=f["height_m"] + metres)
    }


def mirrored(layer):
    """Turn a layer over from west to east within the county."""

    def turn(county, x, y):
        west, _, east, _ = county.vector("outline").total_bounds
        return west + east - x, y

    return through(layer, turn)


def whole_degrees(layer, parts):
    """Round longitudes and latitudes to parts of a degree."""

    def round_off(county, x, y):
        lon, lat = transformer(county.crs, 4490).transform(x, y)
        ways = np.round(np.array([lon, lat]) * parts) / parts
        return transformer(4490, county.crs).transform(*ways)

    return through(layer, round_off)


def halves():
    """Layers of which a part was brought."""
    return {
        "seats_one_missing": Wrong(
            ("seats.townships_without",), of("seats", lambda frame: frame.iloc[:-1])
        ),
        "seats_third_missing": Wrong(("seats.townships_without",), fewer("seats", 0.66)),
        "roads_first_half": Wrong(("settlements.off_road",), fewer("roads", 0.5), ON_SHIPPED),
        "roads_without_village_roads": Wrong(
            ("settlements.off_road",),
            of("roads", lambda frame: frame[frame["class"].ne("village")]),
            ON_SHIPPED,
        ),
        "redline_first_half": Wrong(("redline.park_left_out",), fewer("redline", 0.5), ON_SHIPPED),
        "facilities_without_hospital": Wrong(
            ("facilities.kinds_missing",),
            of("facilities", lambda f: f.replace({"kind": {"hospital": "clinic"}})),
        ),
        "facilities_without_primary_schools": Wrong(
            ("facilities.kinds_missing",),
            of("facilities", lambda f: f[f["kind"].ne("primary_school")]),
            ON_SHIPPED,
        ),
        "facilities_first_half": Wrong(
            ("facilities.townships_without",), fewer("facilities", 0.5), ON_SHIPPED
        ),
        "facilities_of_two_townships": Wrong(
            ("facilities.townships_without",),
            of("facilities", lambda f: f[f["township"].isin(["003", "004"])]),
            ("twin",),
        ),
        "boundary_without_county_seat": Wrong(
            ("development_boundary.off_seat",),
            of("development_boundary", lambda f: f[f.index.str.startswith("new_town")]),
            ON_SHIPPED,
        ),
    }


def elsewhere():
    """Layers that lie where such things do not."""
    return {
        "new_town_of_elsewhere": Wrong(
            ("new_town.off_others",), moved("new_town", 0, 2_000), ("twin",)
        ),
        "new_town_9_km_off": Wrong(
            ("new_town.off_others",), moved("new_town", -9_000, -3_000), ON_SHIPPED
        ),
        "rivers_mirrored": Wrong(("rivers.off_valleys",), mirrored("rivers"), ON_SHIPPED),
        "hazards_mirrored": Wrong(("hazards.off_valleys",), mirrored("hazards"), ON_SHIPPED),
        "rivers_of_elsewhere": Wrong(
            ("rivers.off_valleys",), moved("rivers", 9_000, 5_000), ON_SHIPPED
        ),
        "settlements_at_whole_minutes": Wrong(
            ("settlements.rounded", "settlements.geometry"),
            whole_degrees("settlements", 60),
        ),
        "settlements_at_hundredths_of_degrees": Wrong(
            ("settlements.rounded",), whole_degrees("settlements", 100)
        ),
        "seats_at_hundredths_of_degrees": Wrong(("seats.rounded",), whole_degrees("seats", 100)),
        "redline_over_villages": Wrong(
            ("redline.over_people",),
            {
                "redline": lambda county: (f := county.vector("redline").iloc[[0]]).set_geometry(
                    [county.vector("settlements").buffer(300).union_all()], crs=f.crs
                )
            },
        ),
        "basic_farmland_in_the_lake": Wrong(
            ("basic_farmland.in_water",),
            {
                "basic_farmland": lambda county: (
                    f := county.vector("basic_farmland").iloc[[0]]
                ).set_geometry([county.vector("lake").geometry.iloc[0].buffer(-50)], crs=f.crs)
            },
        ),
        "hazards_everywhere": Wrong(
            ("hazards.everywhere",),
            {
                "hazards": lambda county: (
                    county.vector("hazards")
                    .iloc[[0]]
                    .set_geometry(county.vector("outline").geometry.to_numpy(), crs=county.crs)
                )
            },
        ),
    }


def figures():
    """Figures of another row, unit, datum or column."""

    def digits(frame):
        middle = len(frame) // 2  # nearly what is stored above
        stored = frame["storage_hm3"].astype(float)
        here, above = stored.iloc[[middle, middle + 1]]
        stored.iloc[middle] = here + 0.8 * (above - here)
        return frame.assign(storage_hm3=stored)

    def of_township(how):
        return of(
            "settlements",
            lambda f: f.assign(population=f.groupby("township")["population"].transform(how)),
        )

    def outputs(value):
        return of(
            "industrial_plots",
            lambda f: f.assign(
                output_wan_yuan_mu=f["output_wan_yuan_mu"].where(
                    f["output_wan_yuan_mu"].isna(), value
                )
            ),
        )

    def another_seat(frame):
        return frame.assign(role=np.roll(frame["role"].to_numpy(), 3))

    return {
        "people_of_townships_at_settlements": Wrong(
            ("settlements.people_repeated",), of_township("sum")
        ),
        "people_shared_evenly": Wrong(("settlements.people_repeated",), of_township("mean")),
        "people_are_numbers_of_rows": Wrong(
            ("settlements.numbered_population",),
            of("settlements", lambda f: f.assign(population=np.arange(1.0, len(f) + 1))),
        ),
        "county_seat_is_another": Wrong(
            ("seats.county_seat_small",), of("seats", another_seat), ON_SHIPPED
        ),
        "heights_of_settlements_50_m_off": Wrong(
            ("settlements.heights_lean",), higher("settlements", 50)
        ),
        "heights_of_seats_above_the_ellipsoid": Wrong(
            ("seats.heights_lean",), higher("seats", -45), ON_SHIPPED
        ),
        "towers_below_ground": Wrong(
            ("tower_sites.heights_lean",), higher("tower_sites", -50), ON_SHIPPED
        ),
        "levels_of_chinese_ids_turned": Wrong(
            ("lake_levels.levels_order",),
            table(
                "lake_levels",
                lambda f: f.set_axis(f["title_zh"].rename("id")).assign(
                    level_m=f["level_m"].to_numpy()[::-1]
                ),
            ),
        ),
        "storage_mistyped": Wrong(("lake_storage.storage_bends",), table("lake_storage", digits)),
        "dem_cut_off": Wrong(
            ("dem.cut_off",), heights(lambda z: np.minimum(z, np.quantile(z, 0.99))), ON_SHIPPED
        ),
        "dem_of_8_bits": Wrong(("dem.cut_off",), heights(lambda z: np.minimum(z, 202)), ("twin",)),
        "levels_of_roads_zero": Wrong(("roads.levels_off",), column("roads", level_m=0.0)),
        "levels_of_roads_in_feet": Wrong(("roads.levels_off",), column("roads", level_m=5_900.0)),
        "prices_of_a_mu": Wrong(
            ("industrial_plots.prices_unit",), column("industrial_plots", price_yuan=200_000.0)
        ),
        "outputs_of_a_square_metre": Wrong(("industrial_plots.outputs_unit",), outputs(0.3)),
        "outputs_of_a_hectare": Wrong(
            ("industrial_plots.outputs_unit",),
            outputs(2_700.0),
        ),
    }


def codes():
    """Codes that changed places, or contradict what else is said."""

    def plots(**changes):
        def change(frame):
            supplied = frame["supply"].eq("supplied")
            for name, value in changes.items():
                frame[name] = frame[name].astype(object).where(~supplied, value)
            return frame.astype({"built_share": float})

        return of("industrial_plots", change)

    contradicted = ("industrial_plots.works_contradicted",)
    numbers = {"national": "X201", "township": "G235", "county": "G235"}
    named = {"primary_school": "某乡卫生院", "clinic": "第一小学", "hospital": "某镇中学"}
    return {
        "facilities_hospital_and_primary_turned": Wrong(
            ("facilities.kinds_turned",),
            exchanged_values(
                "facilities", "kind", hospital="primary_school", primary_school="hospital"
            ),
            ON_SHIPPED,
        ),
        "facilities_high_and_primary_turned": Wrong(
            ("facilities.kinds_turned",),
            exchanged_values(
                "facilities", "kind", high_school="primary_school", primary_school="high_school"
            ),
        ),
        "facilities_named_as_another_kind": Wrong(
            ("facilities.kinds_named",),
            of("facilities", lambda f: f.assign(name=f["kind"].map(named))),
        ),
        "facilities_for_animals_and_buses": Wrong(
            ("facilities.kinds_named",),
            of(
                "facilities",
                lambda f: f.assign(name=np.resize(["爱心宠物医院", "实验小学公交站"], len(f))),
            ),
        ),
        "roads_numbered_as_others": Wrong(
            ("roads.numbers_class",),
            of("roads", lambda f: f.assign(ref=f["class"].map(numbers))),
        ),
        "roads_all_tunnels": Wrong(("roads.structures",), column("roads", structure="tunnel")),
        "hazards_of_one_level": Wrong(
            ("hazards.one_value_level",), column("hazards", level="high"), ON_SHIPPED
        ),
        "hazards_flood_and_landslide_turned": Wrong(
            ("hazards.kinds_turned",),
            exchanged_values("hazards", "kind", flood="landslide", landslide="flood"),
        ),
        "boundary_concentrated_and_flexible_turned": Wrong(
            ("development_boundary.zones_turned",),
            exchanged_values(
                "development_boundary", "zone", concentrated="flexible", flexible="concentrated"
            ),
        ),
        "boundary_all_special": Wrong(
            ("development_boundary.zones_turned",), column("development_boundary", zone="special")
        ),
        "plots_not_started_and_built": Wrong(
            contradicted, plots(works="not_started", built_share=0.9, stopped_since=None)
        ),
        "plots_complete_and_bare": Wrong(contradicted, plots(works="complete", built_share=0.0)),
        "plots_complete_and_stopped": Wrong(
            contradicted, plots(works="complete", stopped_since="2024-01-01", cause=None)
        ),
        "plots_stopped_before_supply": Wrong(
            contradicted,
            plots(
                works="stopped",
                supplied_on="2020-06-01",
                start_by="2021-06-01",
                stopped_since="2019-01-01",
            ),
            ON_SHIPPED,
        ),
        "plots_to_be_started_late": Wrong(
            contradicted, plots(supplied_on="2020-06-01", start_by="2044-01-01"), ON_SHIPPED
        ),
        "parcels_of_two_years": Wrong(
            ("parcels.years_mixed",),
            of(
                "parcels",
                lambda f: f.assign(
                    SJNF=np.where(f["township"].eq(f["township"].iloc[0]), "2009", "2019")
                ),
            ),
        ),
        "classes_of_the_next_parcel": Wrong(
            ("parcels.ridges_elsewhere",),
            of(
                "parcels",
                lambda f: f.drop(columns="GDPDJB").assign(
                    **{name: np.roll(f[name].to_numpy(), 1) for name in ("DLBM", "DLMC")}
                ),
            ),
        ),
        "slopes_of_other_parcels_unclassed": Wrong(
            ("parcels.slopes_off",),
            of(
                "parcels",
                lambda f: f.drop(columns="GDPDJB").assign(
                    slope_deg=np.roll(f["slope_deg"].to_numpy(), len(f) // 3)
                ),
            ),
            ON_SHIPPED,
        ),
        "slopes_in_radians_unclassed": Wrong(
            ("parcels.slopes_off",),
            of(
                "parcels",
                lambda f: f.drop(columns="GDPDJB").assign(slope_deg=np.radians(f["slope_deg"])),
            ),
            ON_SHIPPED,
        ),
        "owners_all_the_state": Wrong(
            ("parcels.one_value_QSXZ",), column("parcels", QSXZ="20"), ON_SHIPPED
        ),
        "parcels_without_ridges": Wrong(
            ("parcels.ridges_none",),
            of("parcels", lambda f: f.assign(KCXS=0.0, KCMJ=0.0, TBDLMJ=f["TBMJ"])),
        ),
    }
