"""A county on disk: layers replaced at once or not at all, taken back, held by one, packed."""

import errno
import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from geo.errors import BusyError, FileError, LimitError, SchemaError, UsageError
from geo.words import Text
from layers import county as counties
from layers import source as sources
from layers.county import layer_file, load
from layers.folder import Head, write_head
from layers.intake.bring import bring
from layers.keeping import bundle
from layers.keeping.hold import held
from layers.keeping.undo import undo

ROOT = Path(__file__).resolve().parents[1]
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="forks, kills and limits")


def level(folder, *metres):
    """Write a table of a lake's storage: 0 at the first level, 1 hm³ more at each that follows."""
    file = folder / f"{'-'.join(map(str, metres))}.csv"
    rows = [f"{one},{place}" for place, one in enumerate(metres)]
    file.write_text("\n".join(["level_m,storage_hm3", *rows, ""]), encoding="utf-8")
    return file


def tie(folder):
    """Write a park whose one ring crosses itself, which an import repairs."""
    ring = [[119.5, 27.7], [119.6, 27.8], [119.6, 27.7], [119.5, 27.8], [119.5, 27.7]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "properties": {"id": "a", "zone": "core"}, "geometry": shape}
    file = folder / "park.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    return file


@pytest.fixture
def county(tmp_path):
    write_head(tmp_path / "county", Head("a", Text("甲", "A"), "EPSG:4549"))
    return tmp_path / "county"


def levels(county, layer="lake_storage"):
    return load(county).table(layer)["level_m"].tolist()


def seen(folder):
    """Every file but the lock, with its bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


class TestUndo:
    def test_what_an_import_replaces_comes_back_and_goes_again(self, county, tmp_path):
        bring(county, level(tmp_path, 1, 2), "lake_storage")
        first = seen(county)
        bring(county, level(tmp_path, 3, 4, 5), "lake_storage")
        assert levels(county) == [3, 4, 5]
        done = undo(county, "lake_storage")
        assert (levels(county), done.source.rows) == ([1, 2], 2)
        assert "stands again" in done.words.en
        assert first[f"lake_storage/{layer_file(county, 'lake_storage').name}"] == (
            layer_file(county, "lake_storage").read_bytes()
        )
        undo(county, "lake_storage")
        assert levels(county) == [3, 4, 5]
        bring(county, level(tmp_path, 6, 7), "lake_storage")
        undo(county, "lake_storage")
        assert levels(county) == [3, 4, 5]  # the last import only: 1, 2 is gone for good
        kept = [path.name for path in (county / "lake_storage").rglob("*.csv")]
        assert len(kept) == 2

    def test_a_first_import_is_taken_away_and_comes_back(self, county, tmp_path):
        bring(county, level(tmp_path, 1, 2), "lake_storage")
        done = undo(county, "lake_storage")
        assert done.source is None
        assert "there is no such layer now" in done.words.en
        assert "lake_storage" not in load(county)
        undo(county, "lake_storage")
        assert levels(county) == [1, 2]
        undo(county, "lake_storage")
        bring(county, level(tmp_path, 3, 4), "lake_storage")  # on what was taken away
        assert levels(county) == [3, 4]
        undo(county, "lake_storage")
        assert "lake_storage" not in load(county)

    def test_layers_that_were_never_imported_are_not_taken_away(self, county, tmp_path):
        bring(county, level(tmp_path, 1, 2), "lake_storage")
        counties.save(load(county), tmp_path / "copy")
        for layer in ("lake_storage", "park"):
            with pytest.raises(UsageError, match="no import to undo"):
                undo(tmp_path / "copy", layer)
        with pytest.raises(UsageError, match="did you mean"):
            undo(county, "lake_storag")

    def test_the_very_same_import_replaces_nothing(self, county, tmp_path):
        bring(county, level(tmp_path, 1, 2), "lake_storage")
        bring(county, level(tmp_path, 3, 4), "lake_storage")
        before = seen(county)
        bring(county, level(tmp_path, 3, 4), "lake_storage")
        assert seen(county) == before
        undo(county, "lake_storage")
        assert levels(county) == [1, 2]

    def test_the_same_data_of_another_publisher_is_another_layer(self, county, tmp_path):
        file = level(tmp_path, 1, 2)
        for name in ("甲局", "乙局"):
            bring(county, file, "lake_storage", options=counties_options(publisher=name))
        assert load(county).sources["lake_storage"].publisher == "乙局"
        undo(county, "lake_storage")
        assert load(county).sources["lake_storage"].publisher == "甲局"
        undo(county, "lake_storage")
        assert load(county).sources["lake_storage"].publisher == "乙局"

    def test_repairs_go_and_come_with_their_layer(self, county, tmp_path):
        bring(county, tie(tmp_path), "park")
        (first,) = (county / "park").glob("repairs-*.csv")
        undo(county, "park")
        assert not first.exists()
        undo(county, "park")
        assert first.exists()

    def test_a_layer_shipped_under_a_plain_name_comes_back(self, county, tmp_path):
        bring(county, level(tmp_path, 1, 2), "lake_storage")
        file = layer_file(county, "lake_storage")
        file.rename(file.with_name("lake_storage.csv"))
        assert levels(county) == [1, 2]
        bring(county, level(tmp_path, 3, 4), "lake_storage")
        undo(county, "lake_storage")
        assert (levels(county), layer_file(county, "lake_storage").name) == (
            [1, 2],
            "lake_storage.csv",
        )
        undo(county, "lake_storage")
        assert levels(county) == [3, 4]

    def test_what_was_kept_and_changed_since_is_not_put_back(self, county, tmp_path):
        bring(county, level(tmp_path, 1, 2), "lake_storage")
        bring(county, level(tmp_path, 3, 4), "lake_storage")
        (kept,) = (county / "lake_storage" / ".former").glob("*.csv")
        kept.write_text("level_m,storage_hm3\n9,0\n", encoding="utf-8")
        with pytest.raises(SchemaError, match="has been changed") as caught:
            undo(county, "lake_storage")
        assert "已被改动" in caught.value.said("zh")
        assert levels(county) == [3, 4]

    def test_files_of_the_planner_s_own_stay(self, county, tmp_path):
        for metres in ((1, 2), (3, 4), (5, 6)):
            bring(county, level(tmp_path, *metres), "lake_storage")
            (county / "lake_storage" / "notes.csv").write_text("mine", encoding="utf-8")
        assert (county / "lake_storage" / "notes.csv").read_text(encoding="utf-8") == "mine"


def counties_options(**given):
    from layers.intake.bring import Options

    return Options(**given)


def child(code, *words, **named):
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, words)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        **named,
        text=True,
        encoding="utf-8",
    )


EVERY_STEP = """
import os, signal, sys
from pathlib import Path
from layers.county import load
from layers.intake.bring import bring
from layers.keeping.undo import undo
county, every, steps = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
def act(step):
    undo(county, "lake_storage") if step == "undo" else bring(county, Path(step), "lake_storage")
def state():
    there = load(county)
    return there.sources["lake_storage"].sha256 if "lake_storage" in there else ""
def killed(step, at):
    pid = os.fork()
    if pid:
        return os.waitpid(pid, 0)[1] != 0
    count = 0
    def counted(function):
        def before(*given, **named):
            nonlocal count
            count += 1
            if count == at:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*given, **named)
        return before
    for name in ("replace", "unlink", "mkdir", "rmdir", "chmod", "write_bytes"):
        setattr(Path, name, counted(getattr(Path, name)))
    for name in ("fsync", "open", "unlink"):
        setattr(os, name, counted(getattr(os, name)))
    act(step)
    os._exit(0)
kills = 0
for step in steps:
    before, at, seen = state(), 1, []
    while killed(step, at):
        seen.append(state())  # refuses what is torn
        if seen[-1] != before:  # it stood already: take it back for the next moment
            undo(county, "lake_storage")
            assert state() == before, (step, at)
        at += every
        kills += 1
    after = state()
    assert after != before, step  # the last one was not killed
    assert set(seen) <= {before, after}, (step, seen)
left = sorted(p.name for p in (county / "lake_storage").rglob("*") if p.name.startswith(".") or ".part" in p.name)
print(kills, left)
"""


def killed(county, tmp_path, *, every):
    first, second = level(tmp_path, 1, 2), level(tmp_path, 3, 4)
    with child(EVERY_STEP, county, every, first, second, "undo", "undo") as process:
        told = process.communicate(timeout=600)[0]
    assert process.returncode == 0
    kills, left = told.split(" ", 1)
    assert left.strip() == "['.former']"
    return int(kills)


@POSIX
def test_killed_before_a_step_on_disk_the_old_layer_stands_or_the_new(county, tmp_path):
    assert killed(county, tmp_path, every=9) > 10


@POSIX
@pytest.mark.prove
def test_killed_before_every_step_on_disk_the_old_layer_stands_or_the_new(
    county, tmp_path, figures
):
    kills = killed(county, tmp_path, every=1)
    figures(f"killed before each of {kills} steps on disk: the old layer or the new")
    assert kills > 100


HOLDING = """
import sys, time
from pathlib import Path
from layers.keeping.hold import held
with held(Path(sys.argv[1])):
    print("ready", flush=True)
    time.sleep(60)
"""


@POSIX
def test_two_imports_at_once_the_second_refuses(county, tmp_path):
    file = level(tmp_path, 1, 2)
    with child(HOLDING, county) as other:
        try:
            assert other.stdout.readline().strip() == "ready"
            for change in (
                lambda: bring(county, file, "lake_storage"),
                lambda: undo(county, "dem"),
            ):
                with pytest.raises(BusyError) as caught:
                    change()
                assert caught.value.exit_code == 5
                assert "另一程序正在改动该县域" in caught.value.said("zh")
            assert load(county).names == ()  # who reads does not wait
        finally:
            other.kill()
    bring(county, file, "lake_storage")  # killed while it held the county: it holds nothing
    assert levels(county) == [1, 2]


@POSIX
def test_what_dead_processes_left_is_cleared_and_what_living_ones_write_is_not(county, tmp_path):
    with child("pass") as dead:
        dead.communicate()
    bring(county, level(tmp_path, 1, 2), "lake_storage")
    place = county / "lake_storage"
    for folder in (county, place):
        (folder / f".a-{dead.pid}-x.part").write_text("dead", encoding="utf-8")
        (folder / f".a-{dead.pid}-x.part.gpkg").write_text("dead", encoding="utf-8")
        (folder / f".b-{os.getpid()}-x.part").write_text("alive", encoding="utf-8")
        (folder / ".c.part").write_text("another's", encoding="utf-8")
    (place / ".new").mkdir()
    bring(county, level(tmp_path, 3, 4), "lake_storage")
    left = sorted(path.name for path in (*county.glob(".?*"), *place.glob(".?*")))
    living = [f".b-{os.getpid()}-x.part", ".c.part"]
    assert left == sorted([*living, *living, ".former", ".lock"])


def test_who_holds_a_county_may_hold_it_once_more(county):
    with held(county), held(county):
        pass
    with held(county):
        pass


def test_a_layer_replaced_while_it_is_read_is_read_anew(county, tmp_path, monkeypatch):
    bring(county, level(tmp_path, 1, 2), "lake_storage")
    bring(county, level(tmp_path, 3, 4), "lake_storage")
    read, turns = sources.read, []

    def slow(path):
        source = read(path)
        if not turns:  # two more imports between the source and its data
            turns.append(1)
            monkeypatch.setattr(sources, "read", read)
            bring(county, level(tmp_path, 5, 6), "lake_storage")
            bring(county, level(tmp_path, 7, 8), "lake_storage")
        return source

    monkeypatch.setattr(sources, "read", slow)
    assert levels(county) == [7, 8]


FULL = """
import resource, sys
from pathlib import Path
from layers.__main__ import main
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), -1))
sys.exit(main(sys.argv[2:]))
"""


@POSIX
@pytest.mark.parametrize("size", [100, 60_000])
def test_where_files_cannot_grow_the_former_layer_stays(county, tmp_path, size):
    bring(county, tie(tmp_path), "park")
    before = seen(county)
    other = tmp_path / "other.geojson"
    other.write_text(tie(tmp_path).read_text("utf-8").replace("119.5", "119.4"), encoding="utf-8")
    words = ("import", county, other, "--as", "park")
    with child(FULL, size, *words, stderr=subprocess.PIPE) as process:
        said = process.communicate(timeout=60)[1]
    assert process.returncode == 5
    assert "no room left" in said or "the disk may be full" in said
    assert "Traceback" not in said
    assert seen(county) == before


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("writer", ["write_text", "sources.dumps", "keeping.write_text"])
def test_a_full_disk_leaves_the_former_layer(county, tmp_path, monkeypatch, number, writer):
    bring(county, level(tmp_path, 1, 2), "lake_storage")
    before = seen(county)

    def refuse(*_, **__):
        raise OSError(number, "no room")

    with monkeypatch.context() as patch:
        patch.setattr(f"layers.{'' if 'keep' in writer else 'county.'}{place(writer)}", refuse)
        with pytest.raises(LimitError, match="no room left") as caught:
            bring(county, level(tmp_path, 3, 4), "lake_storage")
    assert caught.value.exit_code == 5
    assert "磁盘已满" in caught.value.said("zh")
    assert seen(county) == before


def place(writer):
    return {"keeping.write_text": "keeping.layer.write_text"}.get(writer, writer)


@pytest.mark.skipif(sys.platform == "win32", reason="makes links")
def test_layers_that_are_links_are_refused(county, tmp_path):
    bring(county, level(tmp_path, 1, 2), "lake_storage")
    there = county / "lake_storage"
    there.rename(tmp_path / "elsewhere")
    there.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SchemaError, match="is a link") as caught:
        load(county)
    assert "是链接" in caught.value.said("zh")
    before = seen(tmp_path / "elsewhere")
    with pytest.raises(SchemaError, match="is a link"):
        bring(county, level(tmp_path, 3, 4), "lake_storage")
    assert seen(tmp_path / "elsewhere") == before
    there.unlink()
    shutil.copytree(tmp_path / "elsewhere", there)
    file = layer_file(county, "lake_storage")
    file.rename(tmp_path / "data.csv")
    file.symlink_to(tmp_path / "data.csv")
    with pytest.raises(SchemaError, match="is a link"):
        load(county)


class TestBundle:
    @pytest.fixture
    def filled(self, county, tmp_path):
        bring(county, level(tmp_path, 1, 2), "lake_storage")
        bring(county, tie(tmp_path), "park")
        bring(county, level(tmp_path, 3, 4), "lake_storage")
        (county / "defaults.toml").write_text("[access]\ncell_m = 60\n", encoding="utf-8")
        (county / "scripts").mkdir()
        (county / "scripts" / "河.toml").write_text('scenario = "access"\n', encoding="utf-8")
        return county

    def test_a_county_comes_out_as_it_went_in(self, filled, tmp_path):
        done = bundle.pack(filled, tmp_path / "a.zip")
        assert (done.layers, done.files) == (2, 8)
        again = bundle.unpack(tmp_path / "a.zip", tmp_path / "out")
        assert (again.layers, again.files, again.sha256) == (2, 8, done.sha256)
        shown = {k: v for k, v in seen(filled).items() if "/." not in k}
        assert seen(tmp_path / "out") == shown
        assert load(tmp_path / "out").sources == load(filled).sources
        assert levels(tmp_path / "out") == [3, 4]
        assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]

    def test_the_same_county_gives_the_same_bytes(self, filled, tmp_path):
        bundle.pack(filled, tmp_path / "a.zip")
        for path in filled.rglob("*"):
            os.utime(path, (1, 1))
        bundle.pack(filled, tmp_path / "b.zip")
        bundle.unpack(tmp_path / "b.zip", tmp_path / "out")
        bundle.pack(tmp_path / "out", tmp_path / "c.zip")
        whole = {(tmp_path / f"{name}.zip").read_bytes() for name in "abc"}
        assert len(whole) == 1

    def test_others_can_check_it_without_us(self, filled, tmp_path):
        bundle.pack(filled, tmp_path / "a.zip")
        with zipfile.ZipFile(tmp_path / "a.zip") as archive:
            assert archive.testzip() is None
            first, *rest = archive.namelist()
            lines = archive.read(first).decode().splitlines()
            told = {line[66:]: line[:64] for line in lines}
            assert first == "SHA256SUMS"
            assert rest == sorted(told)
            for name in rest:
                assert hashlib.sha256(archive.read(name)).hexdigest() == told[name]
            assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}

    def test_what_is_not_sound_is_not_packed(self, filled, tmp_path):
        with pytest.raises(UsageError, match="lies in the county itself"):
            bundle.pack(filled, filled / "a.zip")
        file = layer_file(filled, "lake_storage")
        file.write_text("changed", encoding="utf-8")
        with pytest.raises(SchemaError, match=r"lake_storage.*sha256"):
            bundle.pack(filled, tmp_path / "a.zip")
        with pytest.raises(FileError, match="not a county"):
            bundle.pack(tmp_path / "none", tmp_path / "a.zip")
        assert not (tmp_path / "a.zip").exists()

    @pytest.mark.skipif(sys.platform == "win32", reason="makes links and pipes")
    def test_links_and_pipes_are_not_packed(self, filled, tmp_path):
        (filled / "link").symlink_to("/etc")
        os.mkfifo(filled / "pipe")
        with pytest.raises(SchemaError) as caught:
            bundle.pack(filled, tmp_path / "a.zip")
        assert [Path(one.file).name for one in caught.value.problems] == ["link", "pipe"]

    def spoiled(self, filled, tmp_path, *, change=None, more=(), attributes=0):
        """Pack, and write the same zip with members changed or more of them."""
        bundle.pack(filled, tmp_path / "a.zip")
        with zipfile.ZipFile(tmp_path / "a.zip") as good:
            members = [(name, good.read(name)) for name in good.namelist()]
        with zipfile.ZipFile(tmp_path / "b.zip", "w", zipfile.ZIP_DEFLATED) as bad:
            for name, content in [*members, *more]:
                info = zipfile.ZipInfo(name)
                info.compress_type = zipfile.ZIP_DEFLATED
                info.external_attr = attributes if (name, content) in more else 0o644 << 16
                bad.writestr(info, (change or (lambda _, content: content))(name, content))
        return tmp_path / "b.zip"

    def refused(self, file, tmp_path, error, words):
        with pytest.raises(error, match=words) as caught:
            bundle.unpack(file, tmp_path / "out")
        assert not (tmp_path / "out").exists()
        assert not list(tmp_path.glob(".out*"))
        return caught.value

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("../out.txt", "leads out of"),
            ("/etc/x", "leads out of"),
            ("a/../../x", "leads out of"),
            ("C:/x", "not every system"),
            ("a\\..\\x", "not every system"),
            ("a/\x1b[2J", "not every system"),
            ("a/CON.txt", "name of a device"),
            ("a/x ", "not every system"),
            (".lock", "hidden"),
            ("COUNTY.toml", "a name twice"),
            ("county.toml", "a name twice"),
            ("more.txt", "is not its content: more.txt"),
            ("a/", "leads out of"),
        ],
    )
    @pytest.mark.filterwarnings("ignore:Duplicate name")
    def test_names_that_are_no_good_are_refused(self, filled, tmp_path, name, words):
        file = self.spoiled(filled, tmp_path, more=[(name, b"x")])
        self.refused(file, tmp_path, FileError, words)

    @pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFDIR])
    def test_only_files_are_taken(self, filled, tmp_path, kind):
        more = [("more", b"/etc/passwd")]
        file = self.spoiled(filled, tmp_path, more=more, attributes=(kind | 0o777) << 16)
        self.refused(file, tmp_path, FileError, "a link, a folder, a pipe or a device")

    def test_changed_files_are_all_named(self, filled, tmp_path):
        def change(name, content):
            return content + b"\n" if name.endswith((".toml", ".csv")) else content

        file = self.spoiled(filled, tmp_path, change=change)
        error = self.refused(file, tmp_path, FileError, "not what its list says")
        assert {one.file.rpartition("/")[2] for one in error.problems} >= {
            "county.toml",
            "defaults.toml",
            "source.toml",
            "河.toml",
        }

    def test_bombs_are_refused_as_they_unfold(self, filled, tmp_path, monkeypatch):
        monkeypatch.setattr(bundle, "RATIO_FROM", 1_000_000)
        zeros = b"\0" * 20_000_000
        digest = hashlib.sha256(zeros).hexdigest()

        def change(name, content):
            return content + f"{digest}  zeros\n".encode() if name == "SHA256SUMS" else content

        file = self.spoiled(filled, tmp_path, change=change, more=[("zeros", zeros)])
        self.refused(file, tmp_path, LimitError, "out of next to nothing")
        monkeypatch.setattr(bundle, "MOST_MEMBERS", 5)
        self.refused(file, tmp_path, LimitError, "at most 5 files")

    def test_what_is_no_such_zip_is_refused(self, filled, tmp_path):
        bundle.pack(filled, tmp_path / "a.zip")
        whole = (tmp_path / "a.zip").read_bytes()
        for content in (b"", b"no zip", whole[:-30], whole[: len(whole) // 2]):
            (tmp_path / "c.zip").write_bytes(content)
            self.refused(tmp_path / "c.zip", tmp_path, FileError, "damaged")
        with zipfile.ZipFile(tmp_path / "d.zip", "w") as archive:
            archive.writestr("county.toml", "")
        self.refused(tmp_path / "d.zip", tmp_path, FileError, "no packed county")
        self.refused(tmp_path / "none.zip", tmp_path, FileError, "no such file")
        (tmp_path / "there").mkdir()
        with pytest.raises(UsageError, match="is there already"):
            bundle.unpack(tmp_path / "a.zip", tmp_path / "there")


def test_a_shipped_county_is_changed_by_no_import_of_its_name(county, tmp_path, monkeypatch):
    file = level(tmp_path, 1, 2)
    monkeypatch.chdir(tmp_path)
    for change in (
        lambda: bring(Path("jingning"), file, "lake_storage"),
        lambda: undo("jingning", "dem"),
    ):
        with pytest.raises(UsageError, match=r"layers unpack jingning\.zip mycounty"):
            change()
    county.rename("jingning")  # a folder of that name here is one's own
    assert bring(Path("jingning"), file, "lake_storage").rows == 2
