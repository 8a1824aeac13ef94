"""Does cleaning help, without a browser: with a denoiser and without one."""

from pathlib import Path

from demos._ui.nets import Net
from demos.voices import cleaning
from demos.voices.nets import OURS
from models import _checkpoint
from models.denoiser import RecurrentDenoiser
from models.speaker import Voice
from tests.cards import blank
from tests.demos.voices.sounds import ADA, ADA_TOO


def test_cleaning_without_a_denoiser_says_so(net: Net[Voice], checkpoints: Path) -> None:
    page = cleaning.clean(OURS, net, ADA, ADA_TOO, "white", 5, 0.5)
    assert page.count('class="wl-voices-version"') == 2 and "python -m training fit denoiser_gru" in page


def test_cleaning_compares_three_versions(net: Net[Voice], checkpoints: Path) -> None:
    model = RecurrentDenoiser().eval()
    _checkpoint.save("denoiser_gru", model, blank("denoiser_gru", model))
    page = cleaning.clean(OURS, net, ADA, ADA_TOO, "pink", 0, 0.5)
    assert page.count('class="wl-voices-version"') == 3 and page.count("<audio") == 3
    assert "with pink noise at 0 dB" in page and "the cleaning moved it by" in page
