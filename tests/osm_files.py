"""OpenStreetMap files of places that are nowhere, made up tag by tag."""

from xml.sax.saxutils import quoteattr

MIDDLE = (119.5, 27.5)
STEP = 0.001  # degrees of a unit of the drawing


def at(x, y):
    return round(MIDDLE[0] + x * STEP, 7), round(MIDDLE[1] + y * STEP, 7)


class Drawing:
    """Nodes by place, so that ways which pass one place share its node."""

    def __init__(self):
        self.nodes, self.points, self.ways, self.relations = {}, [], [], []

    def node(self, x, y):
        return self.nodes.setdefault((x, y), len(self.nodes) + 1)

    def point(self, x, y, **tags):
        self.points.append((self.node(x, y), tags))
        return f"n{self.node(x, y)}"

    def way(self, *places, **tags):
        self.ways.append(([self.node(*place) for place in places], tags))
        return f"w{len(self.ways)}"

    def area(self, west, south, east, north, **tags):
        ring = [(west, south), (east, south), (east, north), (west, north), (west, south)]
        return self.way(*ring, **tags)

    def relation(self, *ways, inner=(), **tags):
        """Add a relation of outer and inner ways; one that is not drawn is missing at the edge."""
        members = [(way, "outer") for way in ways] + [(way, "inner") for way in inner]
        self.relations.append(([(int(way[1:]), role) for way, role in members], tags))
        return f"r{len(self.relations)}"

    def write(self, path):
        tags_of = dict(self.points)
        lines = [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<osm version="0.6" generator="made up">',
        ]
        for (x, y), number in self.nodes.items():
            lon, lat = at(x, y)
            lines.append(f'<node id="{number}" lon="{lon}" lat="{lat}">')
            lines += [*_tags(tags_of.get(number, {})), "</node>"]
        for number, (nodes, tags) in enumerate(self.ways, 1):
            refs = [f'<nd ref="{node}"/>' for node in nodes]
            lines += [f'<way id="{number}">', *refs, *_tags(tags), "</way>"]
        for number, (ways, tags) in enumerate(self.relations, 1):
            refs = [f'<member type="way" ref="{way}" role="{role}"/>' for way, role in ways]
            lines += [f'<relation id="{number}">', *refs, *_tags(tags), "</relation>"]
        path.write_text("\n".join([*lines, "</osm>"]), encoding="utf-8")
        return path


def _tags(tags):
    # `name_en=…` stands for name:en, which is no word of Python.
    pairs = ((key.replace("name_", "name:"), value) for key, value in tags.items())
    return [f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in pairs]
