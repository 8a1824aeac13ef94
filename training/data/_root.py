"""Where data lies: one root, `WAVELENS_DATA`, in each upstream's own layout; and `samples/`, its miniature that ships.

A command reads the root, and downloads what is missing there. Whatever a visitor asks for is read where it is at hand:
from the root if it is whole there, from the samples if not; nothing is downloaded because a button was pressed.
"""

import hashlib
import os
import shutil
import sys
import tarfile
import textwrap
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Generic, Literal, NamedTuple, TypeVar

import platformdirs

T = TypeVar("T")
Reading = Literal["root", "root as it is", "samples"]
"""What is read: the root, with downloads; the root without; the samples, which are whole by themselves."""
SAMPLES = Path(__file__).resolve().parents[2] / "samples"
_READING: ContextVar[Reading] = ContextVar("reading", default="root")


class DataMissing(RuntimeError):
    """Data that is neither here nor to be had; the message names the folder and the source."""


class DataDamaged(RuntimeError):
    """A file that is not what it should be; the message says which and what to do."""


def root() -> Path:
    """`WAVELENS_DATA`, or a `wavelens` folder in the platform's cache directory; while samples are read, theirs."""
    if sampled():
        return SAMPLES
    return Path(os.environ.get("WAVELENS_DATA") or platformdirs.user_cache_dir("wavelens"))


@contextmanager
def reading(what: Reading) -> Iterator[None]:
    """A block in which every loader reads `what`."""
    before = _READING.set(what)
    try:
        yield
    finally:
        _READING.reset(before)


def samples() -> AbstractContextManager[None]:
    """A block in which every loader reads the samples that ship: the same on every machine."""
    return reading("samples")


def sampled() -> bool:
    """Whether it is samples that are read."""
    return _READING.get() == "samples"


def read_now() -> Reading:
    """What is read here, to be read again later."""
    return _READING.get()


class AtHand(NamedTuple, Generic[T]):
    """What was read, and whether it came from the samples."""

    value: T
    sampled: bool


def at_hand(read: Callable[[], T]) -> AtHand[T]:
    """What `read` gives from the whole data where that is here, from the samples where not; it downloads nothing.

    Raises DataMissing where neither has it, DataDamaged.
    """
    if not sampled():
        try:
            with reading("root as it is"):
                return AtHand(read(), False)
        except DataMissing:
            pass
    with samples():
        return AtHand(read(), True)


@contextmanager
def fetching(path: Path, belongs_to: str) -> Iterator[None]:
    """A block that fetches `path`, which is not here; `belongs_to` names its source.

    Raises DataMissing where nothing may be fetched (a visitor reads, or `WAVELENS_OFFLINE` forbids every download:
    tests set it, and so may whoever wants to be sure), and in place of whatever the block raises but DataDamaged.
    """
    sentence = f"{path} is not here. It belongs to {belongs_to}"
    if _READING.get() != "root":
        raise DataMissing(f"{sentence}; a command that trains downloads it where it can be had.")
    if os.environ.get("WAVELENS_OFFLINE"):
        raise DataMissing(f"{sentence}, and WAVELENS_OFFLINE forbids downloads. Put it there, or unset the variable.")
    try:
        yield
    except DataDamaged:
        raise
    except Exception as error:  # a full disk, or whatever error of its own a source's client has for a lost network
        reason = textwrap.shorten(str(error), 160, placeholder=" …")
        raise DataMissing(
            f"{sentence}, and it could not be downloaded ({reason}). Check the network and the disk, or put it there."
        ) from error


@contextmanager
def unfinished(target: Path) -> Iterator[Path]:
    """An empty folder beside `target` to make it in, gone at the end: what is whole by then was moved to its place."""
    part = target.with_name(f"{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        yield part
    finally:
        shutil.rmtree(part, ignore_errors=True)


def hub_file(repository: str, file: str) -> Path:
    """`file` of a hub data set, below `<root>/hub/<repository>/`, downloaded with its checksum if it is not there.

    The hub's client writes to a temporary file and renames it at the end. Raises DataMissing where the file is not here
    and cannot be fetched, DataDamaged where what arrives is not what the hub lists.
    """
    path = root() / "hub" / repository / file
    if not path.exists():
        with fetching(path, f"the data set {repository} on the Hugging Face hub"):
            _download(repository, file, path.parents[file.count("/")])
    return path


def _download(repository: str, file: str, folder: Path) -> None:
    from huggingface_hub import HfApi, hf_hub_download  # not on the way of the first page

    (listed,) = HfApi().get_paths_info(repository, [file], repo_type="dataset")
    part = Path(hf_hub_download(repository, file, repo_type="dataset", local_dir=folder / ".part"))
    sha256 = getattr(getattr(listed, "lfs", None), "sha256", None)
    if sha256 and hashlib.sha256(part.read_bytes()).hexdigest() != sha256:
        part.unlink()
        raise DataDamaged(f"{file} arrived damaged from {repository}, and was thrown away. Try again.")
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    part.replace(folder / file)


def unpacked(folder: str, *, url: str, inside: str, title: str, sha256: str | None = None) -> Path:
    """`<root>/<folder>`: what the archive at `url` holds below `inside`, downloaded and unpacked if it is not there.

    With a progress bar in a terminal, the checksum where upstream names one, and a rename at the end, so that half a
    download is never mistaken for data. Raises DataMissing where it is not here and cannot be fetched, DataDamaged
    where what arrives is no such archive.
    """
    target = root() / folder
    if not target.exists():
        with fetching(target, f"{title} ({url})"), unfinished(target) as part:
            try:
                _unpack(_retrieved(url, part, sha256), part / "unpacked")
                (part / "unpacked" / inside).replace(target)
            except (ValueError, shutil.ReadError, tarfile.TarError, EOFError, FileNotFoundError) as error:
                raise DataDamaged(
                    f"What arrived from {url} is damaged ({error}), and was thrown away. Try again."
                ) from error
    return target


def _retrieved(url: str, folder: Path, sha256: str | None) -> Path:
    """The file at `url`, in `folder`; ValueError where it has another checksum."""
    import pooch  # not on the way of the first page

    pooch.get_logger().setLevel("WARNING")  # the progress bar says it all
    known, name, watched = f"sha256:{sha256}" if sha256 else None, url.rsplit("/", 1)[1], sys.stderr.isatty()
    return Path(pooch.retrieve(url, known, fname=name, path=folder, progressbar=watched))


def _unpack(archive: Path, folder: Path) -> None:
    """Not by pooch's own processors, which would let a tar archive write outside its folder; nor does an older Python.

    Raises tarfile.TarError where a member lies outside.
    """
    if not tarfile.is_tarfile(archive):
        shutil.unpack_archive(archive, folder)
    elif hasattr(tarfile, "data_filter"):  # Python 3.11.4 and later
        shutil.unpack_archive(archive, folder, filter="data")
    else:
        with tarfile.open(archive) as members:
            strays = [m.name for m in members if not (m.isfile() or m.isdir()) or not _inside(folder / m.name, folder)]
        if strays:
            raise tarfile.TarError(f"{strays[0]} is no file inside the archive's folder")
        shutil.unpack_archive(archive, folder)


def _inside(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())
