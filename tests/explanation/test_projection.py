"""PCA on a closed form and against scikit-learn; hooks that leave no trace."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from sklearn.decomposition import PCA

from explanation.projection import layer_outputs, neighbour_agreement, pca, tsne
from models.mlp import MLP


def test_pca_agrees_with_scikit_learn() -> None:
    torch.manual_seed(0)
    x_ND = torch.randn(200, 6) * torch.tensor([5.0, 3.0, 1.0, 1.0, 0.5, 0.1])
    plane = pca(x_ND)
    theirs = torch.from_numpy(PCA(2).fit_transform(x_ND.numpy()))
    torch.testing.assert_close(plane.place(x_ND).abs(), theirs.abs().float(), atol=1e-4, rtol=1e-4)


def test_a_new_point_lands_where_it_would_have_stood() -> None:
    x_ND = torch.randn(50, 5)
    plane = pca(x_ND)
    assert torch.equal(plane.place(x_ND[7:8]), plane.place(x_ND)[7:8])


def test_layer_outputs_are_what_the_layers_give_and_leave_no_hook() -> None:
    model = MLP(inputs=4, hidden=5, layers=2, classes=3).eval()
    x_BD = torch.randn(6, 4)
    first, head = layer_outputs(model, x_BD, ["blocks.0", "head"])
    assert torch.equal(first, model.blocks[0](x_BD))
    assert torch.equal(head, model(x_BD))
    assert not any(module._forward_hooks for module in model.modules())


def test_neighbour_agreement() -> None:
    xy = torch.tensor([[0.0, 0.0], [0.1, 0.0], [5.0, 5.0], [5.1, 5.0]])
    assert neighbour_agreement(xy, torch.tensor([0, 0, 1, 1])) == 1
    assert neighbour_agreement(xy, torch.tensor([0, 1, 0, 1])) == 0


@pytest.mark.slow
def test_tsne_keeps_clusters_apart() -> None:
    x_ND = torch.cat([torch.randn(60, 8), torch.randn(60, 8) + 12])
    assert neighbour_agreement(tsne(x_ND), torch.arange(120) // 60) == 1


def test_two_threads_on_one_model_get_each_their_own() -> None:
    model = MLP(inputs=4, hidden=64, layers=2, classes=3).eval()
    x_NBD = torch.randn(2, 200, 1, 4)
    expected = [[layer_outputs(model, x, ["blocks.1"])[0] for x in x_BD] for x_BD in x_NBD]
    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(lambda x_BD: [layer_outputs(model, x, ["blocks.1"])[0] for x in x_BD], x_NBD))
    assert all(
        torch.equal(a, b)
        for mine, theirs in zip(found, expected, strict=True)
        for a, b in zip(mine, theirs, strict=True)
    )
