"""Data that is missing, damaged or half downloaded says so; what arrives is checked before it counts as data."""

import hashlib
from pathlib import Path
from types import SimpleNamespace

import huggingface_hub
import pytest

from training import DataDamaged, DataMissing
from training.data import mnist, reading
from training.data._root import SAMPLES, hub_file, root


def test_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAVELENS_DATA", "/somewhere")
    assert root() == Path("/somewhere")
    monkeypatch.delenv("WAVELENS_DATA")
    assert root().name == "wavelens"


def test_mnist_in_the_hubs_layout(mnist_root: Path) -> None:
    splits = mnist.splits()
    assert [len(arrays[0]) for arrays in splits] == [5_500, 500, 1_000]
    assert splits.test[0].shape == (1_000, 1, 28, 28) and splits.test[0].dtype.itemsize == 1
    assert splits.train[1].bincount().min() > 400, "every digit is among them"


@pytest.mark.data
def test_the_real_mnist(real_mnist: None) -> None:
    splits = mnist.splits()
    assert [len(arrays[0]) for arrays in splits] == [55_000, 5_000, 10_000]
    assert splits.test[1].bincount().tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def test_missing_data_names_the_folder_and_the_source(no_data: Path) -> None:
    with pytest.raises(DataMissing, match=r"nothing/hub/ylecun/mnist.*Hugging Face hub.*WAVELENS_OFFLINE forbids"):
        mnist.splits()
    with reading("root as it is"), pytest.raises(DataMissing, match="a command that trains downloads it"):
        mnist.official("test")


@pytest.mark.parametrize("keep", [0, 100, -1])
def test_a_truncated_file_is_named(mnist_root: Path, keep: int) -> None:
    path = mnist_root / "hub" / mnist.REPOSITORY / mnist.FILES["test"]
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(DataDamaged, match=r"test-00000.*damaged.*Delete it"):
        mnist.splits()


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A hub that serves the small MNIST, and that can be told to serve something else."""
    served = SAMPLES / "hub" / mnist.REPOSITORY
    state = SimpleNamespace(damage=False, full=False, calls=0)
    monkeypatch.delenv("WAVELENS_OFFLINE")

    def get_paths_info(self, repository, paths, *, repo_type):
        assert (repository, repo_type) == ("ylecun/mnist", "dataset")
        sha256 = hashlib.sha256((served / paths[0]).read_bytes()).hexdigest()
        return [SimpleNamespace(lfs=SimpleNamespace(sha256=sha256))]

    def hf_hub_download(repository, file, *, repo_type, local_dir):
        state.calls += 1
        target = Path(local_dir) / file
        target.parent.mkdir(parents=True, exist_ok=True)
        content = (served / file).read_bytes()
        target.write_bytes(content[:100] if state.damage or state.full else content)
        if state.full:
            raise OSError(28, "No space left on device")
        return str(target)

    monkeypatch.setattr(huggingface_hub.HfApi, "get_paths_info", get_paths_info)
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", hf_hub_download)
    return state


def test_what_is_missing_is_downloaded_once(no_data: Path, hub: SimpleNamespace) -> None:
    assert len(mnist.splits().test[0]) == 1_000
    mnist.splits()
    assert hub.calls == 2  # train and test


def test_a_damaged_download_never_becomes_data(no_data: Path, hub: SimpleNamespace) -> None:
    hub.damage = True
    with pytest.raises(DataDamaged, match=r"arrived damaged.*Try again"):
        mnist.splits()
    hub.damage = False
    assert len(mnist.splits().test[0]) == 1_000


def test_a_lost_network_is_a_sentence(no_data: Path, hub: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    class ConnectError(Exception):
        """The transport's own, and no OSError: so it is with the hub's client of today."""

    def unreachable(*_, **__) -> None:
        raise ConnectError("Name or service not known")

    monkeypatch.setattr(huggingface_hub.HfApi, "get_paths_info", unreachable)
    with pytest.raises(DataMissing, match=r"could not be downloaded \(Name or service not known\)\. Check the network"):
        mnist.splits()


def test_a_disk_that_fills_while_downloading(no_data: Path, hub: SimpleNamespace) -> None:
    hub.full = True
    with pytest.raises(DataMissing, match="No space left on device"):
        mnist.splits()
    assert not (no_data / "hub" / mnist.REPOSITORY / mnist.FILES["train"]).exists()
    hub.full = False
    assert hub_file(mnist.REPOSITORY, mnist.FILES["train"]).exists()
