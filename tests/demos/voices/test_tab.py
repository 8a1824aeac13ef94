"""The Voices tab without a browser: what it decides and why, what it refuses, whom it remembers, what it forgets."""

import ast
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
import soundfile
import torch

import app
from demos.voices import figures, nets, tab
from demos.voices.nets import EXAMPLES, NETS, OURS, TWINS, Enrolled, Net
from models import _checkpoint
from models.denoiser import RecurrentDenoiser
from models.speaker import SpeakerNet, embedding
from signals import audio
from training._recipe import Source
from training._run import Run
from training.data import speakers
from training.data._root import DataMissing
from training.recipes.speaker import recipe
from training.tasks.voices import evidence

RATE_HZ = 16_000
ADA, ADA_TOO, DAN = (str(EXAMPLES / f"{name}.flac") for name in ("ada-first", "ada-second", "dan-first"))
SPECTRA = pytest.mark.parametrize("name", NETS)


@pytest.fixture
def net(small_root: Path) -> Net:
    """An untrained net with all its evidence: what a visitor has after a run of no steps."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = SpeakerNet(channels=16).eval()
    return Net(OURS, model, evidence(model, speakers.splits()), "own 1")


def sound(path: Path, x: torch.Tensor, rate_hz: int = RATE_HZ, **options: Any) -> str:
    soundfile.write(path, x.numpy(), rate_hz, **options)
    return str(path)


def noise(seconds: float, channels: int = 1) -> torch.Tensor:
    return 0.1 * torch.randn(int(seconds * RATE_HZ), channels, generator=torch.Generator().manual_seed(0))


@SPECTRA
def test_what_ships_compares_the_examples(name: str) -> None:
    for pair in tab.PAIRS.values():
        first, second = (str(EXAMPLES / f"{n}.flac") for n in pair)
        text, found = tab.compare(name, None, first, second, 0.5)
        assert found is not None and math.isfinite(found[0])
        assert "similarity (" in text and "of the test trials of two persons are accepted" in text


def test_the_same_file_twice_is_one_person(net: Net) -> None:
    text, found = tab.compare(OURS, net, ADA, ADA, 0.99)
    assert found is not None and found[0] == pytest.approx(1, abs=1e-5)
    assert "One person" in text and "your model" in text


def test_a_decision_follows_the_threshold(net: Net) -> None:
    _, found = tab.compare(OURS, net, ADA, DAN, 0.0)
    assert found is not None
    for threshold, said in ((found[0] - 0.01, "One person"), (found[0] + 0.01, "Two persons")):
        text, rates, figure = tab.decide(OURS, net, found, threshold)
        assert f"<b>{said}</b>" in text and f"the threshold of {threshold:.2f}" in text
        accepted, rejected = nets.scores(net).errors(threshold)
        assert f"<b>{figures.per_cent(accepted)}</b>" in rates and f"<b>{figures.per_cent(rejected)}</b>" in rates
        assert [trace.name for trace in figure.data][-1] == "your threshold"


def test_before_anything_was_compared(net: Net) -> None:
    assert tab.compare(OURS, net, None, None, 0.5) == (tab.EMPTY_ANSWER, None)
    text, rates, _ = tab.decide(OURS, net, None, 0.5)
    assert text == tab.EMPTY_ANSWER and "trials of two persons are accepted" in rates
    assert "Two recordings are needed" in tab.explain(OURS, net, ADA, None)


def test_errors_at_the_ends_of_the_scale(net: Net) -> None:
    scores = nets.scores(net)
    assert scores.errors(-1.01) == (1.0, 0.0) and scores.errors(1.01) == (0.0, 1.0)
    accepted, rejected = scores.errors(scores.equal.threshold)
    step = 1 / len(scores.same_P) + 1 / len(scores.different_P)
    assert abs(accepted - rejected) <= step


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
def test_what_cannot_be_heard_is_refused_with_a_sentence(net: Net, tmp_path: Path, make: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        tab.compare(OURS, net, make(tmp_path), DAN, 0.5)


def test_what_is_odd_is_heard_and_told(net: Net, tmp_path: Path) -> None:
    half = sound(tmp_path / "half.wav", noise(0.5))
    stereo = sound(tmp_path / "stereo.wav", noise(2, channels=2), 44_100)
    text, _ = tab.compare(OURS, net, half, stereo, 0.5)
    assert "0.5 s is very short" in text and "2 channels averaged to one" in text
    broken = noise(2)
    broken[100:200] = float("nan")
    long = sound(tmp_path / "long.wav", noise(20))
    text, found = tab.compare(OURS, net, sound(tmp_path / "nan.wav", broken, subtype="FLOAT"), long, 0.5)
    assert "100 samples were no number" in text and "only the first 8 s of 20 s" in text
    assert found is not None and -1 <= found[0] <= 1


def test_music_gets_a_score_and_the_limits_say_so(net: Net, tmp_path: Path) -> None:
    t = torch.arange(2 * RATE_HZ) / RATE_HZ
    chord = sum(torch.sin(2 * torch.pi * hz * t) for hz in (262, 330, 392)) * 0.1
    assert isinstance(chord, torch.Tensor)
    assert tab.compare(OURS, net, sound(tmp_path / "chord.wav", chord[:, None]), ADA, 0.5)[1] is not None
    assert "music gets a score too" in tab.LIMITS


def test_reasons_add_up_to_the_similarity(net: Net) -> None:
    a, b = nets.heard(ADA, "A"), nets.heard(DAN, "B")
    other_E = embedding(net.model, b.x_T)
    z_FN = nets.reasons(net, a.x_T, other_E, steps=64)
    silence = float(embedding(net.model, torch.zeros_like(a.x_T)) @ other_E)
    assert z_FN.sum().item() == pytest.approx(nets.similarity(net, a, b) - silence, abs=0.03)


@SPECTRA
def test_reasons_are_shown_on_the_axes_of_the_spectrogram(name: str) -> None:
    page = tab.explain(name, None, ADA, ADA_TOO)
    assert page.count("<img") == 4 and page.count("of what spoke for likeness lies between") == 4


def test_bands_keep_their_sum_on_linear_hz() -> None:
    z_FN = torch.rand(64, 5, generator=torch.Generator().manual_seed(0))
    linear_KN = nets._on_linear_hz(z_FN, mel=True)
    reached = torch.linspace(0, 8000, 257)
    bands = ((2595 * torch.log10(1 + reached / 700) - 31.75) / (2840.02 - 31.75) * 64).long().clamp(0, 63).unique()
    assert torch.allclose(linear_KN.sum(0), z_FN[bands].sum(0), rtol=1e-3)


def test_enrol_identify_forget(net: Net) -> None:
    enrolled, text, page = tab.enrol(OURS, net, None, ADA, "  Ada <b> ")
    enrolled, text, page = tab.enrol(OURS, net, enrolled, DAN, "Dan")
    assert enrolled.names == ["Ada <b>", "Dan"] and "Ada &lt;b&gt;" in text and "2 of at most 8" in text
    assert page.count('class="wl-known"') == 2
    answer, page = tab.identify(OURS, net, enrolled, ADA, -1)
    assert "<b>Ada &lt;b&gt;</b>" in answer and 'class="wl-asked"' in page
    answer, _ = tab.identify(OURS, net, enrolled, ADA_TOO, 1.01)
    assert "<b>Unknown</b>" in answer and "Nobody reaches" in answer
    again, text, _ = tab.enrol(OURS, net, enrolled, ADA_TOO, "Dan")
    assert again.names == enrolled.names and "2 recordings" in text
    assert tab.forget()[0] is None
    with pytest.raises(ValueError, match="Nobody is enrolled yet"):
        tab.identify(OURS, net, None, ADA, 0.5)


def test_what_cannot_be_enrolled(net: Net) -> None:
    with pytest.raises(ValueError, match="Give the voice a name"):
        tab.enrol(OURS, net, None, ADA, "  ")
    with pytest.raises(ValueError, match="The recording is empty"):
        tab.enrol(OURS, net, None, None, "Ada")
    enrolled, e_E = Enrolled(net.key), embedding(net.model, nets.heard(ADA, "A").x_T)
    for i in range(8):
        enrolled = enrolled.add(f"voice {i}", e_E, net)
    with pytest.raises(ValueError, match="8 voices are the most"):
        enrolled.add("one more", e_E, net)
    with pytest.raises(ValueError, match="another net"):
        tab.identify(OURS, replace(net, key="own 2"), enrolled, ADA, 0.5)


def test_an_enrolled_voice_is_numbers_in_the_session_alone(net: Net) -> None:
    """The promise on the tab: no samples, no path and no file of a visitor are kept."""
    enrolled, *_ = tab.enrol(OURS, net, None, ADA, "Ada")
    ((name, sum_E, n),) = enrolled.voices
    assert isinstance(net.model, SpeakerNet)
    assert (name, n) == ("Ada", 1) and sum_E.numel() == net.model.embedding + net.model.statistics
    assert sum_E.numel() <= 256, "a row of numbers, as the tab says, and no recording"


def test_the_server_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The promise on the tab: no run history, no analytics, and a cache that is emptied."""
    launched: dict[str, Any] = {}
    monkeypatch.setattr(gr.Blocks, "launch", lambda self, **options: launched.update(options))
    app.main()
    assert launched["run_history"] is False and launched["enable_monitoring"] is False
    assert launched["allowed_paths"] == [] and not launched.get("share")
    studio = app.studio()
    assert studio.delete_cache == (3600, 7200) and studio.analytics_enabled is False
    assert "within hours" in tab.PRIVACY


def test_everything_remembered_has_an_end() -> None:
    """Every state of the tab is thrown away with the session, an hour at the latest after its last use."""
    with gr.Blocks() as blocks, gr.Tab("Voices") as part:
        tab.build(part)
    kept = [block for block in blocks.blocks.values() if isinstance(block, gr.State) and block.value is None]
    assert len(kept) >= 4 and all(state.time_to_live and state.time_to_live <= 3600 for state in kept)


def test_no_handler_writes_a_file() -> None:
    """The one file that the tab makes is the list of trials, in Gradio's own cache."""
    writers = {"write_bytes", "write_text", "open", "save", "savez", "mkdtemp", "NamedTemporaryFile", "to_csv"}
    for module in (tab, nets, figures):
        assert module.__file__
        calls = [n.func for n in ast.walk(ast.parse(Path(module.__file__).read_text())) if isinstance(n, ast.Call)]
        called = {getattr(f, "attr", getattr(f, "id", "")) for f in calls}
        assert not called & writers, module.__name__
    assert "save_bytes_to_cache(nets.trial_table(net)" in Path(tab.__file__).read_text()


def test_recordings_leave_no_file_behind(net: Net, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "cache"))
    tab.compare(OURS, net, ADA, DAN, 0.5)
    tab.explain(OURS, net, ADA, DAN)
    enrolled, *_ = tab.enrol(OURS, net, None, ADA, "Ada")
    tab.identify(OURS, net, enrolled, DAN, 0.5)
    assert not list(tmp_path.rglob("*.*"))


def test_the_trials_can_be_taken_away(net: Net, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    lines = Path(tab.export(OURS, net)["value"]).read_text().splitlines()
    assert lines[0] == "corpus,first,second,same_speaker,score" and len(lines) == 1 + 66 + 66
    assert re.fullmatch(r"an4,cen0-t000-b,cen1-t000-b,1,-?\d\.\d{4}", lines[1])


def test_cleaning_without_a_denoiser_says_so(net: Net, checkpoints: Path) -> None:
    page = tab.clean(OURS, net, ADA, ADA_TOO, "white", 5, 0.5)
    assert page.count('class="wl-version"') == 2 and "python -m training fit denoiser_gru" in page


def test_cleaning_compares_three_versions(net: Net, checkpoints: Path) -> None:
    model = RecurrentDenoiser().eval()
    nothing: dict[str, Any] = {
        "metrics": {},
        "intervals": {},
        "validation": {},
        "budget": {},
        "data": {},
        "provenance": {},
    }
    facts = _checkpoint.Card(
        recipe="denoiser_gru", model="RecurrentDenoiser", config=_checkpoint.config(model), parameters=0, bytes=0,
        weights_sha256="", **nothing,
    )  # fmt: skip
    _checkpoint.save("denoiser_gru", model, facts)
    page = tab.clean(OURS, net, ADA, ADA_TOO, "pink", 0, 0.5)
    assert page.count('class="wl-version"') == 3 and page.count("<audio") == 3
    assert "with pink noise at 0 dB" in page and "the cleaning by" in page


def test_noise_has_the_ratio_that_was_asked_for() -> None:
    x_T = audio.load(ADA)
    noise_T = nets.noisy(x_T, "white", 5) - x_T
    assert 10 * (x_T.square().mean() / noise_T.square().mean()).log10().item() == pytest.approx(5, abs=0.01)


def test_the_cleaning_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tab, "MEASURED", tmp_path / "voices.json")
    assert "python -m benchmarks.voices" in tab.cleaning_table()
    kept = (
        '{"cleaning": {"caption": "c", "columns": ["second", "a"], "rows": [["5 dB, noisy", "9.1 %"]], "words": "w"}}'
    )
    tab.MEASURED.write_text(kept)
    assert "<td>9.1 %</td>" in tab.cleaning_table()


def test_examples_and_test_trials(no_data: Path) -> None:
    for which in tab.PAIRS:
        (rate_hz, samples), _, words = tab.pair(which)
        assert rate_hz == RATE_HZ and samples.dtype.name == "int16" and "Synthetic voices" in words
    with pytest.raises(DataMissing, match="an4"):
        tab.trial()


@pytest.mark.parametrize("same", [True, False])
def test_a_test_trial_tells_the_truth(small_root: Path, same: bool) -> None:
    _, _, words = nets.test_pair(same, lambda found: found[0])
    first, second = re.findall(r"cen\d-(t\d+)-b", words)
    assert (first == second) == same and ("one person" in words) == same


def test_without_a_checkpoint(checkpoints: Path) -> None:
    for name, recipe_name in ((OURS, "speaker"), (TWINS, "speaker_siamese")):
        with pytest.raises(_checkpoint.CheckpointMissing, match=f"python -m training fit {recipe_name}$"):
            tab.compare(name, None, ADA, DAN, 0.5)
        with pytest.raises(_checkpoint.CheckpointMissing):
            tab.opened(name, None, None)
    assert "python -m training fit speaker" in tab.cards()


def test_a_model_of_ones_own(small_root: Path) -> None:
    small = replace(recipe, budget=replace(recipe.budget, steps=1, batch_size=8))
    run = Run(small)
    for _ in run:
        pass
    own = nets.trained(run)
    assert own.own and own.name == OURS and tab.to_train(OURS) is recipe
    threshold, text, rates, figure, page = tab.opened(OURS, own, None)
    assert -1 <= threshold["value"] <= 1 and text == tab.EMPTY_ANSWER and "12 recordings" in page
    assert "trials of two persons" in rates and len(figure.data) == 3
    assert isinstance(recipe.source, Source)


def test_no_recording_can_be_shared_from_the_tab() -> None:
    """Gradio's own button for sharing sends a recording to somebody else's server: it is not offered."""
    with gr.Blocks() as blocks, gr.Tab("Voices") as part:
        tab.build(part)
    recorders = [block for block in blocks.blocks.values() if isinstance(block, gr.Audio)]
    assert len(recorders) == 3 and all(block.buttons == [] for block in recorders)
