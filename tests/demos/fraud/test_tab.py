"""Fraud's handlers: the desk of each net, what is not known, files that are none."""

from pathlib import Path

import gradio as gr
import pytest

from demos._ui.forward import MOST_BYTES
from demos.fraud import tab
from demos.fraud.nets import NETS, PLAIN, SCORES, WHITENED
from signals.payments import FEATURES


@pytest.mark.parametrize("name", NETS)
def test_every_net_has_its_desk(name: str) -> None:
    desk = tab.show_desk(None, name, WHITENED)
    assert desk["n"] == len(desk["score"]) == len(desk["fraud"]) and sum(desk["fraud"]) == 74
    files = [Path(desk[key]["path"]).stat().st_size for key in ("net", "rows")]
    assert files[1] == 4 * (29 * (desk["n"] + desk["normal"] + 1) + 29**2)
    assert sum(files) < MOST_BYTES, "what the page fetches when it opens"
    assert "the shipped model" in desk["counts"]


def test_the_plain_score_is_another_one() -> None:
    assert tab.show_desk(None, "Deep", PLAIN)["score"] != tab.show_desk(None, "Deep", WHITENED)["score"]


def test_what_is_not_known_is_told() -> None:
    with pytest.raises(ValueError, match=r"no “Wide” here. Choose one of: Denoising, Deep"):
        tab.show_desk(None, "Wide", SCORES[0])
    with pytest.raises(ValueError, match="Choose one of: Whitened"):
        tab.show_desk(None, "Deep", "by feel")
    with pytest.raises(ValueError, match="There is no file here"):
        tab.score_payments(None, "Deep", None)


def test_the_desk_is_made_once() -> None:
    assert tab.on_open(None, "Plain", WHITENED, {"n": 1}) == gr.skip()
    assert tab.on_open(None, "Plain", WHITENED, None)["n"] > 1000


def test_ones_own_file_is_scored(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("\n".join([",".join(FEATURES), *3 * [",".join(["9"] * 29)]]), encoding="utf-8")
    assert ">3</b>" in tab.score_payments(None, "Denoising", str(path))
    assert ">1,500</b>" in tab.score_samples(None, "Denoising")


def test_the_home_page_has_a_picture_with_and_without_the_net(checkpoints: Path) -> None:
    assert "Payments" in tab.thumbnail()
