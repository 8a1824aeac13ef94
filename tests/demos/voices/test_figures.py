"""What Voices says: the decision by the threshold, names escaped, what cleaning did, and the benchmark's table."""

import json
from pathlib import Path

import pytest
import torch

from demos._ui.nets import Net
from demos.voices import figures, nets
from demos.voices.figures import Comparison, Version
from demos.voices.nets import Enrolled, Recording
from models.speaker import Voice


@pytest.mark.parametrize(("score", "said"), [(0.71, "One person"), (0.7, "One person"), (0.69, "Two persons")])
def test_a_decision_follows_the_threshold(net: Net[Voice], score: float, said: str) -> None:
    scores = nets.trial_scores(net)
    text = figures.decision_text(scores, 0.7, Comparison(score, "A: <odd>."))
    assert f"<b>{said}</b>" in text and "the threshold of 0.70" in text and "A: &lt;odd&gt;." in text
    assert "In truth" not in text
    assert "−0.40</span> similarity" in figures.decision_text(scores, 0.7, Comparison(-0.4, ""))


def test_what_a_decision_is_worth_is_counted_among_the_test_pairs(net: Net[Voice]) -> None:
    scores = nets.trial_scores(net)
    best = scores.different_P.max().item()
    n = f"{len(scores.different_P):,}"
    assert f"1 of {n} test pairs of two persons" in figures.decision_text(scores, -1, Comparison(best, ""))
    assert f"None of {n} test pairs of two persons" in figures.decision_text(scores, -1, Comparison(best + 0.01, ""))
    least = scores.same_P.min().item() - 0.01
    assert "None of" in figures.decision_text(scores, 2, Comparison(least, ""))


@pytest.mark.parametrize(
    ("score", "same", "verdict"), [(0.8, True, "right"), (0.8, False, "wrong"), (0.2, False, "right")]
)
def test_the_truth_is_told_behind_the_answer(net: Net[Voice], score: float, same: bool, verdict: str) -> None:
    text = figures.decision_text(nets.trial_scores(net), 0.5, Comparison(score, "", truth="two <persons>", same=same))
    assert -1 < text.find("<b>") < text.find("In truth: two &lt;persons&gt;.") < text.find(f"The net is {verdict}.")


def test_the_facts_tell_of_both_recordings() -> None:
    a, b = Recording(torch.zeros(16_000), ("very short",)), Recording(torch.zeros(40_000), ("clipped", "averaged"))
    words = figures.facts(a, b, 0.021, "your model")
    assert words == (
        "1.0 s and 2.5 s of sound, 21 ms on this machine, your model. A: very short. B: clipped. B: averaged."
    )


def test_enrolled_names_are_escaped() -> None:
    enrolled = Enrolled("own 1", (("Ada <b>", torch.zeros(2), 1), ("Dan", torch.zeros(2), 2)))
    text = figures.enrolled_text(enrolled)
    assert "<b>Ada &lt;b&gt;</b> 1 recording<" in text and "<b>Dan</b> 2 recordings<" in text
    assert "2 of at most 8" in text


def test_whose_voice_it_is() -> None:
    names, score_V = ["Ada <b>", "Dan"], torch.tensor([0.8, -0.3])
    found = figures.identity_text("Ada <b>", names, score_V, 0.7, (-0.5, 1.0))
    assert "<b>Ada &lt;b&gt;</b>" in found and found.count('<div class="wl-bar') == 3 and "−0.30" in found
    assert found.count("wl-bar-marked") == 1 and "is nearest, at 0.80; the threshold is 0.70" in found
    nobody = figures.identity_text(None, names, score_V, 0.9, (-0.5, 1.0))
    assert "<b>Unknown</b>" in nobody and "Nobody reaches the threshold of 0.90" in nobody
    assert "wl-bar-marked" not in nobody and "Ada &lt;b&gt; comes nearest, at 0.80" in nobody


def test_the_map_holds_everybody(net: Net[Voice]) -> None:
    recordings = int((net.evidence["corpus"] == 0).sum())
    alone = figures.speaker_map(net.evidence, {})
    assert alone.count("<circle") == recordings == 40 and "40 recordings" in alone and "wl-voices-known" not in alone
    page = figures.speaker_map(net.evidence, {"<i>": [9.0, 9.0], "Dan": [0.0, 0.0]}, [1.0, -1.0])
    assert page.count('class="wl-voices-known"') == 2 and "&lt;i&gt;" in page and "squares are the 2 enrolled" in page
    assert page.count('class="wl-voices-asked"') == 1 and "the ring is the recording asked about" in page


def test_what_cleaning_did_in_words(net: Net[Voice]) -> None:
    scores, x_T = nets.trial_scores(net), torch.zeros(1600)
    three = [Version("as it is", x_T, 0.9), Version("with <noise>", x_T, 0.4), Version("cleaned", x_T, 0.7)]
    back = figures.cleaning_text(three, 0.5, scores)
    assert back.count('class="wl-voices-version"') == back.count("<audio") == 3 and "B with &lt;noise&gt;" in back
    assert "from 0.90 to 0.40, and the answer to “two persons”" in back
    assert "by +0.30 to 0.70: the answer is as it was without noise" in back
    not_enough = figures.cleaning_text([*three[:2], Version("cleaned", x_T, 0.45)], 0.5, scores)
    assert "by +0.05 to 0.45: the answer is still another than without noise" in not_enough
    unmoved = figures.cleaning_text(three, 0.3, scores)
    assert "from 0.90 to 0.40, and the answer stays" in unmoved
    assert "the answer stays. No net." in figures.cleaning_text(three[:2], 0.3, scores, "No net.")


def test_the_cleaning_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "MEASURED", tmp_path / "voices.json")
    assert "python -m benchmarks.voices" in figures.cleaning_table()
    figures.MEASURED.write_text("{}")
    assert "Not measured yet with a denoiser" in figures.cleaning_table()
    rows = [["5 dB, <noisy>", "9.1 %"]]
    kept = json.dumps({"cleaning": {"caption": "c", "columns": ["second", "`a`"], "rows": rows, "words": "`w`"}})
    figures.MEASURED.write_text(kept)
    text = figures.cleaning_table()
    assert "<td>9.1 %</td>" in text and '<th scope="row">5 dB, &lt;noisy&gt;</th>' in text and "`" not in text
    assert '<th scope="col">second</th><th scope="col">a</th>' in text
