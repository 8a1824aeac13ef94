"""What the nets say: word by word as of each prefix, of other words as if written, and reasons that add up."""

import math
from dataclasses import replace

import pytest
import torch

from demos.sentiment import lessons, nets
from demos.sentiment.nets import LSTM, RECIPES, Reading
from demos.sentiment.texts import NEUTRAL, SOMEBODY, example
from models import CheckpointMissing
from signals.behaviour import KINDS
from training import Run
from training.data import samples
from training.tasks import sentiment

NAMES = pytest.mark.parametrize("name", RECIPES)
SAID = "It isn't bad, and the ending is wonderful."


def last(raw: str, own: nets.Own = None) -> Reading:
    return list(nets.reading(nets.read(raw), own))[-1]


def logit(p: float) -> float:
    return math.log(p / (1 - p))


@NAMES
def test_the_line_is_what_the_net_says_of_each_prefix(name: str) -> None:
    read = last(SAID)
    ids = read.text.ids
    expected = nets.praise_of(nets.chosen(name, None), [ids[: k + 1] for k in range(len(ids))])
    assert read.praise[name] == pytest.approx(expected, abs=1e-4)
    assert read.answers[name] == read.praise[name][-1]


def test_a_long_text_comes_in_parts_and_the_last_is_whole() -> None:
    parts = list(nets.reading(nets.read(example("A thousand words")), None))
    lengths = [len(part.praise["BiLSTM"]) for part in parts]
    assert lengths == sorted(set(lengths)) and lengths[-1] == 400 and len(parts) > 2
    assert all(len(part.praise[LSTM]) == 400 for part in parts) and "BiLSTM" not in parts[0].answers
    assert set(parts[-1].answers) == set(RECIPES)


def test_an_empty_text_has_no_answer() -> None:
    read = last("")
    assert read.answers == {} and all(line == () for line in read.praise.values())


@NAMES
def test_another_word_changes_what_it_changes_when_it_is_written(name: str) -> None:
    net, text = nets.chosen(name, None), nets.read(SAID)
    at = [piece.word for piece in text.pieces].index("wonderful")
    found = nets.choices(net, text, at)
    assert len(found) == 1 + nets.NEIGHBOURS and found[0].word == "" and found[0].cosine is None
    before = last(SAID).answers[name]
    for choice in found[:3]:
        after = last(SAID.replace("wonderful", choice.word)).answers[name]
        assert choice.change == pytest.approx(after - before, abs=1e-4), choice.word
        assert choice.tilt == pytest.approx(logit(after) - logit(before), abs=0.02), choice.word
    cosines = [choice.cosine or 0 for choice in found[1:]]
    assert cosines == sorted(cosines, reverse=True) and "great" in [choice.word for choice in found]


def test_a_word_that_nobody_knows_can_only_be_taken_out() -> None:
    text = nets.read("A splendiferous film.")
    assert [choice.word for choice in nets.choices(nets.chosen(LSTM, None), text, 1)] == [""]
    with pytest.raises(ValueError, match="no such word any more"):
        nets.choices(nets.chosen(LSTM, None), text, 4)


@NAMES
def test_a_not_changes_what_it_changes_when_it_is_written(name: str) -> None:
    net, text = nets.chosen(name, None), nets.read("It is good.")
    found = nets.with_not(net, text)
    assert len(found) == len(text.pieces) + 1
    before, after = last("It is good.").answers[name], last("It is not good.").answers[name]
    assert found[2] == pytest.approx(after - before, abs=1e-4)
    long = nets.with_not(net, nets.read("good " * 300))
    assert len(long) == nets.MOST_GAPS


@NAMES
def test_reasons_add_up_from_a_text_struck_out_to_the_text(name: str) -> None:
    net, text = nets.chosen(name, None), nets.read(SAID)
    found = nets.reasons(net, text)
    (blank,) = nets.praise_of(net, [[1] * len(text.pieces)])
    whole = logit(found.praise) - logit(blank)
    assert found.weight_T.sum().item() == pytest.approx(whole, abs=0.05 + 0.02 * abs(whole))
    assert found.praise == pytest.approx(last(SAID).answers[name], abs=1e-4)
    assert found.struck == round(0.2 * len(text.pieces)) and found.before == pytest.approx(
        max(found.praise, 1 - found.praise)
    )
    strongest = (found.weight_T if found.praise > 0.5 else -found.weight_T).topk(found.struck).indices.tolist()
    (after,) = nets.praise_of(net, [[1 if i in strongest else id_ for i, id_ in enumerate(text.ids)]])
    assert found.after == pytest.approx(after if found.praise > 0.5 else 1 - after, abs=1e-4)


def test_nothing_has_no_reasons() -> None:
    with pytest.raises(ValueError, match="no word to explain"):
        nets.reasons(nets.chosen(LSTM, None), nets.read("🎬"))


@NAMES
def test_the_walk_ends_at_the_answer(name: str) -> None:
    read = last(SAID)
    walked = nets.walk(nets.chosen(name, None), read.text)
    across = torch.tensor([x for x, _ in walked.points])
    said = torch.sigmoid(walked.steepness * (across - walked.border))
    assert said.tolist() == pytest.approx(walked.praise, abs=1e-3) == list(read.praise[name])


def test_what_is_remembered() -> None:
    text = nets.read(SAID)
    found = lessons.memory(text, None)
    read = last(SAID)
    for name in RECIPES:
        assert len(found.gradient[name]) == len(text.pieces) and min(found.gradient[name]) > 0
        assert len(found.praise[name]) == len(found.k) == len(sentiment.LAST)
        assert found.praise[name][-1] == pytest.approx(read.answers[name], abs=1e-4)
        (first,) = nets.praise_of(nets.chosen(name, None), [text.ids[-1:]])
        assert found.praise[name][0] == pytest.approx(first, abs=1e-4)
        assert len(found.accuracy[name]) == len(found.k)
    assert lessons.memory(nets.read(""), None).gradient == {}


def test_failures_are_counted() -> None:
    trials, named, cases = lessons.trials(None), lessons.by_name(None), lessons.failed_cases(None)
    assert all(set(trial.praise) == set(RECIPES) == set(named) == set(cases) for trial in trials)
    assert trials[0].praise[LSTM] == pytest.approx(last(trials[0].claim.text).answers[LSTM], abs=1e-4)
    assert named["GRU"]["Wei"] == pytest.approx(last(NEUTRAL.format("Wei")).answers["GRU"], abs=1e-4)
    assert set(named["GRU"]) == set(SOMEBODY) and len(SOMEBODY) == 20
    assert all(
        set(line) == set(KINDS) and 0 <= min(line.values()) <= max(line.values()) <= 50 for line in cases.values()
    )


def test_words_lie_near_those_they_are_used_like() -> None:
    found = lessons.near(" Wonderful! ")
    assert found.word.word == "wonderful" and found.cosine == sorted(found.cosine, reverse=True)
    assert {"great", "fantastic"} <= {word.word for word in found.neighbours}
    mapped = {word.word: word for word in lessons.map_of_words()}
    assert len(mapped) == len(lessons.MAPPED) and mapped["worst"].tone < 0 < mapped["great"].tone
    with pytest.raises(ValueError, match="not among the"):
        lessons.near("splendiferous")
    with pytest.raises(ValueError, match="no word here"):
        lessons.near("🎬")


def test_a_benchmarks_reader_is_called_as_here() -> None:
    assert lessons.displayed("`sentiment_lstm_last`") == "LSTM, last state"
    assert lessons.displayed("blend of `sentiment_bilstm` (60%) and NBSVM") == "blend of BiLSTM (60%) and NBSVM"


def test_beside_the_nets_stands_what_counts_words_and_leads_somewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        ["tf-idf of words (C = 3)", "91.0", "90.0"],
        ["NBSVM on words, pairs and triples (C = 1)", "90.0", "92.0"],
        ["NBSVM on words (C = 1)", "89.0", "91.0"],
        ["blend of `sentiment_rnn` and NBSVM", "95.0", "95.0"],
        ["`sentiment_gru`", "91.5", "90.5"],
    ]
    table = {"caption": "by length", "columns": ["what", "1 to 100 (n = 5)", "above (n = 9)"], "rows": rows}
    monkeypatch.setattr(lessons, "measured", lambda: {"lengths": table})
    found = lessons.best_by_length()
    assert found["columns"] == ["what", "1 to 100", "above"]
    assert [row[0] for row in found["rows"]] == [
        "tf-idf of words",
        "NBSVM on words, pairs and triples",
        "`sentiment_gru`",
    ]
    monkeypatch.setattr(lessons, "measured", dict)
    assert lessons.best_by_length() == {}


def test_without_any_net_it_says_how_to_make_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(recipe: object, own: object) -> None:
        raise CheckpointMissing(
            "There is no checkpoint “sentiment_rnn” yet. Make it with: python -m training fit sentiment_rnn"
        )

    monkeypatch.setattr(nets, "active", missing)
    with pytest.raises(CheckpointMissing, match="python -m training fit sentiment_rnn"):
        nets.nets(None)


@pytest.mark.slow
def test_a_net_of_ones_own_takes_the_place_of_its_cell() -> None:
    with samples():
        recipe = nets.live("GRU")
        run = Run(recipe, replace(recipe.budget, steps=2, batch_size=64, eval_every=2))
        list(run)
        own = nets.own_net(run)
    read = last(SAID, own)
    assert read.owned == "GRU" and read.praise["GRU"] != last(SAID).praise["GRU"]
    assert read.praise[LSTM] == last(SAID).praise[LSTM]
    assert len(nets.walk(own, read.text).points) == len(read.text.pieces)
    assert "GRU" not in lessons.memory(read.text, own).accuracy, "never measured on test"
    assert set(lessons.failed_cases(own)) == set(RECIPES)


def test_what_is_trained_is_what_is_chosen() -> None:
    assert [nets.live(name).name for name in RECIPES] == [recipe.name for recipe in RECIPES.values()]
    with pytest.raises(ValueError, match="no such net"):
        nets.live("transformer")
