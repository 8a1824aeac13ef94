"""Where data lies: one root, `WAVELENS_DATA`, in each upstream's own layout, and what is missing is downloaded."""

import hashlib
import os
import shutil
import tarfile
from pathlib import Path

import platformdirs
import torch.hub


class DataMissing(RuntimeError):
    """Data that is neither here nor to be had; the message names the folder and the source."""


class DataDamaged(RuntimeError):
    """A file that is not what it should be; the message says which and what to do."""


def root() -> Path:
    """`WAVELENS_DATA`, or a `wavelens` folder in the platform's cache directory."""
    return Path(os.environ.get("WAVELENS_DATA") or platformdirs.user_cache_dir("wavelens"))


def hub_file(repository: str, file: str, *, download: bool = True) -> Path:
    """`file` of a hub data set, below `<root>/hub/<repository>/`, downloaded with its checksum if it is not there.

    The hub's client writes to a temporary file and renames it at the end. Raises DataMissing where the file is not here
    and cannot be fetched, DataDamaged where what arrives is not what the hub lists.
    """
    path = root() / "hub" / repository / file
    if path.exists():
        return path
    sentence = f"{path} is not here. It belongs to the data set {repository} on the Hugging Face hub"
    if not download:
        raise DataMissing(f"{sentence}; any command that trains will download it.")
    if offline():
        raise DataMissing(f"{sentence}, and WAVELENS_OFFLINE forbids downloads. Put it there, or unset the variable.")
    try:
        _download(repository, file, path.parents[file.count("/")])
    except DataDamaged:
        raise
    except Exception as error:  # a full disk, or whatever error of its own the hub's client has for a lost network
        raise DataMissing(
            f"{sentence}, and it could not be downloaded ({error}). Check the network, or put it there."
        ) from error
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


def offline() -> bool:
    """Whether `WAVELENS_OFFLINE` forbids every download: tests set it, and so may whoever wants to be sure."""
    return bool(os.environ.get("WAVELENS_OFFLINE"))


def unpacked(
    folder: str, *, url: str, inside: str, title: str, sha256: str | None = None, download: bool = True
) -> Path:
    """`<root>/<folder>`: what the archive at `url` holds below `inside`, downloaded and unpacked if it is not there.

    With a progress bar, the checksum where upstream names one, and a rename at the end, so that half a download is
    never mistaken for data. Raises DataMissing where it is not here and cannot be fetched, DataDamaged where what
    arrives is no such archive.
    """
    target = root() / folder
    if target.exists():
        return target
    sentence = f"{target} is not here. It belongs to {title} ({url})"
    if not download:
        raise DataMissing(f"{sentence}; any command that trains will download it.")
    if offline():
        raise DataMissing(f"{sentence}, and WAVELENS_OFFLINE forbids downloads. Put it there, or unset the variable.")
    part = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        archive = part / url.rsplit("/", 1)[1]
        torch.hub.download_url_to_file(url, str(archive), hash_prefix=sha256)
        if (".tar" in archive.name or archive.suffix == ".tgz") and hasattr(
            tarfile, "data_filter"
        ):  # Python 3.11.4 and later
            shutil.unpack_archive(archive, part / "unpacked", filter="data")
        else:
            shutil.unpack_archive(archive, part / "unpacked")
        (part / "unpacked" / inside).replace(target)
    except (RuntimeError, shutil.ReadError, tarfile.TarError, EOFError, FileNotFoundError) as error:
        raise DataDamaged(f"What arrived from {url} is damaged ({error}), and was thrown away. Try again.") from error
    except OSError as error:  # a lost network, or a full disk
        raise DataMissing(
            f"{sentence}, and it could not be downloaded ({error}). Check the network and the disk, or put it there."
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return target
