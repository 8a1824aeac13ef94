"""The strangers of Digits are what they are called, the same in every run, and in the form that the net is shown."""

from itertools import islice

import numpy as np
import pytest
import torch

from benchmarks import digit_strangers
from training.data import mnist, samples


@pytest.mark.parametrize("what", ["letters", "scribbles", "two digits", "three digits", "photographs", "noise"])
def test_strangers_are_drawn_alike_every_time(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with samples():
        made = digit_strangers.groups()[what]
        first, again = (digit_strangers.prepared(islice(made(np.random.default_rng(0))[0], 5)) for _ in range(2))
    assert first.shape[1:] == (28, 28) and len(first) >= 4 and torch.equal(first, again)
    assert first.min() == 0 and first.max() == 1


def test_a_digit_drawn_again_is_the_same_digit_by_another_pen() -> None:
    with samples():
        x_B1HW = mnist.official("test")[0][:3]
    again = digit_strangers.prepared(digit_strangers.drawn_again(x_B1HW))
    before = x_B1HW[:, 0].float() / 255
    overlap = (again * before).sum((1, 2)) / (again.norm(dim=(1, 2)) * before.norm(dim=(1, 2)))
    assert (overlap > 0.75).all()
