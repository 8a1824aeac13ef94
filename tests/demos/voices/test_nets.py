"""What nets hear in recordings: similarities and what drove them, enrolled voices, trials, and what is refused."""

import math
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from demos._ui.nets import Net
from demos.voices import nets
from demos.voices.nets import OURS, RECIPES, TWINS, Enrolled, load_recording
from models import CheckpointMissing
from models.speaker import SpeakerNet, Voice
from signals import audio
from signals.audio import RATE_HZ
from tests.demos.voices.sounds import ADA, ADA_TOO, DAN, noise, sound
from training import Run
from training.data import at_hand


@pytest.mark.parametrize("name", RECIPES)
def test_what_ships_compares_the_examples(name: str) -> None:
    net = nets.active_net(name)
    assert nets.name_of(net) == name and nets.recipe_named(name).name == net.recipe.name
    recordings = [load_recording(path, "A") for path in (ADA, DAN, ADA_TOO)]
    assert all(math.isfinite(nets.similarity(net, a, b)) for a, b in pairwise(recordings))


def test_the_visitors_net_answers_for_its_own_recipe(net: Net[Voice]) -> None:
    assert nets.active_net(OURS, net) is net
    assert not nets.active_net(TWINS, net).own


def test_without_a_checkpoint(checkpoints: Path) -> None:
    for name, recipe_name in ((OURS, "speaker"), (TWINS, "speaker_siamese")):
        with pytest.raises(CheckpointMissing, match=f"python -m training fit {recipe_name}$"):
            nets.active_net(name)


def test_the_same_file_twice_is_one_voice(net: Net[Voice]) -> None:
    ada = load_recording(ADA, "A")
    assert nets.similarity(net, ada, ada) == pytest.approx(1, abs=1e-5)
    assert nets.embed(net, ada).norm().item() == pytest.approx(1, abs=1e-5)


def test_errors_at_the_ends_of_the_scale(net: Net[Voice]) -> None:
    scores = nets.trial_scores(net)
    assert scores.errors(-1.01) == (1.0, 0.0) and scores.errors(1.01) == (0.0, 1.0)
    accepted, rejected = scores.errors(scores.equal.threshold)
    step = 1 / len(scores.same_P) + 1 / len(scores.different_P)
    assert abs(accepted - rejected) <= step
    low, high = scores.span
    assert low < min(scores.same_P.min(), scores.different_P.min())
    assert high > max(scores.same_P.max(), scores.different_P.max())


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda p: sound(p / "a.wav", torch.zeros(RATE_HZ, 1)), "Recording A is silent"),
        (lambda p: sound(p / "a.wav", noise(0.1)), "lasts 0.10 s"),
        (lambda p: sound(p / "a.wav", noise(61)), "at most 60 s"),
        (lambda p: sound(p / "a.wav", noise(0)), "empty"),
        (lambda p: str((p / "a.wav").write_text("a text file") and p / "a.wav"), "not a sound that can be read"),
    ],
    ids=["silence", "a tenth of a second", "too long", "no samples", "a text file"],
)
def test_what_cannot_be_heard_is_refused_with_a_sentence(
    tmp_path: Path, make: Callable[[Path], str], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        load_recording(make(tmp_path), "Recording A")


def test_what_is_odd_is_heard_and_told(tmp_path: Path) -> None:
    half = load_recording(sound(tmp_path / "half.wav", noise(0.5)), "A")
    assert half.seconds == 0.5
    stereo = load_recording(sound(tmp_path / "stereo.wav", noise(2, channels=2), 44_100), "A")
    assert any("2 channels averaged to one" in told for told in stereo.notes)
    broken = noise(2)
    broken[100:200] = float("nan")
    mended = load_recording(sound(tmp_path / "nan.wav", broken, subtype="FLOAT"), "A")
    assert any("100 samples were no number" in told for told in mended.notes) and mended.x_T.isfinite().all()
    long = load_recording(sound(tmp_path / "long.wav", noise(20)), "A")
    assert long.seconds == 8 and any("only the first 8 s of 20 s" in told for told in long.notes)


def test_attributions_add_up_to_the_similarity(net: Net[Voice]) -> None:
    a, b = load_recording(ADA, "A"), load_recording(DAN, "B")
    other_E = nets.embed(net, b)
    z_FN = nets.attribution(net, a.x_T, other_E, steps=64)
    silence = nets.similarity(net, replace(a, x_T=torch.zeros_like(a.x_T)), b)
    assert z_FN.sum().item() == pytest.approx(nets.similarity(net, a, b) - silence, abs=0.03)


# Enrolled voices


def test_a_voice_is_found_among_the_enrolled(net: Net[Voice]) -> None:
    ada, dan = (nets.embed(net, load_recording(path, "A")) for path in (ADA, DAN))
    known = Enrolled(net.key).add("  Ada ", ada, net).add("Dan", dan, net)
    assert known.names == ["Ada", "Dan"] and known.mean().norm(dim=1).tolist() == pytest.approx([1, 1])
    who, score_V = nets.identify_speaker(net, known, ada, -1)
    assert who == "Ada" and score_V[0].item() == pytest.approx(1, abs=1e-5) and len(score_V) == 2
    assert nets.identify_speaker(net, known, ada, 1.01)[0] is None
    assert len(nets.map_places(net, known.mean())) == 2


def test_what_cannot_be_enrolled(net: Net[Voice]) -> None:
    enrolled, e_E = Enrolled(net.key), nets.embed(net, load_recording(ADA, "A"))
    with pytest.raises(ValueError, match="Give the voice a name"):
        enrolled.add("  ", e_E, net)
    for nobody in (None, enrolled):
        with pytest.raises(ValueError, match="Nobody is enrolled yet"):
            nets.known_voices(nobody, net)
    for i in range(8):
        enrolled = enrolled.add(f"voice {i}", e_E, net)
    with pytest.raises(ValueError, match="8 voices are the most"):
        enrolled.add("one more", e_E, net)
    other = replace(net, key="own 2")
    with pytest.raises(ValueError, match="another net"):
        nets.known_voices(enrolled, other)
    with pytest.raises(ValueError, match="another net"):
        enrolled.add("voice 1", e_E, other)


def test_an_enrolled_voice_is_numbers_alone(net: Net[Voice]) -> None:
    """The promise on the tab: no samples, no path and no file of a visitor are kept."""
    ((name, sum_E, n),) = Enrolled(net.key).add("Ada", nets.embed(net, load_recording(ADA, "A")), net).voices
    assert isinstance(net.model, SpeakerNet)
    assert (name, n) == ("Ada", 1) and sum_E.numel() == net.model.embedding + net.model.statistics
    assert sum_E.numel() <= 256, "a row of numbers, as the tab says, and no recording"


# What is at hand


def test_noise_has_the_ratio_that_was_asked_for() -> None:
    x_T = audio.load(ADA)
    noise_T = nets.add_noise(x_T, "white", 5) - x_T
    assert 10 * (x_T.square().mean() / noise_T.square().mean()).log10().item() == pytest.approx(5, abs=0.01)


def test_the_trials_as_a_table(net: Net[Voice]) -> None:
    lines = nets.trials_csv(net).splitlines()
    assert lines[0] == "corpus,first,second,same_speaker,score" and len(lines) == 1 + sum(
        n * (n - 1) // 2 for n in (40, 30, 50)
    )
    assert re.fullmatch(r"an4,an406-fcaw-b,cen4-fcaw-b,1,-?\d\.\d{4}", lines[1])


@pytest.mark.parametrize("name", RECIPES)
def test_a_model_of_ones_own(no_data: Path, name: str) -> None:
    """Half a minute's recipe on what ships: trained for a step, used, and measured on the test speakers that ship."""
    recipe = nets.at_home(name)
    run = at_hand(lambda: Run(recipe, replace(recipe.budget, steps=1))).value
    for _ in run:
        pass
    own = Net.from_run(run)
    assert run.sampled and own.own and nets.name_of(own) == name and nets.active_net(name, own) is own
    assert len(nets.trial_scores(own).same_P) > 0


def test_pieces_are_pieces_of_one_speaker_each() -> None:
    x_NT = torch.arange(2 * 40_000, dtype=torch.int32).reshape(2, 40_000).short()
    split = x_NT, torch.tensor([40_000, 10_000]), torch.tensor([5, 6])
    piece_PT, length_P, speaker_P = nets.cut_to_pieces(split, 1.0)
    assert speaker_P.tolist() == [5, 5, 6] and length_P.tolist() == [16_000, 16_000, 10_000]
    assert torch.equal(piece_PT[1], x_NT[0, 16_000:32_000]) and torch.equal(piece_PT[2, :10_000], x_NT[1, :10_000])
