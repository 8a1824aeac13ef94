"""Cells, moles, MedMNIST and ImageNet weights: layouts, splits, and what is said when they are not there."""

from pathlib import Path

import medmnist as package
import numpy as np
import pytest
import torch
from medmnist import INFO

from tests.layouts import medical as layout
from training import DataDamaged, DataMissing
from training.data import crc_cells, imagenet, medmnist, ph2, reading
from training.data._root import root


def test_cells(small_root: Path) -> None:
    splits = crc_cells.splits()
    x_B3HW, label_B, patient_B = splits.test
    assert x_B3HW.shape[1:] == (3, 27, 27) and x_B3HW.dtype == torch.uint8
    assert label_B.bincount().tolist() == 4 * [12] and patient_B.unique().tolist() == [0, 1, 2, 3]
    patients = {name: len(arrays[2].unique()) for name, arrays in splits._asdict().items()}
    assert patients == layout.PATIENTS and {len(arrays[0]) for arrays in splits} == {72, 36, 48}


@pytest.mark.data
def test_the_real_cells() -> None:
    if not (root() / "crc_cells").exists():
        pytest.skip(f"the cells are not below WAVELENS_DATA ({root()})")
    splits = crc_cells.splits()
    assert len(splits.test[0]) == 2_321 and len(splits.test[2].unique()) == 12
    assert splits.test[1].bincount().tolist() == [331, 608, 1179, 203]
    assert len(splits.train[0]) + len(splits.valid[0]) == 6_771 + 804


@pytest.mark.parametrize(("data", "name"), [(crc_cells, "crc_cells"), (ph2, "ph2")])
def test_what_no_network_can_bring_is_asked_for(no_data: Path, data: object, name: str) -> None:
    with pytest.raises(DataMissing, match=f"nothing/{name}.*put"):
        data.splits()  # type: ignore[attr-defined]


def test_a_broken_file_of_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAVELENS_DATA", str(tmp_path))
    layout.cells(tmp_path)
    path = tmp_path / "crc_cells" / "test.parquet"
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(DataDamaged, match=r"test\.parquet is damaged"):
        crc_cells.splits()


def test_folds_are_stratified_and_seeded() -> None:
    label_B = torch.tensor([0] * 80 + [1] * 80 + [2] * 40)
    fold_B = ph2.folds(label_B)
    assert torch.equal(fold_B, ph2.folds(label_B))
    for fold in range(ph2.FOLDS):
        assert label_B[fold_B == fold].bincount().tolist() == [16, 16, 8]


def test_moles_come_in_folds_that_cover_everything_once(small_root: Path) -> None:
    tested = torch.cat([ph2.splits(fold).test[2] for fold in range(ph2.FOLDS)])
    assert sorted(tested.tolist()) == list(range(layout.MOLES))
    splits = ph2.splits(3)
    index = torch.cat([arrays[2] for arrays in splits])
    assert sorted(index.tolist()) == list(range(layout.MOLES)), "no picture is in two parts"
    assert splits.train[0].shape[1:] == (3, ph2.SIDE, ph2.SIDE)
    assert ph2.names()[:2] == ["IMD000", "IMD001"]


def test_outlines_lie_where_the_lesions_lie(small_root: Path) -> None:
    x_B3HW, _ = ph2.pictures()
    masks = ph2.masks()
    assert masks.shape == (layout.MOLES, ph2.SIDE, ph2.SIDE) and masks.dtype == torch.bool
    for x_3HW, mask in zip(x_B3HW.float(), masks, strict=True):
        assert x_3HW[:, mask].mean() < x_3HW[:, ~mask].mean() - 50


def columns(flag: str) -> int:
    return len(INFO[flag]["label"]) if "multi-label" in INFO[flag]["task"] else 1


@pytest.mark.parametrize("flag", INFO)
def test_every_set_of_medmnist(flag: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAVELENS_DATA", str(tmp_path))
    known, n = INFO[flag], len(INFO[flag]["label"])
    shape = (28, 28, 28) if "3d" in flag else (28, 28) + (3,) * (known["n_channels"] == 3)
    layout.medmnist(tmp_path, flag, shape=shape, labels=n, columns=columns(flag))
    splits = medmnist.splits(flag)
    x_BX, label_B, sample_B = splits.test
    assert x_BX.shape[1:] == ((1, 28, 28, 28) if "3d" in flag else (3, 28, 28))
    assert label_B.shape == ((3 * n, n) if columns(flag) > 1 else (3 * n,)) and label_B.dtype == torch.int64
    assert sample_B.tolist() == list(range(3 * n))
    assert medmnist.classes(flag)[0] == known["label"]["0"]


@pytest.mark.parametrize("size", [28, 64])
def test_volumes_come_at_both_sizes(small_root: Path, size: int) -> None:
    x_B1DHW, label_B, _ = medmnist.splits("fracturemnist3d", size=size).train
    assert x_B1DHW.shape == (24, 1, size, size, size) and x_B1DHW.dtype == torch.uint8
    assert label_B.bincount().tolist() == [8, 8, 8]


def test_the_packages_splits_are_ours(small_root: Path) -> None:
    with np.load(small_root / "medmnist" / "dermamnist.npz") as arrays:
        for part, theirs in zip(medmnist.splits("dermamnist"), ("train", "val", "test"), strict=True):
            assert np.array_equal(part[0].permute(0, 2, 3, 1).numpy(), arrays[f"{theirs}_images"])
            assert part[1].tolist() == arrays[f"{theirs}_labels"][:, 0].tolist()


@pytest.mark.parametrize("flag", ["dermamnist", "breastmnist", "chestmnist"])
def test_the_packages_own_evaluator_says_the_same(flag: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAVELENS_DATA", str(tmp_path))
    n = len(INFO[flag]["label"])
    layout.medmnist(tmp_path, flag, shape=(28, 28), labels=n, columns=columns(flag))
    label_B = medmnist.part(flag, "test")[1]
    p_BC = torch.rand(len(label_B), n, generator=torch.Generator().manual_seed(0))
    theirs = package.Evaluator(flag, "test", root=str(tmp_path / "medmnist")).evaluate(p_BC.numpy())
    mine = medmnist.evaluate(flag, p_BC, label_B)
    assert (mine["accuracy"], mine["auc"]) == pytest.approx((theirs.ACC, theirs.AUC))


@pytest.mark.parametrize(
    ("flag", "source", "classes"),
    [
        ("dermamnist", medmnist.DERMA, medmnist.DERMA_CLASSES),
        ("pathmnist", medmnist.PATH, medmnist.PATH_CLASSES),
        ("pneumoniamnist", medmnist.PNEUMONIA, medmnist.PNEUMONIA_CLASSES),
        ("adrenalmnist3d", medmnist.ADRENAL, medmnist.ADRENAL_CLASSES),
        ("fracturemnist3d", medmnist.FRACTURE, medmnist.FRACTURE_CLASSES),
    ],
)
def test_what_is_written_here_is_what_the_package_says(flag: str, source: object, classes: tuple[str, ...]) -> None:
    known = INFO[flag]
    n = known["n_samples"]
    assert source.title == known["python_class"] and source.licence == known["license"]  # type: ignore[attr-defined]
    assert source.split == f"official: {n['train']:,} / {n['val']:,} / {n['test']:,}"  # type: ignore[attr-defined]
    assert classes == tuple(known["label"].values())


def test_a_set_that_is_not_there(no_data: Path) -> None:
    with pytest.raises(DataMissing, match=r"medmnist/dermamnist\.npz.*zenodo.*WAVELENS_OFFLINE forbids"):
        medmnist.splits("dermamnist")
    with reading("root as it is"), pytest.raises(DataMissing, match="a command that trains downloads it"):
        medmnist.part("dermamnist", "test")
    with pytest.raises(ValueError, match="It has: pathmnist"):
        medmnist.splits("catmnist")
    with pytest.raises(ValueError, match="does not come at 99 pixels"):
        medmnist.file("dermamnist", size=99)


def test_a_damaged_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAVELENS_DATA", str(tmp_path))
    layout.medmnist(tmp_path, "dermamnist", shape=(28, 28, 3), labels=7)
    path = tmp_path / "medmnist" / "dermamnist.npz"
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(DataDamaged, match=r"dermamnist\.npz is damaged.*Delete it"):
        medmnist.splits("dermamnist")


def test_a_download_takes_its_place_whole(no_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WAVELENS_OFFLINE")
    asked = []

    def fetched(self: package.DermaMNIST) -> None:
        asked.append(self.root)
        folder = Path(self.root)
        layout.medmnist(folder, "dermamnist", shape=(28, 28, 3), labels=7)
        (folder / "medmnist" / "dermamnist.npz").replace(folder / "dermamnist.npz")

    monkeypatch.setattr(package.DermaMNIST, "download", fetched)
    assert len(medmnist.splits("dermamnist").test[0]) == 21
    assert asked == [str(no_data / "medmnist" / ".part")], "once, and not where the data is to be"
    assert (no_data / "medmnist" / "dermamnist.npz").exists()


def test_a_lost_network(no_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WAVELENS_OFFLINE")

    def unreachable(self: package.DermaMNIST) -> None:
        raise RuntimeError("Automatic download failed!")

    monkeypatch.setattr(package.DermaMNIST, "download", unreachable)
    with pytest.raises(DataMissing, match=r"could not be downloaded \(Automatic download failed!\)"):
        medmnist.splits("dermamnist")
    assert not (no_data / "medmnist" / "dermamnist.npz").exists()


def test_imagenet_weights_from_the_folder(small_root: Path) -> None:
    found = imagenet.weights("resnet18")
    assert found["conv1.weight"].shape == (64, 3, 7, 7) and found["conv1.weight"].dtype == torch.float32


def test_imagenet_weights_that_ship_are_everywhere_the_same(small_root: Path) -> None:
    here = imagenet.weights("squeezenet1_0")
    with reading("samples"):
        assert torch.equal(imagenet.weights("squeezenet1_0")["features.0.weight"], here["features.0.weight"])
    assert here["features.0.weight"].shape == (96, 3, 7, 7) and here["features.0.weight"].dtype == torch.float32


def test_imagenet_weights_that_are_not_there(no_data: Path) -> None:
    with pytest.raises(DataMissing, match=r"imagenet_weights/resnet18.*download\.pytorch\.org.*WAVELENS_OFFLINE"):
        imagenet.weights("resnet18")
    with reading("root as it is"), pytest.raises(DataMissing, match="a command that trains downloads it"):
        imagenet.weights("resnet18")


def test_imagenet_weights_are_fetched_once(no_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WAVELENS_OFFLINE")
    calls = []

    def served(url: str, folder: str, **options: object) -> dict[str, torch.Tensor]:
        assert options["check_hash"] and options["weights_only"]
        calls.append(url)
        return {"conv1.weight": torch.ones(2, 2), "bn1.num_batches_tracked": torch.tensor(3)}

    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", served)
    imagenet.weights("resnet18")
    found = imagenet.weights("resnet18")
    assert len(calls) == 1 and "resnet18" in calls[0]
    assert found["conv1.weight"].dtype == torch.float32 and found["bn1.num_batches_tracked"].item() == 3


def test_a_wrong_hash_is_not_kept(no_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WAVELENS_OFFLINE")

    def wrong(*_: object, **__: object) -> None:
        raise RuntimeError("invalid hash value")

    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", wrong)
    with pytest.raises(DataDamaged, match="invalid hash value"):
        imagenet.weights("resnet18")
    assert not (no_data / "imagenet_weights" / "resnet18.safetensors").exists()


def test_damaged_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAVELENS_DATA", str(tmp_path))
    layout.weights(tmp_path, "resnet18")
    path = tmp_path / "imagenet_weights" / "resnet18.safetensors"
    path.write_bytes(path.read_bytes()[: np.random.default_rng(0).integers(1, 1000)])
    with pytest.raises(DataDamaged, match=r"resnet18\.safetensors is damaged"):
        imagenet.weights("resnet18")
