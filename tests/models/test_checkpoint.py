"""A checkpoint is whole, or it says in one sentence what is wrong with it."""

import hashlib
import json
import math
import operator
import subprocess
import sys
from dataclasses import replace
from functools import reduce
from pathlib import Path

import pytest
import safetensors.torch
import torch

from metrics.intervals import wilson
from models import CheckpointDamaged, CheckpointMissing, _checkpoint, load, load_cached
from models._card import FORM, read_card
from models._checkpoint import config
from models.mlp import MLP
from tests.conftest import full_disk
from training import Recipe, Run, Splits
from training._facts import fingerprint

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def saved(recipe: Recipe[MLP], checkpoints: Path) -> Path:
    run = Run(recipe)
    for _ in run:
        pass
    run.save()
    return checkpoints / "tiny"


def test_saved_equals_loaded(saved: Path, recipe: Recipe[MLP]) -> None:
    checkpoint = load(MLP, "tiny")
    x_B = recipe.data().test[0]
    assert torch.equal(checkpoint.model(x_B.float() / 255), checkpoint.evidence["logits"])
    assert not checkpoint.model.training
    assert checkpoint.card.parameters == sum(p.numel() for p in checkpoint.model.parameters())
    assert checkpoint.card.bytes == (saved / "model.safetensors").stat().st_size


def test_the_cards_figures_are_those_of_the_test_set(saved: Path, recipe: Recipe[MLP]) -> None:
    """To the last digit: of these very weights, as they are stored."""
    checkpoint, splits = load(MLP, "tiny"), recipe.data()
    on_test, on_valid = (recipe.evaluate(checkpoint.model, split) for split in (splits.test, splits.valid))
    card = checkpoint.card
    assert card.metrics == on_test == card.seeds["0"] and card.validation == on_valid
    assert all(on_test[name] != on_valid[name] for name in on_test)
    interval = card.intervals["accuracy"]
    assert interval == wilson(on_test["accuracy"], 57)._asdict()
    assert interval["low"] < card.metrics["accuracy"] < interval["high"] and interval["n"] == len(splits.test[0])


def test_the_card_says_what_was_trained_on_and_when_it_was_best(recipe: Recipe[MLP], checkpoints: Path) -> None:
    run = Run(recipe, report_seconds=0)
    for progress in run:
        if progress.step == 35:
            break
    assert run.best is not None and run.best.step < 35
    card = run.save()
    assert (card.budget["stopped_at"], card.budget["best_at"], card.budget["steps"]) == (35, run.best.step, 40)
    assert (card.data["n_train"], card.data["n_valid"], card.data["n_test"]) == (256, 40, 57)


@pytest.mark.parametrize("split", Splits._fields)
def test_one_changed_number_in_any_split_is_other_data(recipe: Recipe[MLP], split: str) -> None:
    splits = recipe.data()
    before = fingerprint(splits)
    for tensor in getattr(splits, split):
        tensor.view(-1)[-1] += 1
        assert fingerprint(splits) != before
        before = fingerprint(splits)


def test_halving_keeps_what_half_precision_cannot_hold() -> None:
    """Nothing is lost without being seen: a value too large or too fine for half precision is stored as it is."""
    net = torch.nn.BatchNorm1d(3)
    for tensor, values in ((net.weight, [1 / 3, 0.5, 1.0]), (net.bias, [1e6, 1 / 3, 1.0])):
        tensor.data = torch.tensor(values)
    net.running_mean = torch.tensor([1 / 3, 0.5, 1.0])
    _checkpoint.round_to_half(net)
    assert net.weight.tolist() == [0.333251953125, 0.5, 1.0]
    assert net.bias[0].item() == 1e6, "half precision would make it infinite"
    kept = safetensors.torch.load(_checkpoint.pack(net))
    assert {name: t.dtype for name, t in kept.items()} == {
        "weight": torch.float16,
        "bias": torch.float32,
        "running_mean": torch.float32,
        "running_var": torch.float16,
        "num_batches_tracked": torch.int64,
    }
    assert torch.equal(kept["bias"], net.bias) and torch.equal(kept["running_mean"], net.running_mean)


def test_the_card_holds_every_constructor_argument(saved: Path) -> None:
    assert _checkpoint.card("tiny").config == config(MLP(inputs=16, hidden=32, layers=2, classes=3))


def test_weights_are_stored_in_half_precision(saved: Path) -> None:
    weights = safetensors.torch.load_file(saved / "model.safetensors")
    assert {w.dtype for w in weights.values()} == {torch.float16}


def test_the_hubs_own_reader_reads_it(saved: Path, recipe: Recipe[MLP]) -> None:
    from huggingface_hub import PyTorchModelHubMixin

    class Hub(MLP, PyTorchModelHubMixin):
        pass

    x_B = recipe.data().test[0].float() / 255
    assert torch.equal(Hub.from_pretrained(saved).eval()(x_B), load(MLP, "tiny").model(x_B))


@pytest.mark.slow
def test_a_fresh_process_gives_the_same_logits(saved: Path, tmp_path: Path) -> None:
    script = (
        "import sys, torch; from pathlib import Path; from models import _checkpoint; from models.mlp import MLP;"
        "_checkpoint.CHECKPOINTS = Path(sys.argv[1]);"
        "torch.save(_checkpoint.load(MLP, 'tiny').model(torch.ones(1, 16)), sys.argv[2])"
    )
    subprocess.run([sys.executable, "-c", script, str(saved.parent), str(tmp_path / "logits")], cwd=ROOT, check=True)
    assert torch.equal(torch.load(tmp_path / "logits"), load(MLP, "tiny").model(torch.ones(1, 16)))


def test_missing(checkpoints: Path) -> None:
    with pytest.raises(CheckpointMissing, match="python -m training fit nothing"):
        load(MLP, "nothing")


def test_another_model(saved: Path) -> None:
    class Other(MLP):
        pass

    with pytest.raises(CheckpointDamaged, match="holds a MLP, not a Other"):
        load(Other, "tiny")


@pytest.mark.parametrize("damage", ["cut short", "other bytes", "gone"])
@pytest.mark.parametrize("file", ["model.safetensors", "evidence.safetensors"])
def test_a_file_that_is_not_the_cards(saved: Path, file: str, damage: str) -> None:
    path = saved / file
    content = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(content[:-7] if damage == "cut short" else content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(CheckpointDamaged, match=r"damaged.*git checkout checkpoints/tiny"):
        _ = load(MLP, "tiny").evidence


def test_weights_of_another_shape(saved: Path) -> None:
    facts = json.loads((saved / "card.json").read_text())
    facts["config"]["hidden"] = 33
    (saved / "card.json").write_text(json.dumps(facts))
    with pytest.raises(CheckpointDamaged, match="do not fit"):
        load(MLP, "tiny")


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b'{"recipe": "tiny"}', b"\xff\xfe", 100_000 * b"[", b"9" * 5000]
)
def test_a_card_that_cannot_be_read(saved: Path, content: bytes) -> None:
    (saved / "card.json").write_bytes(content)
    with pytest.raises(CheckpointDamaged, match="card cannot be read"):
        load(MLP, "tiny")


KEPT = [(key,) for key in FORM if key not in ("evidence_sha256", "seeds")]
INSIDE = [(part, key) for part in ("budget", "data", "provenance") for key in FORM[part]]
FIGURES = [
    ("metrics", "accuracy"),
    ("validation", "accuracy"),
    ("intervals", "accuracy", "n"),
    ("seeds", "0", "accuracy"),
]


@pytest.mark.parametrize("path", [*KEPT, *INSIDE, *FIGURES], ids=".".join)
def test_a_card_with_one_thing_that_is_not_what_it_should_be(path: tuple[str, ...]) -> None:
    """Whatever was read from a card is there and of its kind, or the whole checkpoint is said to be damaged."""
    whole = (ROOT / "checkpoints" / "mnist_mlp" / "card.json").read_text(encoding="utf-8")
    for value in ("gone", "12", [], True, 10**400):
        facts = json.loads(whole)
        *outer, last = path
        place = reduce(operator.getitem, outer, facts)
        if isinstance(place[last], str) and isinstance(value, str) and value != "gone":
            continue  # other words are words all the same
        place[last] = value
        if value == "gone":
            del place[last]
        with pytest.raises(CheckpointDamaged, match="is damaged"):
            card = read_card(facts, "mnist_mlp")
            _ = [figures["accuracy"] for figures in (card.metrics, card.validation, *card.seeds.values())]


@pytest.mark.parametrize("file", ["card.json", "model.safetensors", "evidence.safetensors"])
def test_a_folder_in_place_of_a_file(saved: Path, file: str) -> None:
    (saved / file).unlink()
    (saved / file).mkdir()
    with pytest.raises(CheckpointDamaged, match="cannot be read"):
        _ = load(MLP, "tiny").evidence


def rehashed(saved: Path, file: str, content: bytes) -> None:
    """Put `content` into a file and its hash on the card, as nobody does by accident."""
    (saved / file).write_bytes(content)
    facts = json.loads((saved / "card.json").read_text())
    facts["weights_sha256" if file.startswith("model") else "evidence_sha256"] = hashlib.sha256(content).hexdigest()
    (saved / "card.json").write_text(json.dumps(facts))


@pytest.mark.parametrize("file", ["model.safetensors", "evidence.safetensors"])
def test_junk_with_a_right_hash(saved: Path, file: str) -> None:
    rehashed(saved, file, b"junk")
    with pytest.raises(CheckpointDamaged, match=f"{file} cannot be read"):
        _ = load(MLP, "tiny").evidence


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_weights_that_are_no_numbers_are_neither_loaded_nor_saved(saved: Path, value: float) -> None:
    net = load(MLP, "tiny").model
    next(net.parameters()).data[0] = value
    before = {path.name: path.read_bytes() for path in saved.iterdir()}
    with pytest.raises(ValueError, match="no longer numbers"):
        _checkpoint.save("tiny", net, _checkpoint.card("tiny"))
    assert {path.name: path.read_bytes() for path in saved.iterdir()} == before
    rehashed(saved, "model.safetensors", _checkpoint.pack(net))
    with pytest.raises(CheckpointDamaged, match="some of its weights are no numbers"):
        load(MLP, "tiny")


def test_what_could_not_be_read_again_is_not_written(saved: Path) -> None:
    net, card = load(MLP, "tiny").model, _checkpoint.card("tiny")
    with pytest.raises(ValueError, match=r"card\.data\.title"):
        _checkpoint.save("tiny", net, replace(card, data={}))
    with pytest.raises(ValueError, match=r"card\.data\.title"):
        _checkpoint.update_card("tiny", replace(card, data={}))
    assert _checkpoint.card("tiny") == card


@pytest.mark.parametrize(
    "folder", sorted(card.parent for card in (ROOT / "checkpoints").glob("*/card.json")), ids=lambda folder: folder.name
)
def test_what_the_hub_reads_is_what_we_read(folder: Path) -> None:
    """We read a net's arguments on its card alone; config.json says the same to the Hub's own reader."""
    assert json.loads((folder / "config.json").read_text()) == _checkpoint.card(folder.name).config


def test_a_full_disk_leaves_the_old_checkpoint_whole(saved: Path, recipe: Recipe[MLP]) -> None:
    before = {path.name: path.read_bytes() for path in saved.iterdir()}
    run = Run(recipe)
    with full_disk(1000), pytest.raises(OSError, match=r"could not be written .*still stands"):
        run.save()
    assert {path.name: path.read_bytes() for path in saved.iterdir()} == before
    assert load(MLP, "tiny").card.recipe == "tiny"


def test_shared_loads_once_and_notices_a_new_card(saved: Path, recipe: Recipe[MLP]) -> None:
    first = load_cached(MLP, "tiny")
    assert load_cached(MLP, "tiny") is first
    Run(recipe).save()
    assert load_cached(MLP, "tiny") is not first


def test_loading_leaves_the_random_state_alone(saved: Path) -> None:
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    load(MLP, "tiny")
    assert torch.equal(torch.rand(3), expected)
