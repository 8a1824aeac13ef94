"""The head is solved before anything is tuned, evidence describes the right split, and pictures are drawn fairly."""

import pytest
import torch
import torch.nn.functional as F

from explanation.novelty import neighbour_distances
from explanation.projection import neighbour_agreement
from metrics.classification import accuracy
from models import ridge
from models.cnn import CNN
from models.transfer import TransferNet
from signals.colours import histogram
from signals.image import to_unit
from training import Budget, Splits, find
from training._facts import LEARNING, curves
from training._run import Progress
from training.tasks import classification, transfer


def splits(side: int = 40) -> Splits:
    """Pictures whose class is their colour; each split has a size of its own."""
    draw = torch.Generator().manual_seed(0)

    def drawn(n: int) -> tuple[torch.Tensor, ...]:
        label = torch.arange(n) % 9
        paint = torch.stack([label // 3, label % 3, label % 2], 1)[:, :, None, None] * 70
        noise = torch.randint(0, 110, (n, 3, side, side), generator=draw)
        return (paint + noise).clamp(max=255).byte(), label, torch.arange(n) % 5

    return classification.with_class_weights(lambda: Splits(drawn(45), drawn(27), drawn(36)))()


def net() -> TransferNet:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return TransferNet(name="squeezenet1_1", classes=9, frozen=11).eval()


def test_the_head_is_solved_first() -> None:
    mine, parts = net(), splits()
    before = transfer.evaluate(mine, parts.test)["accuracy"]
    transfer.start(mine, parts)
    assert transfer.evaluate(mine, parts.test)["accuracy"] > max(0.8, before + 0.3)


def test_the_penalty_is_validations_choice() -> None:
    draw = torch.Generator().manual_seed(2)
    label_N = torch.arange(40) % 2
    x_ND = F.one_hot(label_N, 60) + torch.randn(40, 60, generator=draw)
    valid_BD, label_B = F.one_hot(label_N, 60) + 0.5 * torch.randn(40, 60, generator=draw), label_N
    right = [accuracy(h.scores(valid_BD).argmax(1), label_B) for h in ridge.path(x_ND, label_N, 2)]
    head = transfer.chosen(x_ND, label_N, valid_BD, label_B, 2)
    assert accuracy(head.scores(valid_BD).argmax(1), label_B) == max(right) > min(right)
    assert head.penalty in ridge.PENALTIES


def test_the_stage_learns_at_a_tenth_of_the_heads_rate() -> None:
    mine = net()
    head, stage = transfer.optimizers(mine, Budget(steps=1, batch_size=1, lr=1.0))["model"].param_groups
    assert (head["lr"], stage["lr"]) == (1.0, 0.1)
    assert {id(p) for p in (*head["params"], *stage["params"])} == {id(p) for p in mine.parameters() if p.requires_grad}


def test_augmented_pictures_stay_pictures() -> None:
    x = torch.rand(6, 3, 20, 20, generator=torch.Generator().manual_seed(0))
    first, again = (transfer.augment(x, torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(first, again) and not torch.equal(first, transfer.augment(x, torch.Generator().manual_seed(4)))
    assert first.shape == x.shape and first.min() >= 0 and first.max() <= 1
    upside = torch.zeros(64, 3, 20, 20)
    upside[:, :, :6] = 1
    bright = transfer.augment(upside, torch.Generator().manual_seed(0)).mean((1, 3))
    assert (bright[:, :6].mean(1) > bright[:, -6:].mean(1)).all(), "shelves are not hung upside down"


def test_answers_are_means_over_mirror_images() -> None:
    mine, (x, *_) = net(), splits().test
    logit_BC = transfer.predict_logits(mine, x)
    with torch.no_grad():
        expected = (mine(to_unit(x)) + mine(to_unit(x).flip(3))) / 2
    assert torch.allclose(logit_BC, expected, atol=1e-4)
    assert torch.allclose(transfer.predict_logits(mine, x.flip(3)), logit_BC, atol=1e-4)


def test_mistaken_pairs() -> None:
    confusion_CC = torch.tensor([[5, 2, 0], [0, 7, 4], [1, 0, 9]])
    assert transfer.mistaken_pairs(confusion_CC).tolist() == [[1, 2, 4], [0, 1, 2], [2, 0, 1]]
    assert transfer.mistaken_pairs(torch.eye(3, dtype=torch.int64)).shape == (0, 3)


def test_what_is_told_of_answers() -> None:
    p_BC = torch.tensor([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]])
    found = transfer.answers(p_BC, (torch.zeros(3), torch.tensor([0, 1, 1]), torch.tensor([4, 5, 6])))
    assert found["worst"].tolist() == [2, 1, 0] and found["confusion"].tolist() == [[1, 0], [1, 1]]
    assert found["pairs"].tolist() == [[1, 0, 1]] and found["product"].tolist() == [4, 5, 6]
    assert found["reliability"][:, 0].sum() == 3


def test_evidence_of_a_tuned_net() -> None:
    mine, parts = net(), splits()
    transfer.start(mine, parts)
    with torch.no_grad():
        mine.get_submodule("trunk.12").squeeze.weight.mul_(0.5)  # type: ignore[union-attr,operator]
    found = transfer.evidence(mine, parts)
    n, d, depths = 36, 512, len(mine.layers())
    assert found["p"].shape == found["linear_p"].shape == (n, 9) and found["test_features"].shape == (n, d)
    assert found["valid_p"].shape == found["linear_valid_p"].shape == (27, 9)
    assert neighbour_agreement(found["map"], parts.train[1]) > 0.6, "neighbours stay neighbours"
    assert found["train_features"].shape == (45, d) and found["depth_accuracy"].shape == (depths, 2)
    score_BC = found["test_features"].float() @ found["linear_weight"] + found["linear_bias"]
    assert torch.equal(score_BC.argmax(1), found["linear_p"].argmax(1))
    trunk = transfer.published_trunk(mine)
    expected = transfer.features(trunk, parts.test[0], trunk.layers()[-1:])[0]
    assert torch.allclose(found["test_features"].float(), expected, rtol=1e-2, atol=2e-2)
    assert not torch.allclose(
        transfer.features(mine, parts.test[0], mine.layers()[-1:])[0], expected, rtol=1e-2, atol=2e-2
    )
    assert found["curve_linear"].shape == (len(transfer.COUNTS), transfer.DRAWS)
    assert found["curve_linear"][4].mean() > found["curve_linear"][0].mean()
    assert torch.equal(found["label"], parts.test[1]) and torch.equal(found["product"], parts.test[2])
    valid_BD = transfer.features(trunk, parts.valid[0], trunk.layers()[-1:])[0]
    far_B = neighbour_distances(valid_BD.half(), found["train_features"])
    assert (far_B <= found["familiar_threshold"]).float().mean() >= transfer.PASSING - 1 / len(far_B)
    assert found["worst_pictures"].shape == (transfer.WORST_SHOWN, 3, transfer.WORST_SIDE, transfer.WORST_SIDE)
    light = [parts.test[0][i].float().mean().item() for i in found["worst"][: transfer.WORST_SHOWN]]
    assert torch.allclose(found["worst_pictures"].float().mean((1, 2, 3)), torch.tensor(light), atol=2)


def test_evidence_of_a_net_from_scratch() -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        found = transfer.evidence(CNN(inputs=3, channels=(4, 8), classes=9).eval(), splits())
    assert "linear_p" not in found and found["p"].shape == (36, 9) and found["train_counts"].tolist() == 9 * [5]
    logit_BC = histogram(splits().test[0]) @ found["colour_weight"] + found["colour_bias"]
    assert torch.allclose(logit_BC.softmax(1), found["colour_p"], atol=1e-4)
    assert (found["colour_p"].argmax(1) == found["label"]).float().mean() > 0.9, "these are told by colour"


def test_more_pictures_count_the_fewer_in() -> None:
    label_N = torch.tensor([0] * 10 + [1] * 4)
    few, more = (set(transfer.drawn(label_N, n, draw=1).tolist()) for n in (3, 5))
    assert few < more and len(few) == 6 and len(more) == 5 + 4
    assert set(transfer.drawn(label_N, 3, draw=2).tolist()) != few


def test_one_picture_of_each_is_enough_for_a_head() -> None:
    head = transfer.few_shot_head(torch.eye(3), torch.arange(3), 3)
    assert head.penalty == ridge.MIDDLE and head.scores(torch.eye(3)).argmax(1).tolist() == [0, 1, 2]


def test_learning_curves() -> None:
    history = [
        Progress(0, 9, 0.0, {}, {"accuracy": 0.1}),
        Progress(3, 9, 1.0, {"a": 1.0, "b": 0.5}),
        Progress(9, 9, 2.0, {"a": 0.5, "b": 0.25}, {"accuracy": 0.75}),
    ]
    found = curves(history, "accuracy")
    assert found["learning_loss"].tolist() == [[3, 1.5], [9, 0.75]] and tuple(found) == LEARNING
    assert found["learning_valid"].tolist() == [[0, pytest.approx(0.1)], [9, 0.75]]


def test_a_recipe_for_each_backbone_keeps_its_curves() -> None:
    assert find("grocery_scratch").curves and find("grocery_vgg16").curves
    assert find("grocery_vgg16").model.keywords["name"] == "vgg16"


def test_a_class_that_was_not_drawn_costs_nothing() -> None:
    """One product of each class: in most rounds some class is not met, and all answers are right all the same."""
    label_B = torch.arange(36) % 9
    found = transfer.by_product(label_B, (torch.zeros(36), label_B, label_B), rounds=50)
    assert found["macro_f1"][:2] == (1, 1) and found["accuracy"].n == 9
