"""The latent space without a browser: what its handlers give, and what they say when something is missing."""

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from demos._ui.widgets.picker import shown
from demos.latent import nets, tab
from demos.latent.layout import A, B
from demos.latent.nets import RECIPES
from models import CheckpointMissing
from tests.demos.latent.test_nets import shirt
from training import Run
from training.data import samples


def halves(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), "<f2").astype(np.float32)


def test_the_tab_opens_with_a_net_and_two_pins() -> None:
    page = tab.show_net("1", None, None)
    value, walk = page.plane, page.walk
    n = len(value["names"])
    assert n == 10 and len(halves(value["code"])) == 2 * len(base64.b64decode(value["kind"])) == 4000
    assert Path(value["net"]["path"]).stat().st_size < 700_000
    assert len(base64.b64decode(value["density"])) == value["cells"] ** 2 and value["learnt"] == 10_000
    assert len(halves(value["pca_mean"])) == 784 and len(halves(value["pca_axes"])) == 1568
    assert walk["key"] == value["key"] and walk["A"]["words"] == "a T-shirt of the test set"
    assert len(base64.b64decode(walk["B"]["x"])) == 784 and "ankle boot" in page.words
    assert "β = 1" in page.bounds and page.pins == tab.first_pins()


def test_a_pin_goes_where_it_is_told_and_the_other_stays() -> None:
    pins = tab.first_pins()
    placed = tab.pin_example(shown("", "bag"), A, pins, "1", None)
    assert placed.pins.a.words == "a bag of the test set" and placed.pins.b is pins.b and placed.walk["look"] == "A"
    placed = tab.pin_drawing(shirt(), B, placed.pins, "1", None)
    assert placed.pins.a.words == "a bag of the test set" and placed.pins.b.words == "your drawing"
    placed = tab.pin_test_garment(B, None, "1", None)
    assert "test pictures" in placed.pins.b.words and placed.pins.a == pins.a
    half_way = tab.trouser_and_bag("1", None)
    assert (half_way.walk["A"]["words"], half_way.walk["B"]["words"], half_way.walk["at"]) == (
        "a trouser of the test set", "a bag of the test set", 50,
    )  # fmt: skip


def test_a_digit_is_pinned_with_a_warning() -> None:
    words = tab.pin_example(shown("", "digit"), B, None, "1", None).words
    assert "B: This looks like no clothes" in words and "A: This looks" not in words


@pytest.mark.parametrize("chosen", [None, {}, {"key": "hat"}, {"key": "../../x"}, "data:image/png;base64,"])
def test_an_example_that_is_none_is_refused(chosen: Any) -> None:
    with pytest.raises(ValueError, match="one of those in the row"):
        tab.pin_example(chosen, A, None, "1", None)


@pytest.mark.parametrize("address", [None, "", tab.clear_board()])
def test_an_empty_board_is_told_what_to_do(address: str | None) -> None:
    with pytest.raises(ValueError, match="draw one garment"):
        tab.pin_drawing(address, A, None, "1", None)


def test_without_its_checkpoint_it_says_how_to_make_it(checkpoints: Path) -> None:
    with pytest.raises(CheckpointMissing, match="python -m training fit vae_beta_4"):
        tab.show_net("4", None, None)


def test_a_net_of_ones_own_takes_the_place_of_its_beta() -> None:
    with samples():
        run = Run(RECIPES["4"], replace(RECIPES["4"].budget, steps=3, batch_size=64, eval_every=3))
        reports = [tab.watch(run) for _ in run]
        own = nets.net_with_bound(run)
    assert reports[-1]["step"] == 3 and len(halves(reports[-1]["code"])) == 2 * 500
    page = tab.use_own("1", own, None)
    assert page.beta == "4" and page.plane["key"] == own.key and page.plane["learnt"] == 2292
    assert "β = 4, yours" in page.bounds
    assert torch.isfinite(own.evidence["bound"]).all()
    assert tab.show_net("1", own, None).plane["key"] != own.key, "the other nets are the shipped ones"
    assert tab.use_own("1", None, None).beta == "1"


def test_the_panel_trains_what_is_chosen() -> None:
    assert [tab.chosen_recipe(beta).name for beta in ("0", "16")] == ["vae_beta_0", "vae_beta_16"]
