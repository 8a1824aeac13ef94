"""What takes the noise out: every method answers or says what is missing; one's own net before and after."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from demos._ui.nets import Net
from demos.denoising import measures, mixing, nets
from demos.denoising.nets import OURS, SHIPPED, UNTRAINED, YOURS, Denoised, Sound, Trained
from models import CheckpointMissing
from models.denoiser import RecurrentDenoiser
from signals import synthetic
from signals.audio import RATE_HZ, Wave
from training import Run
from training.data import at_hand
from training.tasks.denoising import inner


def trained(seconds: float) -> Trained:
    """Two nets with random weights in the place of a visitor's."""
    with torch.random.fork_rng():
        after, before = (RecurrentDenoiser(hidden=32, layers=1).eval() for _ in range(2))
    recipe = nets.RECIPES[OURS]
    return Trained(Net(recipe, after, {}, "after", own=True), Net(recipe, before, {}, "before", own=True), seconds)


def test_every_method_answers_or_says_what_is_missing(untrained: Path, voice: Tensor) -> None:
    assert nets.METHODS[0] == OURS and "noisereduce" in nets.METHODS
    assert nets.available() == [OURS, "Linear", *nets.CLASSICAL]
    sound = Sound(Wave(voice + synthetic.white(len(voice)), RATE_HZ), "A voice", voice)
    for method in nets.METHODS:
        assert len(nets.in_words(method)) > 40
        if method in nets.available():
            assert nets.denoise(sound, method).y_T.shape == voice.shape
        else:
            with pytest.raises(CheckpointMissing, match="python -m training fit denoiser_"):
                nets.denoise(sound, method)
    with pytest.raises(ValueError, match="no net"):
        nets.denoise(sound, "magic")


def test_the_frames_of_the_course_are_said_to_smear() -> None:
    assert "64 ms" in nets.in_words("Linear") and "smeared" in nets.in_words("Linear")
    assert "32 ms" in nets.in_words(OURS)
    assert nets.delay_ms("Linear") == 64 and nets.delay_ms("log-MMSE") is None


@pytest.mark.parametrize("method", nets.RECIPES)
def test_the_frames_are_those_of_the_net_itself(method: str) -> None:
    with torch.random.fork_rng():
        assert nets.frames(method) == inner(nets.RECIPES[method].model()).frames


def test_the_shipped_net_is_known_by_its_weights(untrained: Path) -> None:
    first = nets.net(OURS)
    assert nets.net(OURS) is first
    assert nets.net("Linear") is not first and nets.net("Linear", YOURS, trained(1.0)) is nets.net("Linear")
    own = trained(1.0)
    assert nets.net(OURS, YOURS, own) is own.after.model and nets.net(OURS, UNTRAINED, own) is own.before.model


def test_a_parameter_is_counted_where_there_is_a_net(untrained: Path) -> None:
    assert (nets.parameters("Linear") or 0) > 100_000
    assert nets.parameters("Convolutional") is None and nets.parameters("Wiener") is None


def test_the_loudest_second_has_a_past() -> None:
    y_T = 0.1 * torch.ones(3 * RATE_HZ)
    y_T[RATE_HZ // 2 : RATE_HZ], y_T[2 * RATE_HZ : int(2.5 * RATE_HZ)] = 0.5, 0.4
    result = Denoised(Sound(Wave(y_T, RATE_HZ), ""), OURS, SHIPPED, y_T, 1.0)
    assert 2.0 <= result.loudest_second < 2.5, "a loud beginning counts a quarter"
    short = replace(result, y_T=torch.ones(512), sound=Sound(Wave(torch.ones(512), RATE_HZ), ""))
    assert short.loudest_second == 0


def test_silence_is_no_reference(voice: Tensor) -> None:
    known = Denoised(Sound(Wave(voice, RATE_HZ), "", voice), OURS, SHIPPED, voice, 1.0)
    assert known.reference is not None and torch.equal(known.reference, voice)
    for clean_T in (None, torch.zeros_like(voice)):
        assert replace(known, sound=replace(known.sound, clean_T=clean_T)).reference is None


@pytest.mark.slow
def test_hear_before_and_after_a_training_of_ones_own(untrained: Path, no_data: Path, voice: Tensor) -> None:
    recipe = nets.at_home()
    assert recipe.model == nets.RECIPES[OURS].model
    run = at_hand(lambda: Run(recipe, replace(recipe.budget, steps=2))).value
    assert run.sampled and run.splits.train[0].shape[1] == RATE_HZ
    for _ in run:
        pass
    own = Trained.from_run(run)
    assert own.after.own and own.after.key != own.before.key
    sound = Sound(Wave(voice, RATE_HZ), "A voice")
    found = {w: nets.denoise(sound, OURS, w, own) for w in (SHIPPED, YOURS, UNTRAINED)}
    assert not torch.equal(found[YOURS].y_T, found[UNTRAINED].y_T)
    known = mixing.mixture("Reader 3", "City", 0)
    mine = nets.denoise(known, OURS, YOURS, own)
    beside = measures.others(mine, own)
    readings = measures.read(nets.denoise(known, OURS))
    assert readings.si_sdr_db and list(beside) == ["shipped", "yours, before training"]
    assert beside["shipped"] == pytest.approx(readings.si_sdr_db[1] - readings.si_sdr_db[0], abs=0.01)
    assert "yours, trained" in measures.verdict(mine, measures.read(mine), beside)
    assert not measures.others(nets.denoise(known, "Wiener"), own)
    fresh = at_hand(lambda: Run(recipe)).value.model.eval()
    assert torch.equal(fresh(voice[None])[0], found[UNTRAINED].y_T), "before its first step"
    other = nets.denoise(sound, "Linear", YOURS, own)
    assert other.weights == SHIPPED, "only the recurrent net is trained here"


def test_ones_own_weights_before_any_training(untrained: Path, voice: Tensor) -> None:
    with pytest.raises(ValueError, match="trained nothing yet"):
        nets.denoise(Sound(Wave(voice, RATE_HZ), ""), OURS, YOURS, None)


def test_what_is_no_recording_is_told_in_a_sentence() -> None:
    with pytest.raises(ValueError, match="no recording yet"):
        nets.read_upload(None)


def test_the_shipped_net_cleans_the_examples_and_does_badly_where_it_says_so() -> None:
    gains_db = {}
    for name, example in mixing.EXAMPLES.items():
        sound = mixing.mixture(example.speech, example.noise, example.snr_db)
        result = nets.denoise(sound, OURS)
        assert result.y_T.square().sum() < 1.05 * sound.wave.x_T.square().sum(), "nothing is made louder"
        readings = measures.read(result)
        assert readings.si_sdr_db is not None
        gains_db[name] = readings.si_sdr_db[1] - readings.si_sdr_db[0]
    badly = [name for name in gains_db if name.endswith("it does badly")]
    assert len(badly) == 1 and gains_db.pop(badly[0]) < 3 < 5 < min(gains_db.values()), gains_db
