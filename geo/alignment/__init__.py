"""Roads in plan, profile and section: searched, fitted, measured and checked.

A road between places is made by `design`; several that differ by `choices`; whether a zone can be
avoided is proved by `avoidance`. What they are told and give back stands in `values`: limits and
costs (from the caller, nothing here knows a standard), stations, profiles, alignments.

    search/      where a road runs: a path over the terrain, exact on its lattice
    plan/        the legal straights, spirals and arcs that follow a path
    profile/     the cheapest legal heights along a plan
    shifting     a plan moved to where its profile costs less
    checker      the independent test; it shares nothing with the rest
    works/       stations, cross-sections, earthwork, tables of the road that came of it
"""
