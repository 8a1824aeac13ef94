"""What is drawn of bounds, pins and lessons: their numbers stand in the words."""

import re
from typing import Any

import torch

from demos.latent import figures
from demos.latent.nets import Bound, Garment, KlOnly, Pinned, Strangers

GARMENT = Garment("a <coat>", torch.zeros(28, 28, dtype=torch.uint8))


def pinned(*strange: float) -> Pinned:
    shares: Any = strange or (0.5, 0.5, 1.0)
    return Pinned(GARMENT, torch.tensor([0.5, -1.25]), torch.tensor([0.1, 0.05]), 250.4, 6.25, shares)


def test_a_bar_for_each_beta_as_long_as_its_bound() -> None:
    rows = [
        Bound("0", 200.0, 50.0),
        Bound("¼"),
        Bound("1", 100.0, 25.0, own=True),
        Bound("4", 1.0, 1.0),
        Bound("16", 1.0, 1.0),
    ]
    text = figures.bounds_text(rows, "1")
    assert "width:80.0%" in text and "width:20.0%" in text, "the longest fills its track, in two parts"
    assert "width:40.0%" in text and "width:10.0%" in text and "100.0 + 25.0" in text
    assert text.count("not trained yet") == 1 and text.count("wl-latent-marked") == 1 and "β = 1, yours" in text
    assert "25.0 nats" in text, "and what is seen at this β, with its own number"


def test_a_net_that_is_not_there_is_not_described() -> None:
    rows = [Bound(beta) for beta in figures.SEEN]
    assert figures.bounds_text(rows, "128").count("not trained yet") == 6
    assert "The pull has won" not in figures.bounds_text(rows, "128") and figures.bounds_table(rows) == ""


def test_a_pin_says_where_it_stands_and_what_it_costs() -> None:
    text = figures.pin_text("A", pinned())
    assert "(0.50, −1.25)" in text and "0.1 and 0.05" in text and "250 nats" in text and "6.2 to tell the code" in text
    assert "&lt;coat&gt;" in text and "no clothes" not in text


def test_a_stranger_is_warned_of_first_and_told_why() -> None:
    for worst, why in enumerate(figures.WHY_STRANGE):
        text = figures.pin_text("B", pinned(*(1.4 if i == worst else 1.1 for i in range(3))))
        assert text.index(figures.STRANGE) < text.index(why) < text.index("coat")


def test_z_scoring_makes_a_cloud_of_one_point() -> None:
    code_N2 = 1e-4 * torch.randn(50, 2, generator=torch.Generator().manual_seed(0)) + 0.3
    found = KlOnly(code_N2, torch.arange(50) % 10, {"kl_nats": 3e-6, "reconstruction_nats": 543.7}, 2292, 200)
    text = figures.kl_only_text(found)
    raw, scored = (re.findall(r'<circle cx="(\S+)"', chart) for chart in text.split("<figure")[1:])
    assert len(raw) == len(scored) == 50
    across = [max(map(float, dots)) - min(map(float, dots)) for dots in (raw, scored)]
    assert across[0] < 0.1 and across[1] > 100, "of 200 pixels"
    assert "3e-06 nats" in text and "544 nats" in text and "2,292 pictures" in text


def test_both_measures_stand_beside_one_another() -> None:
    text = figures.strangers_text([Strangers("digits", 1000, 0.884, 0.423)])
    assert "88.4 %" in text and "42.3 %" in text and "1,000" in text
