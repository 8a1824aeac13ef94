"""Fashion-MNIST comes in MNIST's own form, and its official training split is cut as MNIST's is."""

import pytest
import torch

from training import Splits
from training.data import fashion_mnist, samples
from training.data._root import root

FILES = [f"fashion_mnist/{split}-00000-of-00001.parquet" for split in ("train", "test")]


@pytest.fixture
def real_clothes() -> Splits:
    """Skips, by name, where the real Fashion-MNIST is not at hand."""
    missing = [file for file in FILES if not (root() / "hub" / fashion_mnist.REPOSITORY / file).exists()]
    if missing:
        pytest.skip(f"Fashion-MNIST is not below WAVELENS_DATA ({root()}): {missing[0]}")
    return fashion_mnist.splits()


def test_clothes_in_the_form_of_digits() -> None:
    with samples():
        x_B1HW, label_B = fashion_mnist.official("test")
    assert x_B1HW.shape == (500, 1, 28, 28) and x_B1HW.dtype.itemsize == 1
    assert label_B.unique().tolist() == list(range(10))


def test_the_last_twelfth_of_training_validates() -> None:
    with samples():
        splits, whole = fashion_mnist.splits(), fashion_mnist.official("train")
    assert [len(arrays[0]) for arrays in splits] == [2_292, 208, 500]
    assert all(len(x_B1HW) == len(label_B) for x_B1HW, label_B in splits)
    for part, train, valid in zip(whole, splits.train, splits.valid, strict=True):
        assert torch.equal(torch.cat([train, valid]), part), "nothing is lost, nothing stands in both"


@pytest.mark.data
def test_the_real_clothes(real_clothes: Splits) -> None:
    assert [len(arrays[0]) for arrays in real_clothes] == [55_000, 5_000, 10_000]
    assert real_clothes.test[1].bincount().tolist() == 10 * [1_000]
    assert (real_clothes.train[1].bincount() + real_clothes.valid[1].bincount()).tolist() == 10 * [6_000]
