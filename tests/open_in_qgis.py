"""Opens the project of every run below a folder in QGIS and looks whether it is as it should be.

Run by the Python that QGIS is installed for, with no screen (`make qgis`):
`python3 tests/open_in_qgis.py FOLDER PICTURES`. Each layer must be valid, in the CRS of the run, in
a group and in the order that the project says; the map and the sheet must not be empty. Ends with 1 where anything is amiss.
"""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from qgis.core import (
    QgsApplication,
    QgsLayoutExporter,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

SIZE = QSize(1400, 1000)
SEEN = {"both", "after", "planned"}
LEAST_COLOURS, LEAST_DRAWN = 12, 0.05


def colours(picture):
    """Give how many colours a picture has and which share of it is not white."""
    step = 5
    seen = [
        picture.pixel(x, y)
        for x in range(0, picture.width(), step)
        for y in range(0, picture.height(), step)
    ]
    return len(set(seen)), sum(one & 0xFFFFFF != 0xFFFFFF for one in seen) / len(seen)


def drawn(project, layers, target):
    """Draw the map as it opens."""
    settings = QgsMapSettings()
    settings.setLayers(layers)
    settings.setDestinationCrs(project.crs())
    settings.setExtent(project.viewSettings().defaultViewExtent())
    settings.setOutputSize(SIZE)
    settings.setBackgroundColor(QColor("white"))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    picture = job.renderedImage()
    picture.save(str(target))
    return picture, [f"{error.layerID}: {error.message}" for error in job.errors()]


def faults(folder, pictures):
    """Give all that is amiss with the project of a run."""
    project = QgsProject.instance()
    project.clear()
    if not project.read(str(folder / "project.qgz")):
        return ["cannot be read: " + project.error()]
    run = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    told = [one["id"] for one in run["result"]["layers"]]
    layers = project.mapLayers().values()
    found = [f"not valid: {one.name()} {one.source()}" for one in layers if not one.isValid()]
    if len(layers) != len(told):
        found.append(f"{len(layers)} layers of {len(told)}")
    found += [f"CRS of {one.name()}" for one in layers if one.crs().authid() != run["crs"]]
    if project.crs().authid() != run["crs"]:
        found.append(f"CRS of the project: {project.crs().authid()}")
    tree = [node.layer() for node in project.layerTreeRoot().findLayers()]
    if [one.id().rsplit("_", 1)[0] for one in tree] != sorted(told, key=grouped(run)):
        found.append("order of the tree")
    order = project.layerTreeRoot().layerOrder()
    if len(order) != len(told):
        found.append("order of drawing")
    seen = [one for one in order if project.layerTreeRoot().findLayer(one.id()).isVisible()]
    shown = {one["id"] for one in run["result"]["layers"] if one["shown"] and one["side"] in SEEN}
    if {one.id().rsplit("_", 1)[0] for one in seen} != shown:
        found.append("what is seen")
    picture, errors = drawn(project, seen, pictures / f"{folder.name}.png")
    found += errors
    count, share = colours(picture)
    if count < LEAST_COLOURS or share < LEAST_DRAWN:
        found.append(f"the map is empty: {count} colours, {share:.1%} drawn")
    found += sheet(project, pictures / f"{folder.name}.pdf")
    return found


def grouped(run):
    """Give the order of layers by themes as they first come up, as the page has it."""
    themes = {}
    for place, one in enumerate(run["result"]["layers"]):
        theme = themes.setdefault(json.dumps(one["theme"]), len(themes))
        themes[one["id"]] = (theme, place)
    return themes.__getitem__


def sheet(project, target):
    """Write the sheet and give what is amiss with it."""
    layouts = project.layoutManager().printLayouts()
    if len(layouts) != 1:
        return [f"{len(layouts)} sheets"]
    page = layouts[0].pageCollection().page(0).pageSize()
    found = [] if (page.width(), page.height()) == (420, 297) else ["the sheet is not A3"]
    exporter = QgsLayoutExporter(layouts[0])
    done = exporter.exportToPdf(str(target), QgsLayoutExporter.PdfExportSettings())
    return found + ([] if done == QgsLayoutExporter.Success else [f"no PDF: {done}"])


def main(top, pictures):
    """Look at every run below a folder."""
    application = QgsApplication([], False)
    application.initQgis()
    pictures.mkdir(parents=True, exist_ok=True)
    folders = sorted(one.parent for one in top.rglob("project.qgz"))
    amiss = {folder: faults(folder, pictures) for folder in folders}
    for folder, found in amiss.items():
        sys.stdout.write(f"{folder.name}: {'; '.join(found) or 'as it should be'}\n")
    QgsProject.instance().clear()
    application.exitQgis()
    return 1 if any(amiss.values()) or not folders else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
