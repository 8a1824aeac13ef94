"""The card on a page: it tells what the file tells, and nothing in the file is taken for markup."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

import app
from demos._ui.card import card_text, headline
from models.mlp import MLP
from training import Recipe, Run, catalogue


@pytest.fixture
def trained(recipe: Recipe[MLP], checkpoints: Path) -> Path:
    run = Run(recipe)
    for _ in run:
        pass
    run.save()
    return checkpoints / "tiny" / "card.json"


def test_before_there_is_one(recipe: Recipe[MLP], checkpoints: Path) -> None:
    assert "python -m training fit tiny" in card_text(recipe, "none") and "not trained yet" in headline(recipe)


def test_the_card_quotes_the_file(recipe: Recipe[MLP], trained: Path) -> None:
    card = json.loads(trained.read_text())
    text, value = card_text(recipe, "none"), f"{100 * card['metrics']['accuracy']:.2f}"
    assert card["metrics"]["accuracy"] != card["validation"]["accuracy"]
    low, high = (100 * card["intervals"]["accuracy"][end] for end in ("low", "high"))
    assert f"<b>{value} % accuracy</b>, 95 % interval {low:.2f} to {high:.2f}, n = {card['data']['n_test']}" in text
    assert f"{card['parameters']:,} parameters" in text and "one seed" in text and "Blobs" in text
    assert f"<b>{value} % accuracy</b><small>higher is better</small>" in headline(recipe)
    assert "<code>tiny</code>" in text and "tiny" not in headline(recipe), "a net's name is for who opens its card"


def test_what_doing_nothing_gets_is_quoted_in_the_same_words(
    recipe: Recipe[MLP], trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    metric = replace(recipe.headline, words="{:.0%} right".format, chance="always the first: {}", floor="the first")
    monkeypatch.setattr("demos._ui.card.peers", lambda name: [{"name": "the first", "metrics": {"accuracy": 0.25}}])
    assert "<small>always the first: 25% right; higher is better</small>" in headline(replace(recipe, headline=metric))
    assert "<small>higher" in headline(replace(recipe, headline=replace(metric, floor="unheard of")))


def test_a_damaged_card_is_told(recipe: Recipe[MLP], trained: Path) -> None:
    trained.write_text("{")
    assert "damaged" in headline(recipe) and "damaged" in card_text(recipe, "none")


@pytest.mark.parametrize(
    "part", ["metrics", "data", "provenance", "budget", "seeds", "weights", "headline", "no number"]
)
def test_no_card_takes_the_page_with_it(recipe: Recipe[MLP], trained: Path, part: str) -> None:
    """Whatever is wrong with it, the page says that it is damaged, in words that name nothing of the server."""
    card = json.loads(trained.read_text())
    if part == "weights":
        trained.unlink()
        trained.mkdir()
    else:
        wrong = {"seeds": {"0": {}, "1": {}}, "headline": {"loss": 1.0}, "no number": {"accuracy": "0.9"}}
        card["metrics" if part in ("headline", "no number") else part] = wrong.get(part, {})
        trained.write_text(json.dumps(card))
    text = card_text(recipe, "none")
    assert "This net is damaged on this server" in text and "git checkout" not in text and "fit tiny" not in text
    if part != "seeds":
        assert "<small>the checkpoint is damaged</small>" in headline(recipe)


def test_the_card_says_how_to_repeat_it(recipe: Recipe[MLP], trained: Path) -> None:
    assert "python -m training fit tiny --seed 0 --steps 40</code>" in card_text(recipe, "none")
    card = json.loads(trained.read_text())
    card["budget"]["seconds"] = 5.0
    trained.write_text(json.dumps(card))
    assert "cannot be repeated to the bit: the clock had a part in it" in card_text(recipe, "none")


def test_nothing_in_a_card_is_markup(recipe: Recipe[MLP], trained: Path) -> None:
    card = json.loads(trained.read_text())
    card["data"] |= dict.fromkeys(("title", "split", "note", "licence", "address"), "<script>alert(1)</script>")
    card["provenance"] |= {"made": "<img src=x>", "device": "<b>"}
    trained.write_text(json.dumps(card))
    text = card_text(recipe, "<i>limits</i>")
    assert "<script" not in text and "<img" not in text and "<i>" not in text and "&lt;script&gt;" in text
    card["data"]["address"] = "javascript:alert(1)"
    trained.write_text(json.dumps(card))
    assert "href" not in card_text(recipe, "")


@pytest.mark.slow
@pytest.mark.parametrize("content", ["{}", "[", '{"metrics": {}}'])
def test_the_app_is_built_whatever_the_cards_are(checkpoints: Path, content: str) -> None:
    """Bad cards take neither Home nor a tab with them, and the server starts."""
    for name in catalogue():
        (checkpoints / name).mkdir(parents=True)
        (checkpoints / name / "card.json").write_text(content)
    page = json.dumps(app.studio().get_config_file(), default=str)
    assert page.count("the checkpoint is damaged") >= 7 and "git checkout" not in page
