"""CIFAR-10 as the hub has it: two official splits, the end of the first to validate; damage is named."""

from pathlib import Path

import pytest
import torch

from tests.layouts.cifar10 import ROWS, write
from training import DataDamaged, DataMissing
from training.data import cifar10, reading
from training.data._root import root


def test_the_last_tenth_validates(small_root: Path) -> None:
    splits, whole = cifar10.splits(), cifar10.official("train")
    assert [len(arrays[0]) for arrays in splits] == [180, 20, ROWS["test"]]
    for part, train, valid in zip(whole, splits.train, splits.valid, strict=True):
        assert torch.equal(torch.cat([train, valid]), part)
    x_B3HW, label_B = splits.test
    assert x_B3HW.shape[1:] == (3, 32, 32) and x_B3HW.dtype == torch.uint8
    assert label_B[:10].tolist() == list(range(len(cifar10.CLASSES)))


def test_missing_data_names_the_folder_and_the_source(no_data: Path) -> None:
    with pytest.raises(DataMissing, match=r"cifar10.*Hugging Face hub"):
        cifar10.splits()
    with reading("root as it is"), pytest.raises(DataMissing):
        cifar10.official("test")


def test_whether_it_is_here_is_known_without_reading(small_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cifar10.is_here()
    monkeypatch.setenv("WAVELENS_DATA", str(small_root / "nowhere"))
    assert not cifar10.is_here()


def test_damage_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    monkeypatch.setenv("WAVELENS_DATA", str(tmp_path))
    write(tmp_path)
    path = tmp_path / "hub" / cifar10.REPOSITORY / cifar10.FILES["test"]
    content = path.read_bytes()
    path.write_bytes(content[:500])
    with pytest.raises(DataDamaged, match=r"test-00000.*damaged.*Delete it"):
        cifar10.official("test")
    path.write_bytes(content)
    table = parquet.read_table(path)
    other = tmp_path / "hub" / cifar10.REPOSITORY / cifar10.FILES["train"]
    parquet.write_table(arrow.table({"img": table["img"], "label": [10] * len(table)}), other)
    with pytest.raises(DataDamaged, match="labels 10 to 10"):
        cifar10.official("train")


def test_every_number_says_that_it_is_a_copy() -> None:
    assert cifar10.COMPRESSED in cifar10.SOURCE.note and "JPEG" in cifar10.SOURCE.title


@pytest.mark.data
def test_the_real_cifar10() -> None:
    if not (root() / "hub" / cifar10.REPOSITORY / cifar10.FILES["test"]).exists():
        pytest.skip(f"CIFAR-10 is not below WAVELENS_DATA ({root()})")
    splits = cifar10.splits()
    assert [len(arrays[0]) for arrays in splits] == [45_000, 5_000, 10_000]
    assert splits.test[1].bincount().tolist() == 10 * [1_000]
    assert (splits.train[1].bincount() + splits.valid[1].bincount()).tolist() == 10 * [5_000]
