"""Groceries at 32 × 32: what a visitor without CIFAR-10 trains on, out of the samples that ship."""

import shutil
from pathlib import Path

import pytest
import torch
from PIL import Image

from tests.layouts import grocery as layout
from training import DataDamaged, DataMissing
from training.data import grocery, samples
from training.data._root import SAMPLES, root


def test_the_samples_have_all_nine_kinds() -> None:
    with samples():
        splits = grocery.squares()
        files = {name: grocery.found(name) for name in grocery.FOLDERS}
    assert [len(arrays[0]) for arrays in splits] == [5 * len(files["train"]), len(files["valid"]), len(files["test"])]
    for x_B3HW, label_B in splits:
        assert x_B3HW.shape[1:] == (3, 32, 32) and x_B3HW.dtype == torch.uint8
        assert label_B.unique().tolist() == list(range(len(grocery.CLASSES)))


def test_a_training_picture_gives_its_middle_and_its_corners(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAVELENS_DATA", str(tmp_path))
    for folder in grocery.FOLDERS.values():
        (tmp_path / "grocery" / folder / "pear").mkdir(parents=True)
        picture = Image.new("RGB", (120, 64))
        for i, corner in enumerate([(0, 0), (110, 0), (0, 54), (110, 54)]):
            picture.paste((60 * (i + 1), 0, 0), (*corner, corner[0] + 10, corner[1] + 10))
        picture.save(tmp_path / "grocery" / folder / "pear" / "a.jpg", quality=95)
    splits = grocery.squares()
    assert [len(arrays[0]) for arrays in splits] == [5, 1, 1] and set(splits.train[1].tolist()) == {4}
    red_B = splits.train[0][:, 0].flatten(1).amax(1).tolist()
    assert red_B[0] < 20 and red_B[1:] == pytest.approx([60, 120, 180, 240], abs=15), "the middle square has no corner"


def test_missing_and_damaged_pictures_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAVELENS_DATA", str(tmp_path))
    with pytest.raises(DataMissing, match=r"train holds no pictures.*Grocery Store Dataset"):
        grocery.squares()
    shutil.copytree(SAMPLES / "grocery", tmp_path / "grocery")
    (tmp_path / "grocery" / "train" / "milk" / "broken.jpg").write_bytes(b"nothing")
    with pytest.raises(DataDamaged, match=r"broken\.jpg is damaged"):
        grocery.squares()


def test_pictures_come_a_class_in_turn_with_their_products(small_root: Path) -> None:
    splits = grocery.pictures()
    for arrays, each in zip(splits, layout.EACH.values(), strict=True):
        x_B3HW, label_B, _ = arrays
        assert x_B3HW.shape == (9 * each, 3, layout.SIDE, layout.SIDE), "not blown up to SIDE"
        assert label_B.tolist() == each * list(range(9)), "every class is among the first nine"
    names = [grocery.PRODUCTS[i] for i in splits.train[2].tolist()]
    assert names[:9] == [products[0] for products in layout.NAMES.values()]
    assert names[9:11] == ["Granny-Smith", "Bravo-Apple-Juice"] and names[18] == "Royal-Gala"
    assert grocery.pictures(16).test[0].shape[2:] == (16, 16)


def test_pictures_of_the_samples_have_their_products_by_name() -> None:
    with samples():
        splits, files = grocery.pictures(), grocery.turn_about(grocery.found("test"))
    assert splits.test[0].shape == (36, 3, grocery.SIDE, grocery.SIDE)
    assert all(
        path.stem.rpartition("_")[0] == grocery.PRODUCTS[i] for (path, _), i in zip(files, splits.test[2], strict=True)
    )


def test_a_product_that_nobody_knows(tmp_path: Path) -> None:
    with pytest.raises(DataDamaged, match=r"Durian_001\.jpg is called by no product"):
        grocery.product(tmp_path / "Durian_001.jpg")
    assert grocery.PRODUCTS[grocery.product(Path("Granny-Smith_001.jpg"))] == "Granny-Smith"
    assert list(grocery.PRODUCTS) == sorted(set(grocery.PRODUCTS))


def test_pictures_that_are_no_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAVELENS_DATA", str(tmp_path))
    layout.write(tmp_path)
    (tmp_path / "grocery" / "val" / "milk" / "Arla-Standard-Milk_999.jpg").write_bytes(b"nothing")
    with pytest.raises(DataDamaged, match=r"Milk_999\.jpg is damaged"):
        grocery.pictures()


@pytest.mark.data
def test_the_real_groceries() -> None:
    if not (root() / "grocery").exists():
        pytest.skip(f"the groceries are not below WAVELENS_DATA ({root()})")
    assert {split: len(grocery.found(split)) for split in grocery.FOLDERS} == {"train": 955, "valid": 155, "test": 540}
    assert {grocery.product(path) for path, _ in grocery.found("test")} == set(range(len(grocery.PRODUCTS)))
