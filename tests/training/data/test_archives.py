"""Sources that come as archives: fetched once, checked, unpacked whole or not at all; and what their layouts hold."""

import hashlib
import shutil
import tarfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.conftest import full_disk
from training import DataDamaged, DataMissing
from training.data import an4, esc10, librispeech, reading
from training.data._root import unpacked


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def upstream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a server, on this machine, of what lies in `tmp_path`."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tar.gz as upstream would serve it, and an empty data root that may download."""
    monkeypatch.delenv("WAVELENS_OFFLINE")
    monkeypatch.setenv("WAVELENS_DATA", str(tmp_path / "root"))
    inside = tmp_path / "upstream" / "corpus" / "wav"
    inside.mkdir(parents=True)
    (inside / "a.txt").write_text("a" * 5_000)
    return Path(shutil.make_archive(str(tmp_path / "corpus"), "gztar", tmp_path / "upstream"))


@pytest.fixture
def fetch(upstream: str, archive: Path) -> Callable[..., Path]:
    """`unpacked` of the archive, as the server has it."""
    return partial(unpacked, "corpus", url=f"{upstream}/{archive.name}", title="Corpus", inside="corpus")


def test_it_is_fetched_once_and_leaves_nothing_behind(archive: Path, fetch: Callable[..., Path]) -> None:
    folder = fetch(sha256=hashlib.sha256(archive.read_bytes()).hexdigest())
    assert (folder / "wav" / "a.txt").read_text() == "a" * 5_000
    archive.unlink()
    assert fetch() == folder
    assert list(folder.parent.iterdir()) == [folder]


@pytest.mark.parametrize("damage", ["wrong hash", "cut short", "text", "another archive", "path outside"])
def test_what_arrives_damaged_never_becomes_data(archive: Path, fetch: Callable[..., Path], damage: str) -> None:
    sha256 = "0" * 64 if damage == "wrong hash" else None
    if damage == "cut short":
        archive.write_bytes(archive.read_bytes()[:60])
    if damage == "text":
        archive.write_text("404 not found")
    if damage == "path outside":
        with tarfile.open(archive, "w:gz") as file:
            file.add(archive.parent / "upstream" / "corpus", "../corpus")
    inside = "elsewhere" if damage == "another archive" else "corpus"
    with pytest.raises(DataDamaged, match=r"damaged.*thrown away. Try again"):
        fetch(inside=inside, sha256=sha256)
    assert not list((archive.parent / "root").iterdir())


def test_a_lost_network_and_a_full_disk_are_sentences(archive: Path, fetch: Callable[..., Path]) -> None:
    with full_disk(100), pytest.raises(DataMissing, match=r"could not be downloaded.*Check the network and the disk"):
        fetch()
    assert not list((archive.parent / "root").iterdir())
    archive.unlink()
    with pytest.raises(DataMissing, match=r"corpus is not here.*could not be downloaded"):
        fetch()


def test_nothing_is_fetched_where_it_is_not_wanted(fetch: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    with reading("root as it is"), pytest.raises(DataMissing, match="a command that trains downloads it"):
        fetch()
    monkeypatch.setenv("WAVELENS_OFFLINE", "1")
    with pytest.raises(DataMissing, match="WAVELENS_OFFLINE forbids"):
        fetch()


def test_speech_by_speaker(small_root: Path) -> None:
    assert len(an4.speakers("test")) == 10 and all(name[0] in "fm" for name in an4.speakers("test"))
    assert all(len(files) == 3 for files in an4.speakers("train").values())
    assert {f.suffix for files in librispeech.speakers("test-other").values() for f in files} == {".flac"}


def test_an4_as_its_own_archive_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAVELENS_DATA", str(tmp_path))
    (tmp_path / "an4" / "wav" / "an4_clstk" / "fash").mkdir(parents=True)
    (tmp_path / "an4" / "wav" / "an4_clstk" / "fash" / "an251-fash-b.sph").touch()
    assert [f.name for f in an4.speakers("train")["fash"]] == ["an251-fash-b.sph"]
    with pytest.raises(DataDamaged, match="holds no an4test_clstk"):
        an4.speakers("test")


def test_noises_by_kind_and_fold(small_root: Path) -> None:
    found = esc10.clips()
    assert len(found) == 80 and {c.fold for c in found} == {1, 2, 3, 4, 5} and len({c.kind for c in found}) == 10


def test_noises_from_the_larger_set_they_belong_to(
    archive: Path, upstream: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, dog, cow = "filename,fold,category,esc10", "1-1-A-0.wav,1,dog,True", "2-2-A-3.wav,2,cow,False"
    served = archive.parent / "master.zip"
    with zipfile.ZipFile(served, "w") as file:
        file.writestr("ESC-50-master/meta/esc50.csv", f"{head}\n{dog}\n{cow}\n")
        file.writestr("ESC-50-master/audio/1-1-A-0.wav", b"")
    monkeypatch.setattr(esc10, "ADDRESS", f"{upstream}/master.zip")
    (clip,) = esc10.clips()
    assert (clip.kind, clip.fold, clip.path.exists()) == ("dog", 1, True)


@pytest.mark.data
def test_the_real_ones() -> None:
    try:
        speakers = [an4.speakers("train"), an4.speakers("test"), librispeech.speakers("train-clean-100")]
        clips = esc10.clips()
    except DataMissing as error:
        pytest.skip(str(error))
    assert [len(s) for s in speakers] == [74, 10, 251] and len(clips) == 400
    assert len(speakers[1]["fcaw"]) == 13
