"""The Voices tab without a browser: what it decides and why, and the promises on it, which are kept."""

import ast
import math
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
import torch

import app
from demos._ui.html import per_cent
from demos._ui.nets import Net
from demos.voices import identity, nets, tab
from demos.voices.figures import NOTHING_HEARD, PRIVACY, PROMISE
from demos.voices.nets import OURS, RECIPES, TWINS
from models import CheckpointMissing
from models.speaker import Voice
from signals.audio import RATE_HZ
from tests.demos.voices.sounds import ADA, ADA_TOO, DAN, sound
from training import DataMissing


@pytest.mark.parametrize("name", RECIPES)
def test_what_ships_compares_the_examples(name: str) -> None:
    for pair in tab.PAIRS.values():
        first, second = (str(nets.EXAMPLES / f"{n}.flac") for n in pair)
        compared = tab.compare(name, None, first, second, 0.5)
        assert math.isfinite(compared.found.score) and f"the shipped model ({name.lower()})" in compared.found.words
        assert "similarity (" in compared.answer and "of the test trials of two persons are accepted" in compared.answer


def test_the_same_file_twice_is_one_person(net: Net[Voice]) -> None:
    compared = tab.compare(OURS, net, ADA, ADA, 0.99)
    assert compared.found.score == pytest.approx(1, abs=1e-5)
    assert "One person" in compared.answer and compared.found.words.endswith("your model.")


def test_a_decision_follows_the_threshold(net: Net[Voice]) -> None:
    found = tab.compare(OURS, net, ADA, DAN, 0.0).found
    for threshold, said in ((found.score - 0.01, "One person"), (found.score + 0.01, "Two persons")):
        decision = tab.decide(OURS, net, found, threshold)
        assert f"<b>{said}</b>" in decision.answer
        accepted, rejected = nets.trial_scores(net).errors(threshold)
        assert f"<b>{per_cent(accepted)}</b>" in decision.rates and f"<b>{per_cent(rejected)}</b>" in decision.rates
        assert [trace.name for trace in decision.curve.data][-1] == "your threshold"


def test_before_anything_was_compared(net: Net[Voice]) -> None:
    assert tab.compare(OURS, net, None, None, 0.5) == (NOTHING_HEARD, None)
    decision = tab.decide(OURS, net, None, 0.5)
    assert decision.answer == NOTHING_HEARD and "trials of two persons are accepted" in decision.rates
    assert tab.explain(OURS, net, ADA, None) == tab.TWO_NEEDED
    with pytest.raises(ValueError, match="Recording B is empty"):
        tab.compare(OURS, net, ADA, None, 0.5)


def test_a_pair_is_compared_again_where_there_is_one(net: Net[Voice]) -> None:
    at_half, at_end = (tab.compare_again(OURS, net, ADA, DAN, threshold) for threshold in (0.5, 1.01))
    assert at_half.found.score == at_end.found.score and "Two persons" in at_end.answer
    assert tab.compare_again(OURS, net, ADA, None, 0.5) == (gr.skip(), gr.skip())


def test_music_gets_a_score_and_the_limits_say_so(net: Net[Voice], tmp_path: Path) -> None:
    t = torch.arange(2 * RATE_HZ) / RATE_HZ
    chord = sum(torch.sin(2 * torch.pi * hz * t) for hz in (262, 330, 392)) * 0.1
    assert isinstance(chord, torch.Tensor)
    found = tab.compare(OURS, net, sound(tmp_path / "chord.wav", chord[:, None]), ADA, 0.5).found
    assert -1 <= found.score <= 1 and "music gets a score too" in tab.LIMITS


@pytest.mark.parametrize("name", RECIPES)
def test_reasons_are_shown_on_the_axes_of_the_spectrogram(name: str) -> None:
    page = tab.explain(name, None, ADA, ADA_TOO)
    assert page.count("<img") == 4 and page.count("of what spoke for likeness lies between") == 4


def test_examples_and_test_trials(no_data: Path) -> None:
    for which in tab.PAIRS:
        shown = tab.show_example_pair(which)
        rate_hz, samples = shown.a
        assert rate_hz == RATE_HZ and samples.dtype.name == "int16" and "Synthetic voices" in shown.words
    with pytest.raises(DataMissing, match="an4"):
        tab.show_random_trial()


def test_the_tab_opens_at_equal_errors(net: Net[Voice]) -> None:
    threshold, answer, rates, curve, atlas = tab.on_open(OURS, net, None)
    assert threshold["minimum"] < threshold["value"] < threshold["maximum"]
    assert threshold["value"] == pytest.approx(nets.trial_scores(net).equal.threshold, abs=0.006)
    assert answer == NOTHING_HEARD and "trials of two persons" in rates and "12 recordings" in atlas
    assert len(curve.data) == 3


def test_without_a_checkpoint(checkpoints: Path) -> None:
    for name, recipe_name in ((OURS, "speaker"), (TWINS, "speaker_siamese")):
        with pytest.raises(CheckpointMissing, match=f"python -m training fit {recipe_name}$"):
            tab.compare(name, None, ADA, DAN, 0.5)
        with pytest.raises(CheckpointMissing):
            tab.on_open(name, None, None)
    assert "python -m training fit speaker_siamese" in tab.twins_card()


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
    assert studio.delete_cache == (3600, 7200) and studio.analytics_enabled is False
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
