"""Why one may trust a translation: what became of the tumour, and an ensemble of the nets that there are."""

from pathlib import Path

from PIL import Image

from demos.translation import figures, nets
from demos.translation.nets import ABSOLUTE, BACK, FIRST, THERE
from demos.translation.reasons import explain
from tests.demos.translation.known import net, oracle, shelve


def test_a_perfect_answer_keeps_the_tumour(checkpoints: Path) -> None:
    of = nets.example(FIRST)
    told = explain(nets.translate(THERE, oracle(of), of)).lesion
    assert "The tumour shows" in told and "100 % of its contrast" in told and "nothing is painted in" in told


def test_the_ensemble_is_told(checkpoints: Path) -> None:
    of = nets.example(FIRST)
    made = nets.translate(THERE, net(), of)
    alone = explain(made).uncertainty
    assert "takes two nets or more" in alone and "python -m training fit mri_dense_unet_mae" in alone
    shelve(ABSOLUTE)
    doubted = explain(made).uncertainty
    assert "standard deviation of 2 nets" in doubted and "python -m training fit mri_dense_unet_ssim" in doubted
    back = nets.translate(BACK, net(direction=BACK), of)
    assert explain(back).uncertainty == figures.ONE_NET


def test_without_a_truth(checkpoints: Path) -> None:
    shelve(ABSOLUTE)
    found = explain(nets.translate(THERE, net(), nets.from_picture(Image.new("L", (30, 20), 90))))
    assert figures.NO_OUTLINE in found.lesion and "Not checked" in found.uncertainty
    assert found.uncertainty.count("<figure") == 1, "no error to show beside it"


def test_nothing_translated_yet() -> None:
    assert explain(None) == ("", "")
