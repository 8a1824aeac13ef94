"""Brain scans: layout, scale, split by patient, and what is said when they are not there or damaged."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from training import DataDamaged, DataMissing
from training.data import lgg_mri
from training.data._root import SAMPLES


def test_the_layout(small_root: Path) -> None:
    splits = lgg_mri.to_flair()
    for arrays, patients, slices in zip(splits, (23, 5, 10), (6, 4, 5), strict=True):
        source, target, head, tumour, patient = arrays
        assert len(source) == patients * slices and source.shape[1:] == (1, lgg_mri.SIDE, lgg_mri.SIDE)
        assert source.dtype == torch.uint8 and target.dtype == torch.float32 and 0 <= target.min() < target.max() <= 1
        assert head.dtype == tumour.dtype == torch.bool and (tumour & ~head).sum() < 0.05 * tumour.sum()
        assert patient.unique().tolist() == list(range(patients))
        assert tumour.any() and 0.2 < head.float().mean() < 0.6


def test_the_scale_is_the_training_sets(small_root: Path) -> None:
    splits, back = lgg_mri.to_flair(), lgg_mri.from_flair()
    for there, here, name in ((splits, back, "flair"), (back, splits, "pre_contrast")):
        top = lgg_mri.top(name)
        assert top == pytest.approx(np.quantile(here.train[0].numpy(), 0.999))
        for a, b in zip(there, here, strict=True):
            assert torch.allclose(a[1], (b[0] / top).clamp(max=1), atol=1e-6)


def test_patients_by_name(small_root: Path) -> None:
    assert len(lgg_mri.patients("valid")) == 5 and all(name.startswith("TCGA") for name in lgg_mri.patients("valid"))
    assert lgg_mri.to_flair().valid[4].tolist() == [i for i in range(5) for _ in range(4)]


@pytest.mark.data
def test_the_real_scans_are_split_by_patient() -> None:
    try:
        splits = lgg_mri.to_flair()
    except DataMissing as error:
        pytest.skip(str(error))
    parts = [lgg_mri.patients(name) for name in lgg_mri.FILES]
    assert [len(part) for part in parts] == [69, 10, 20]
    assert len({name for part in parts for name in part}) == 99, "nobody is in two parts"
    assert [len(arrays[0]) for arrays in splits] == [896, 130, 253]
    source, target, head, tumour, _ = splits.test
    assert source.shape[1:] == (1, lgg_mri.SIDE, lgg_mri.SIDE) and target.max() == 1
    assert (splits.train[1] == 1).float().mean() < 0.002, "one pixel in a thousand is as bright as that"
    assert 0.2 < head.float().mean() < 0.6 and (tumour & ~head).sum() < 0.01 * tumour.sum()


def test_scans_that_are_not_there(no_data: Path) -> None:
    with pytest.raises(DataMissing, match=r"lgg_mri/train\.parquet is not here.*kaggle.*put train\.parquet"):
        lgg_mri.splits()
    with pytest.raises(DataMissing, match=r"train\.parquet is not here"):
        lgg_mri.top("flair")


def test_one_missing_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAVELENS_DATA", str(tmp_path))
    shutil.copytree(SAMPLES / "lgg_mri", tmp_path / "lgg_mri")
    (tmp_path / "lgg_mri" / "validation.parquet").unlink()
    with pytest.raises(DataMissing, match=r"validation\.parquet is not here"):
        lgg_mri.splits()


@pytest.mark.parametrize("damage", ["cut short", "no such column", "no picture"])
def test_a_damaged_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str) -> None:
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    monkeypatch.setenv("WAVELENS_DATA", str(tmp_path))
    shutil.copytree(SAMPLES / "lgg_mri", tmp_path / "lgg_mri")
    path = tmp_path / "lgg_mri" / "test.parquet"
    table = parquet.read_table(path)
    if damage == "cut short":
        path.write_bytes(path.read_bytes()[:300])
    if damage == "no such column":
        parquet.write_table(table.drop_columns(["mask"]), path)
    if damage == "no picture":
        broken = arrow.array([b"no picture"] * len(table))
        parquet.write_table(table.set_column(table.column_names.index("flair"), "flair", broken), path)
    with pytest.raises(DataDamaged, match=r"test\.parquet is damaged.*Put it there again"):
        lgg_mri.splits()
