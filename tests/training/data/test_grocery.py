"""Groceries at 32 × 32: what a visitor without CIFAR-10 trains on, out of the samples that ship."""

import shutil
from pathlib import Path

import pytest
import torch
from PIL import Image

from training import DataDamaged, DataMissing
from training.data import grocery, samples
from training.data._root import SAMPLES


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
