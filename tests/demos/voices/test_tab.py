"""The Voices tab without a browser: what it decides and why, and the promises on it, which are kept."""

import ast
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
import torch

import app
from demos._ui.html import per_cent
from demos._ui.nets import Net
from demos.voices import identity, nets, tab
from demos.voices.figures import PRIVACY, PROMISE
from demos.voices.nets import OURS, RECIPES, TWINS
from demos.voices.pairs import FIRST, PAIRS, example_pair
from models import CheckpointMissing
from models.speaker import Voice
from signals.audio import RATE_HZ
from tests.demos.voices.sounds import ADA, ADA_TOO, DAN, sound


@pytest.mark.parametrize("which", PAIRS)
def test_what_ships_answers_the_examples_as_they_are_called(no_data: Path, which: str) -> None:
    shown = tab.show_example(which, OURS, None, tab.opening()[2])
    rate_hz, samples = shown.a
    assert rate_hz == RATE_HZ and samples.dtype.name == "int16" and shown.found.truth in shown.answer
    if shown.found.same is None:
        assert "Not like any voice that the net knows" in shown.answer and "test pairs" not in shown.answer
    else:
        verdict = "wrong" if "it is wrong" in which else "right"
        assert f"The net is {verdict}." in shown.answer and not shown.found.strange


def test_the_same_file_twice_is_one_person(net: Net[Voice]) -> None:
    compared = tab.compare(OURS, net, ADA, ADA, 0.99)
    assert compared.found.score == pytest.approx(1, abs=1e-5) and "nobody here knows the truth" in compared.words
    assert "One person" in compared.answer and compared.found.words.endswith("your model.")
    shipped = tab.compare(OURS, None, ADA, ADA, 0.99).found
    assert compared.found.beside[0] == pytest.approx(shipped.score, abs=1e-5)
    assert f"The shipped net: one person, {shipped.score:.2f}" in compared.answer


def test_a_decision_follows_the_threshold(net: Net[Voice]) -> None:
    found = tab.compare(OURS, net, ADA, DAN, 0.0).found
    for threshold, said in ((found.score - 0.01, "One person"), (found.score + 0.01, "Two persons")):
        assert f"<b>{said}</b>" in tab.decide(OURS, net, found, threshold)
        costs = tab.show_errors(OURS, net, threshold)
        accepted, rejected = nets.trial_scores(net).errors(threshold)
        assert f"<b>{per_cent(accepted)}</b>" in costs.rates and f"<b>{per_cent(rejected)}</b>" in costs.rates
        assert f"at your threshold {per_cent(accepted)} of the pairs" in costs.curve
        for corpus in ("an4", "librispeech", "synthetic"):
            assert per_cent(nets.trial_scores(net, corpus).equal.rate) in costs.rates


@pytest.mark.parametrize(("a", "b", "missing"), [(None, None, "two recordings"), (ADA, None, "recording B")])
def test_what_is_missing_is_said_and_is_no_error(net: Net[Voice], a: str | None, b: str | None, missing: str) -> None:
    compared = tab.compare(OURS, net, a, b, 0.5)
    assert compared.found is None and f"bring {missing}" in compared.answer
    assert "Two recordings are needed" in tab.explain(OURS, net, a, b) and tab.decide(OURS, net, None, 0.5) == ""


def test_a_pair_is_compared_again_where_there_is_one_and_its_truth_stays(net: Net[Voice]) -> None:
    pair = tab.show_example(FIRST, OURS, None, 0.5)
    example = example_pair(FIRST)
    again = tab.compare_again(OURS, net, str(example.a), str(example.b), 1.01, pair.found)
    assert again.found.truth == pair.found.truth in again.answer and "Two persons" in again.answer
    assert tab.compare_again(OURS, net, ADA, None, 0.5, pair.found) == (gr.skip(), gr.skip())


@pytest.mark.parametrize("seconds", [2.0, 0.5])
def test_a_stranger_is_warned_of_before_the_answer(tmp_path: Path, seconds: float) -> None:
    t = torch.arange(int(seconds * RATE_HZ)) / RATE_HZ
    chord = sum(torch.sin(2 * torch.pi * hz * t) for hz in (262, 330, 392)) * 0.1
    assert isinstance(chord, torch.Tensor)
    answer = tab.compare(OURS, None, sound(tmp_path / "chord.wav", chord[:, None]), ADA, 0.5).answer
    warning = "Not like any voice that the net knows" if seconds > 1 else "Too short to tell"
    assert -1 < answer.find(warning) < answer.find("person") and "test pairs" not in answer
    assert "Recording A" in answer and "Both recordings" not in answer


@pytest.mark.parametrize("name", RECIPES)
def test_reasons_are_shown_on_the_axes_of_the_spectrogram(name: str) -> None:
    page = tab.explain(name, None, ADA, ADA_TOO)
    assert page.count("<img") == 4 and page.count("of what spoke for likeness lies between") == 4


def test_a_test_trial_needs_no_data(no_data: Path) -> None:
    shown = tab.show_random_trial(OURS, None, 0.5)
    assert shown.a[0] == RATE_HZ and "In truth: " in shown.answer and shown.found.same is not None


def test_the_tab_opens_answered_at_the_threshold_of_validation_and_keeps_an_answer(no_data: Path) -> None:
    low, high, threshold = tab.opening()
    assert low < threshold < high
    assert threshold == pytest.approx(nets.trial_scores(nets.active_net(OURS)).threshold, abs=0.006)
    opened = tab.on_open(OURS, None, threshold, None)
    assert "<b>Two persons</b>" in opened.answer and "The net is right." in opened.answer
    assert tab.on_open(OURS, None, threshold, opened.found) == (gr.skip(),) * len(opened)


def test_another_net_brings_its_own_threshold_and_map(net: Net[Voice]) -> None:
    slider, atlas = tab.choose_threshold(OURS, net)
    assert slider["minimum"] < slider["value"] < slider["maximum"]
    assert slider["value"] == pytest.approx(nets.trial_scores(net).threshold, abs=0.006)
    assert "40 recordings" in atlas


def test_without_a_checkpoint(checkpoints: Path) -> None:
    for name, recipe_name in ((OURS, "speaker"), (TWINS, "speaker_siamese")):
        with pytest.raises(CheckpointMissing, match=f"python -m training fit {recipe_name}$"):
            tab.compare(name, None, ADA, DAN, 0.5)
        assert f"python -m training fit {recipe_name}" in tab.on_open(name, None, 0.5, None).answer
    assert tab.opening() == (-1, 1, 0.5)
    assert "python -m training fit speaker_siamese" in tab.further()


def test_the_trials_can_be_taken_away(net: Net[Voice], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    file = Path(tab.export_trials(OURS, net)["value"])
    assert file.name == "voices-trials.csv" and file.read_text() == nets.trials_csv(net)


# The promises


@pytest.fixture
def blocks() -> gr.Blocks:
    with gr.Blocks() as blocks, gr.Tab("Voices") as part:
        tab.build(part)
    return blocks


def test_the_server_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No run history, no analytics, and a cache that is emptied."""
    launched: dict[str, Any] = {}
    monkeypatch.setattr(gr.Blocks, "launch", lambda self, **options: launched.update(options))
    app.main()
    assert launched["run_history"] is False and launched["enable_monitoring"] is False
    assert launched["allowed_paths"] == [] and not launched.get("share")
    studio = app.studio()
    assert studio.delete_cache is not None and sum(studio.delete_cache) <= 7200 and studio.analytics_enabled is False
    assert "within hours" in PRIVACY and PRIVACY in PROMISE.unescape()


def test_everything_remembered_has_an_end(blocks: gr.Blocks) -> None:
    """Every state of the tab is thrown away with the session, an hour at the latest after its last use."""
    kept = [block for block in blocks.blocks.values() if isinstance(block, gr.State) and block.value is None]
    assert len(kept) >= 4 and all(state.time_to_live and state.time_to_live <= 3600 for state in kept)


def test_no_recording_can_be_shared_from_the_tab(blocks: gr.Blocks) -> None:
    """Gradio's own button for sharing sends a recording to somebody else's server: it is not offered."""
    recorders = [block for block in blocks.blocks.values() if isinstance(block, gr.Audio)]
    assert len(recorders) == 3 and all(block.buttons == [] for block in recorders)


def test_no_handler_writes_a_file() -> None:
    """The one file that the tab makes is the list of trials, in Gradio's own cache."""
    writers = {"write_bytes", "write_text", "open", "save", "savez", "mkdtemp", "NamedTemporaryFile", "to_csv"}
    called: dict[str, list[str]] = {}
    modules = sorted(Path(tab.__file__).parent.glob("*.py"))
    for module in modules:
        calls = [n.func for n in ast.walk(ast.parse(module.read_text())) if isinstance(n, ast.Call)]
        called[module.stem] = [getattr(f, "attr", getattr(f, "id", "")) for f in calls]
        assert not writers & set(called[module.stem]), module.name
    assert len(modules) > 5 and [name for name, calls in called.items() for call in calls if call == "served"] == [
        "tab"
    ]
    assert "served(trials_csv(" in Path(tab.__file__).read_text()


def test_recordings_leave_no_file_behind(net: Net[Voice], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "cache"))
    tab.compare(OURS, net, ADA, DAN, 0.5)
    tab.explain(OURS, net, ADA, DAN)
    enrolled = identity.enrol(OURS, net, None, ADA, "Ada").enrolled
    identity.identify(OURS, net, enrolled, DAN, 0.5)
    assert not list(tmp_path.rglob("*.*"))
