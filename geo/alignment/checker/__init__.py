"""A built centreline against the limits of its class, apart from the designer.

testing      `breaches`: every rule at every station, one row a breach
stations     what a centreline is made of, tolerances, runs of bad stations
plan         chainages, radii, spirals, curves, straights
profile      grades, vertical curves, slopes
climbs       lengths of grades
structures   cuts, fills, bridges, tunnels
section      crossfall and its runoff, widening, sight
crossings    `crossing_breaches`: roads on the level, clearances, floods
"""

from geo.alignment.checker.crossings import crossing_breaches as crossing_breaches
from geo.alignment.checker.section import examinable as examinable
from geo.alignment.checker.stations import RULES as RULES
from geo.alignment.checker.testing import breaches as breaches
