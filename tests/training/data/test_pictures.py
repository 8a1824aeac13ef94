"""Folders of pictures as material: tiles that cover, whole pictures that fit, and what is said of the others."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.layouts.photographs import PETS, SIZES, scene
from training import DataDamaged, DataMissing
from training.data import bsds500, pets, pictures
from training.data.pictures import _starts, even, halved, opened, tiles, whole


def planes(picture: Image.Image) -> torch.Tensor:
    return torch.from_numpy(np.array(picture)).permute(2, 0, 1)


@pytest.mark.parametrize("length", [16, 18, 30, 32, 34, 48, 62])
def test_tiles_cover_a_length_and_start_on_even_pixels(length: int) -> None:
    starts = _starts(length, 16)
    assert all(start % 2 == 0 for start in starts) and list(starts) == sorted(set(starts))
    assert {p for start in starts for p in range(start, start + 16)} == set(range(length))


@pytest.mark.parametrize(("size", "n"), [((32, 32), 4), ((34, 32), 6), ((50, 40), 12), ((32, 16), 2), ((10, 40), 3)])
def test_tiles_show_the_picture_and_its_half(size: tuple[int, int], n: int) -> None:
    picture = scene(*size, seed=1)
    sharp_B3HW, small_B3hw = tiles([picture], side=16, smaller=(1.0,))
    assert sharp_B3HW.shape == (n, 3, 16, 16) and small_B3hw.shape == (n, 3, 8, 8) and sharp_B3HW.dtype == torch.uint8
    width = min(16, size[0])
    assert torch.equal(sharp_B3HW[0, :, :, :width], planes(picture)[:, :16, :width])
    assert torch.equal(small_B3hw[0, :, :, : width // 2], planes(halved(picture))[:, :8, : width // 2])
    assert torch.equal(sharp_B3HW[-1, :, :, :width], planes(picture)[:, -16:, -width:])


def test_a_picture_smaller_than_a_tile_is_mirrored() -> None:
    picture = scene(10, 12, seed=2)
    sharp_B3HW, small_B3hw = tiles([picture], side=16)
    assert sharp_B3HW.shape == (1, 3, 16, 16), "and not reduced further"
    assert torch.equal(sharp_B3HW[0, :, :12, 10:], planes(picture)[:, :, 4:].flip(2))
    assert torch.equal(small_B3hw[0, :, :6, 5:], planes(halved(picture))[:, :, 2:].flip(2))


def test_pictures_are_used_reduced_as_well() -> None:
    picture = scene(64, 64, seed=3)
    assert len(tiles([picture], side=16, smaller=(1.0, 0.75, 0.5))[0]) == 16 + 9 + 4
    reduced = tiles([picture], side=16, smaller=(0.5,))[0]
    assert torch.equal(reduced[0], planes(halved(picture))[:, :16, :16])
    with pytest.raises(ValueError, match="no picture"):
        tiles([])


def test_whole_pictures_of_several_sets() -> None:
    given = [[scene(20, 30, seed=1)], [], [scene(40, 16, seed=2), scene(18, 18, seed=3)]]
    sharp_B3HW, small_B3hw, size_B2, set_B = whole(given)
    assert sharp_B3HW.shape == (3, 3, 30, 40) and small_B3hw.shape == (3, 3, 15, 20)
    assert size_B2.tolist() == [[30, 20], [16, 40], [18, 18]] and set_B.tolist() == [0, 2, 2]
    assert torch.equal(sharp_B3HW[1, :, :16, :40], planes(given[2][0]))
    assert torch.equal(small_B3hw[1, :, :8, :20], planes(halved(given[2][0])))
    assert sharp_B3HW[1, :, 16:].sum() == 0


def test_an_odd_row_is_left_out() -> None:
    assert even(scene(21, 33, seed=0)).size == (20, 32) and even(scene(20, 32, seed=0)).size == (20, 32)


def test_every_kind_of_picture(tmp_path: Path) -> None:
    rgb = scene(31, 20, seed=4)
    rgb.convert("CMYK").save(tmp_path / "print.jpg")
    rgb.convert("RGBA").save(tmp_path / "clear.png")
    rgb.convert("L").save(tmp_path / "grey.TIF")
    rgb.quantize(16).save(tmp_path / "palette.gif")
    Image.fromarray(np.full((20, 31), 40_000, dtype=np.uint16)).save(tmp_path / "deep.png")
    (tmp_path / "further").mkdir()
    rgb.save(tmp_path / "further" / "below.webp")
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "._print.jpg").write_bytes(b"what a Mac leaves beside a file")
    (tmp_path / "notes.txt").write_text("no picture", encoding="utf-8")
    paths = pictures.found(tmp_path)
    assert [path.name for path in paths] == [
        "clear.png",
        "deep.png",
        "below.webp",
        "grey.TIF",
        "palette.gif",
        "print.jpg",
    ]
    found = opened(paths)
    assert all(picture.mode == "RGB" and picture.size == (30, 20) for picture in found)
    assert abs(int(np.asarray(found[1]).mean()) - 40_000 / 257) < 1


@pytest.mark.parametrize("trouble", ["text", "cut short", "a thread", "a dot"])
def test_a_picture_that_cannot_be_used_is_named(tmp_path: Path, trouble: str) -> None:
    path = tmp_path / "holiday.png"
    scene({"a thread": 1, "a dot": 3}.get(trouble, 64), 3 if trouble == "a dot" else 64, seed=5).save(path)
    if trouble == "cut short":
        path.write_bytes(path.read_bytes()[:300])
    if trouble == "text":
        path.write_text("no picture")
    with pytest.raises(DataDamaged, match=r"holiday\.png .*Take it out of the folder"):
        opened([path])


def test_ones_own_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_data: Path) -> None:
    with pytest.raises(DataMissing, match=r"nothing/pictures holds 0 pictures, and 10 are needed.*WAVELENS_PICTURES"):
        pictures.splits()
    mine = tmp_path / "mine"
    mine.mkdir()
    monkeypatch.setenv("WAVELENS_PICTURES", str(mine))
    for i in range(12):
        if i == 9:
            with pytest.raises(DataMissing, match="mine holds 9 pictures"):
                pictures.splits()
        scene(20 + 2 * i, 40, seed=i).save(mine / f"{i:02}.png")
    splits = pictures.splits()
    assert [len(arrays[0]) for arrays in splits] == [10, 1, 1]
    assert splits.valid[2].tolist() == [[40, 28]] and splits.test[2].tolist() == [[40, 38]]
    assert splits.train[0].shape[2:] == (pictures.TILE, pictures.TILE)


def test_below_the_root_where_nothing_is_said(small_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WAVELENS_PICTURES", raising=False)
    assert [len(arrays[0]) for arrays in pictures.splits()] == [8, 1, 1]


def test_bsds500_and_its_benchmarks(small_root: Path) -> None:
    splits = bsds500.splits()
    assert len(splits.train[0]) == SIZES["BSDS500/train"][0] - 2 and len(splits.valid[0]) == 2
    assert splits.test[3].tolist() == [0, 0, 0, 1, 1, 2, 2]
    assert len(bsds500.pictures_of("set14")) == 2


def test_the_woman_of_set5_is_not_learnt_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAVELENS_DATA", str(tmp_path))
    for folder, names in {"train": ["100", bsds500.SEEN_IN_SET5, "500"], "test": ["200"]}.items():
        (tmp_path / "BSDS500" / folder).mkdir(parents=True)
        for name in names:
            scene(40, 40, seed=int(name)).save(tmp_path / "BSDS500" / folder / f"{name}.png")
    found = bsds500.splits()
    learnt = pictures.tiles([scene(40, 40, seed=500)])[0]
    assert len(found.valid[0]) == 1 and torch.equal(found.train[0], learnt), "the first validates, the last trains"


def test_bsds500_without_the_benchmarks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAVELENS_DATA", str(tmp_path))
    for folder in ("train", "test"):
        (tmp_path / "BSDS500" / folder).mkdir(parents=True)
    with pytest.raises(DataMissing, match=r"does not hold train/ and test/ with pictures.*berkeley"):
        bsds500.splits()
    for name in ("train/a.png", "train/b.png", "test/c.png"):
        scene(40, 40, seed=0).save(tmp_path / "BSDS500" / name)
    assert bsds500.splits().test[3].tolist() == [0]


def test_what_is_not_here_is_asked_for(no_data: Path) -> None:
    with pytest.raises(DataMissing, match=r"BSDS500 is not here.*WAVELENS_OFFLINE forbids"):
        bsds500.splits()
    with pytest.raises(DataMissing, match=r"oxford-iiit-pet is not here.*WAVELENS_OFFLINE forbids"):
        pets.splits()


def test_pets(small_root: Path) -> None:
    splits = pets.splits()
    assert [len(arrays[0]) for arrays in splits] == [PETS["trainval"] - 1, 1, PETS["test"]]
    assert splits.train[0].shape[1:] == (3, 256, 256) and splits.train[1].shape[1:] == (3, 128, 128)
    assert splits.test[2].tolist() == 2 * [[256, 256]]


def test_pets_come_by_torchvision(no_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torchvision.datasets

    from tests.layouts import photographs

    monkeypatch.delenv("WAVELENS_OFFLINE")

    def lost(*_: object, **__: object) -> None:
        raise OSError("no route")

    monkeypatch.setattr(torchvision.datasets, "OxfordIIITPet", lost)
    with pytest.raises(DataMissing, match=r"could not be downloaded \(no route\)"):
        pets.splits()
    monkeypatch.setattr(torchvision.datasets, "OxfordIIITPet", lambda folder, **_: photographs.pets(folder))
    assert len(pets.splits().test[0]) == PETS["test"]


def test_a_broken_pet_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.layouts import photographs

    monkeypatch.setenv("WAVELENS_DATA", str(tmp_path))
    photographs.pets(tmp_path)
    (tmp_path / "oxford-iiit-pet" / "images" / "test_cat_1.jpg").unlink()
    with pytest.raises(DataDamaged, match=r"test_cat_1\.jpg is damaged.*Delete .*oxford-iiit-pet and run"):
        pets.splits()
