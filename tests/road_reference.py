"""The road search once more, in plain Python over its written rules, for small terrains.

Nothing of the search is used: moves, readings, costs and Dijkstra's algorithm are written anew from
the docstrings of `geo.alignment.search.terrain` and `geo.alignment.search.lattice`.
"""

import heapq
import math
from functools import lru_cache

TINY = 1e-9
QUARTERS = {
    8: [(0, 1), (-1, 1)],
    16: [(0, 1), (-1, 2), (-1, 1), (-2, 1)],
    32: [(0, 1), (-1, 4), (-1, 2), (-2, 3), (-1, 1), (-3, 2), (-2, 1), (-4, 1)],
}


def directions(count):
    """Rows and columns of headings, counter-clockwise from east."""
    steps = list(QUARTERS[count])
    while len(steps) < count:
        row, column = steps[len(steps) - len(QUARTERS[count])]
        steps.append((-column, row))
    return steps


def angle(step):
    return math.atan2(-step[0], step[1])


def turned(a, b):
    """The turn from one direction to another, to the left positive."""
    turn = angle(b) - angle(a)
    while turn > math.pi:
        turn -= 2 * math.pi
    while turn <= -math.pi:
        turn += 2 * math.pi
    return turn


@lru_cache(maxsize=64)
def moves(count, cell, radius, spiral):
    """For each heading: (row, column, heading, length, points in cells)."""
    steps = directions(count)
    every = []
    for i, step in enumerate(steps):
        fine = count == 32 and i % 2 == 1
        here = [straight(i, step, many, cell) for many in ((1,) if fine else (1, 3))]
        for j, other in enumerate(steps):
            apart = min((i - j) % count, (j - i) % count)
            if count == 32 and (fine or j % 2 == 1):
                wanted = apart in (1, 3)
            else:
                wanted = j != i and abs(turned(step, other)) <= math.radians(100)
            if wanted:
                here += turn(step, (j, other), cell, radius, spiral)
        if not fine:
            for side in (1, -1):
                here += hairpin(i, steps, side, cell, radius, spiral)
        every.append(here)
    return every


def straight(i, step, many, cell):
    n = many * max(1, math.ceil(math.hypot(*step) - 1e-6 / cell))
    row, column = many * step[0], many * step[1]
    points = [(row * k / n, column * k / n) for k in range(1, n + 1)]
    return row, column, i, cell * math.hypot(row, column), points


def turn(step, to, cell, radius, spiral):
    """Two tangents and a curve, to the node or nodes that take least."""
    heading, other = to
    delta = turned(step, other)
    size = abs(delta)
    r = max(radius, spiral / size)
    shift = spiral**2 / (24 * r) if spiral else 0.0
    t = (r + shift) * math.tan(size / 2) + spiral / 2
    bend = spiral + r * size
    ux, uy = math.cos(angle(step)), math.sin(angle(step))
    vx, vy = math.cos(angle(other)), math.sin(angle(other))
    cross = ux * vy - uy * vx
    far = math.ceil(2 * t / cell) + 8
    ends = []
    for row in range(-far, far + 1):
        for column in range(-far, far + 1):
            x, y = column * cell, -row * cell
            t1, t2 = (x * vy - y * vx) / cross, (ux * y - uy * x) / cross
            if t1 < t - 1e-6 or t2 < t - 1e-6:
                continue
            ends.append(((round(t1 + t2, 6), round(abs(t1 - t2), 6)), row, column, t1, t2))
    found = []
    for order, row, column, t1, t2 in ends:
        if order == min(ends)[0]:
            length = max(t1 + t2 - 2 * t + bend, cell * math.hypot(row, column))
            course = (t1 - t, t / math.tan(size / 2), delta, t2 - t)
            n = max(1, math.ceil(length / cell - 1e-6))
            points = along(course, (ux, uy), n, cell, (row, column))
            found.append((row, column, heading, length, points))
    return found


def hairpin(i, steps, side, cell, radius, spiral):
    """A half circle as wide as the node or nodes it ends at lie aside."""
    r = max(radius, spiral / math.pi)
    wide = 2 * (r + (spiral**2 / (24 * r) if spiral else 0.0))
    ux, uy = math.cos(angle(steps[i])), math.sin(angle(steps[i]))
    far = math.ceil(wide / cell) + 6
    ends = []
    for row in range(-far, far + 1):
        for column in range(-far, far + 1):
            x, y = column * cell, -row * cell
            ahead, aside = x * ux + y * uy, side * (ux * y - uy * x)
            if aside < max(wide, 1e-6) - 1e-6:
                continue
            length = math.pi * aside / 2 + spiral + abs(ahead)
            ends.append(((round(length, 6), round(aside, 6)), row, column, ahead, aside))
    found = []
    back = (i + len(steps) // 2) % len(steps)
    for order, row, column, ahead, aside in ends:
        if order == min(ends)[0]:
            length = math.pi * aside / 2 + spiral + abs(ahead)
            before, after = spiral / 2 + max(ahead, 0.0), spiral / 2 + max(-ahead, 0.0)
            course = (before, aside / 2, side * math.pi, after)
            n = max(1, math.ceil(length / cell - 1e-6))
            points = along(course, (ux, uy), n, cell, (row, column))
            found.append((row, column, back, length, points))
    return found


def along(course, u, n, cell, end):
    """Even shares of tangent, arc and tangent, as rows and columns."""
    before, radius, delta, after = course
    left = math.copysign(1.0, delta)
    arc = radius * abs(delta)
    total = before + arc + after
    points = []
    for k in range(1, n):
        s = total * k / n
        ahead = min(s, before)
        bent = min(max((s - before) / radius, 0.0), abs(delta))
        rest = max(s - before - arc, 0.0)
        # forward along u, to the left of it, then on along the new direction
        forward = ahead + radius * math.sin(bent) + rest * math.cos(delta)
        aside = left * radius * (1 - math.cos(bent)) + rest * math.sin(delta)
        x, y = forward * u[0] - aside * u[1], forward * u[1] + aside * u[0]
        points.append(tuple(whole(v / cell) for v in (-y, x)))
    return [*points, (float(end[0]), float(end[1]))]


def whole(value):
    return float(round(value)) if abs(value - round(value)) < 1e-6 else value


def read(values, row, column):
    """Bilinear; None where a cell with weight is missing or beyond the rim."""
    r, c = math.floor(row), math.floor(column)
    total = 0.0
    for i, down in ((r, 1 - (row - r)), (r + 1, row - r)):
        for j, right in ((c, 1 - (column - c)), (c + 1, column - c)):
            if down * right == 0:
                continue
            if not (0 <= i < len(values) and 0 <= j < len(values[0])) or values[i][j] is None:
                return None
            total += down * right * values[i][j]
    return total


class World:
    """A small problem: lists of lists of heights and zones (None: forbidden), and figures."""

    def __init__(self, ground, limits, costs, lattice, zones=None):
        self.limits, self.costs, self.lattice = limits, costs, lattice
        self.ground = ground
        free = [[0.0] * len(ground[0]) for _ in ground]
        self.zones = zones or {"earth": free, "bridge": free, "tunnel": free}
        self.cell = 30.0
        self.step = lattice.height_step_m or limits.max_grade * self.cell
        self.moves = moves(lattice.headings, self.cell, limits.min_radius_m, limits.min_spiral_m)
        self.under = math.floor(lattice.deepest_m / self.step + 1e-9)
        self.over = math.floor(lattice.highest_m / self.step + 1e-9)
        self.readings = {}

    def level(self, row, column):
        return math.floor((self.ground[row][column] - self.zero) / self.step + 0.5)

    def node(self, row, column):
        return (
            0 <= row < len(self.ground)
            and 0 <= column < len(self.ground[0])
            and self.ground[row][column] is not None
            and self.zones["earth"][row][column] is not None
        )

    def heights(self, row, column, height, length):
        """Heights that a move may end at."""
        most = math.floor(self.limits.max_grade * length / self.step + TINY)
        level = self.level(row, column)
        low, high = max(height - most, level - self.under), min(height + most, level + self.over)
        return range(low, high + 1)

    def within(self, off):
        return -self.limits.max_cut_m - TINY <= off <= self.limits.max_fill_m + TINY

    def section(self, off):
        c = self.costs
        if off >= 0:
            area, wide = (c.width_m + c.fill_slope * off) * off, c.width_m + 2 * c.fill_slope * off
            return c.pavement_yuan_m + c.fill_yuan_m3 * area + c.land_yuan_m2 * wide
        deep = -off
        area, wide = (c.width_m + c.cut_slope * deep) * deep, c.width_m + 2 * c.cut_slope * deep
        return c.pavement_yuan_m + c.cut_yuan_m3 * area + c.land_yuan_m2 * wide

    def least(self, stops):
        """The least cost from the first stop through the others, or infinity."""
        self.zero = self.ground[stops[0][0]][stops[0][1]]
        self.readings = {}
        last = stops[-1]
        waiting = [
            (0.0, (0, *stops[0], heading, 0, False)) for heading in range(self.lattice.headings)
        ]
        best = {state: 0.0 for _, state in waiting}
        while waiting:
            cost, state = heapq.heappop(waiting)
            if cost > best[state]:
                continue
            leg, row, column, _, height, _ = state
            if leg == len(stops) - 2 and (row, column) == last and height == self.level(*last):
                return cost
            for to, more in self.onward(state, stops):
                if cost + more < best.get(to, math.inf):
                    best[to] = cost + more
                    heapq.heappush(waiting, (cost + more, to))
        return math.inf

    def onward(self, state, stops):
        yield from self.on_earth(state, stops)
        if not state[5]:
            yield from self.off_ground(state, stops)

    def leg(self, leg, row, column, stops):
        return leg + 1 if (row, column) == stops[leg + 1] and leg + 2 < len(stops) else leg

    def along(self, row, column, heading, m):
        """Ground and zones along a move, None where the road may not run; read once."""
        key = (row, column, heading, m)
        if key not in self.readings:
            points = [(row, column)]
            points += [(row + r, column + c) for r, c in self.moves[heading][m][4]]
            found = []
            for at in points:
                pair = (read(self.ground, *at), read(self.zones["earth"], *at))
                if None in pair:
                    found = None
                    break
                found.append(pair)
            self.readings[key] = found
        return self.readings[key]

    def on_earth(self, state, stops):
        leg, row, column, heading, height, _ = state
        for m, (down, right, to_heading, length, points) in enumerate(self.moves[heading]):
            to = (row + down, column + right)
            if not self.node(*to):
                continue
            under = self.along(row, column, heading, m)
            if under is None:
                continue
            n = len(points)
            for end in self.heights(*to, height, length):
                mean = self.mean(under, height, end, n)
                if mean is not None:
                    at = (self.leg(leg, *to, stops), *to, to_heading, end, False)
                    yield at, length * mean

    def goes_on(self, row, column, heading, height):
        """Whether a straight step on earth is no dearer a metre than a structure."""
        down, right, _, length, points = self.moves[heading][0]
        to = (row + down, column + right)
        under = self.along(row, column, heading, 0) if self.node(*to) else None
        if under is None:
            return False
        n, costs = len(points), self.costs
        most = min(costs.bridge_yuan_m + costs.land_yuan_m2 * costs.width_m, costs.tunnel_yuan_m)
        return any(
            mean is not None and mean <= most + TINY
            for end in self.heights(*to, height, length)
            for mean in (self.mean(under, height, end, n),)
        )

    def mean(self, under, height, end, n):
        """Yuan a metre on earth, None beyond cut or fill."""
        total = 0.0
        for k, (ground, extra) in enumerate(under):
            off = (height + (end - height) * k / n) * self.step - (ground - self.zero)
            if not self.within(off):
                return None
            total += (0.5 if k in (0, n) else 1.0) * (self.section(off) + extra)
        return total / n

    def off_ground(self, state, stops):
        _, row, column, heading, height, _ = state
        if self.goes_on(row, column, heading, height):
            return
        limits = self.limits
        step = directions(self.lattice.headings)[heading]
        if self.lattice.headings == 32 and heading % 2:
            return
        each = max(1, math.ceil(math.hypot(*step) - 1e-6 / self.cell))
        most = min(max(limits.max_bridge_m, limits.max_tunnel_m), self.lattice.longest_m)
        for many in range(1, 10):
            length = self.cell * math.hypot(*step) * many
            to = (row + many * step[0], column + many * step[1])
            if length > most + TINY or not (
                0 <= to[0] < len(self.ground) and 0 <= to[1] < len(self.ground[0])
            ):
                return
            n = each * many
            if n > 1 and length >= limits.min_structure_m - TINY and self.node(*to):
                points = [
                    (row + many * step[0] * k / n, column + many * step[1] * k / n)
                    for k in range(n + 1)
                ]
                yield from self.landings(state, to, (points, length), stops)

    def landings(self, state, to, span, stops):
        leg, _, _, heading, height, _ = state
        points, length = span
        n = len(points) - 1
        back = (heading + self.lattice.headings // 2) % self.lattice.headings
        under = [read(self.ground, *point) for point in points]
        if None in under:
            return
        for kind, price in self.structures(points, length):
            for end in self.heights(*to, height, length):
                lines = [(height + (end - height) * k / n) * self.step for k in range(n + 1)]
                offs = [line - (g - self.zero) for line, g in zip(lines, under, strict=True)]
                between = offs[1:-1]
                wrong = min(between) < -1e-6 if kind == "bridge" else max(between) > 1e-6
                if wrong or not self.within(offs[-1]) or self.goes_on(*to, back, end):
                    continue
                high = max(sum(between), 0.0) * length / n if kind == "bridge" else 0.0
                cost = price + self.costs.bridge_height_yuan_m2 * high
                yield (self.leg(leg, *to, stops), *to, heading, end, True), cost

    def structures(self, points, length):
        """Kinds that the zones allow, with the price of so many metres without height."""
        n = len(points) - 1
        limits, costs = self.limits, self.costs
        deck = costs.bridge_yuan_m + costs.land_yuan_m2 * costs.width_m
        for kind, longest, price in (
            ("bridge", limits.max_bridge_m, deck),
            ("tunnel", limits.max_tunnel_m, costs.tunnel_yuan_m),
        ):
            extras = [read(self.zones[kind], *point) for point in points]
            if length > longest + TINY or None in extras:
                continue
            mean = (sum(extras) - (extras[0] + extras[-1]) / 2) / n
            yield kind, length * (price + mean)
