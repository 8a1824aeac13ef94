"""What the nets say of garments: where they lie, whether they are any, and what is kept for the page."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from torch import nn

from demos._ui.forward import MOST_BYTES
from demos.latent import nets
from demos.latent.nets import CELLS, HALF, Garment
from signals import image
from signals.image import to_unit
from training.tasks.latent import CLASSES


def shirt() -> str:
    """The outline of a shirt in one light line on dark, as the pad sends it."""
    drawn = Image.new("RGB", (280, 280), "#101416")
    left = [(90, 50), (40, 90), (60, 130), (85, 110), (85, 230)]
    outline = [*left, *((280 - x, y) for x, y in reversed(left))]
    ImageDraw.Draw(drawn).line([*outline, *outline[:2]], fill="white", width=20, joint="curve")
    return image.to_data_url(drawn)


def test_a_shipped_net_places_its_own_examples_among_their_kind() -> None:
    net = nets.net_of("1", None)
    for name in ("trouser", "ankle boot", "bag", "sneaker"):
        pinned = nets.pin(net, nets.example(name))
        near_N = (net.evidence["code"].float() - pinned.mean_2).square().sum(1).topk(15, largest=False).indices
        kinds = [CLASSES[int(c)] for c in net.evidence["class"][near_N]]
        assert kinds.count(name) >= 8, f"{name} lies among {kinds}"
        assert not pinned.is_stranger and pinned.kl > 0 and 100 < pinned.reconstruction < 500


def test_what_is_no_garment_is_a_stranger() -> None:
    net = nets.net_of("1", None)
    noise = torch.randint(256, (28, 28), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    assert nets.pin(net, nets.example(nets.DIGIT)).is_stranger
    assert nets.pin(net, Garment("noise", noise)).is_stranger


def test_a_warning_is_rare_for_clothes_and_usual_for_what_is_none() -> None:
    clothes, digits, films, noise = nets.strangers()
    assert clothes.warned < 0.05 and digits.warned > 0.7 and films.warned > 0.9 and noise.warned > 0.95
    assert digits.by_cost < digits.warned, "the cost alone lets digits pass: black is cheap to tell"


def test_a_drawn_outline_is_filled_and_nothing_is_refused() -> None:
    drawn = to_unit(nets.drawing(shirt()).x_HW)
    assert drawn[14, 14] == pytest.approx(image.CLOTH, abs=0.05) and drawn[0, 0] == 0
    assert not nets.pin(nets.net_of("1", None), nets.drawing(shirt())).is_stranger
    blank = image.to_data_url(Image.new("RGB", (280, 280), "#101416"))
    with pytest.raises(ValueError, match="draw one garment"):
        nets.drawing(blank)
    with pytest.raises(ValueError, match="one of those in the row"):
        nets.example("hat")


def test_an_uploaded_garment_is_the_garment(tmp_path: Path) -> None:
    x_HW = nets.example("ankle boot").x_HW
    Image.fromarray(x_HW.numpy()).save(tmp_path / "boot.png")
    assert torch.equal(nets.upload(str(tmp_path / "boot.png")).x_HW, x_HW)
    Image.fromarray(255 - x_HW.numpy()).resize((280, 280), Image.Resampling.NEAREST).save(tmp_path / "large.png")
    assert (nets.upload(str(tmp_path / "large.png")).x_HW.float() - x_HW.float()).abs().mean() < 25
    (tmp_path / "notes.png").write_text("text")
    with pytest.raises(ValueError, match="not a picture"):
        nets.upload(str(tmp_path / "notes.png"))


def test_the_window_is_the_priors_or_larger() -> None:
    draw = torch.Generator().manual_seed(0)
    code_N2 = torch.randn(2000, 2, generator=draw)
    assert nets.window(code_N2) == (0.0, 0.0, HALF), "and so a collapse fills a corner of it only"
    assert nets.window(0.01 * code_N2) == (0.0, 0.0, HALF)
    x, y, half = nets.window(20 * code_N2 + torch.tensor([100.0, 0.0]))
    assert abs(x - 100) < 10 and abs(y) < 10 and 40 < half < 80


def test_the_density_counts_codes_about_each_cell() -> None:
    shown = nets.Window(0.0, 1.0, 3.2)  # cells of 0.1
    code_M2 = torch.tensor([[0.05, -0.55], [0.05, -0.55], [3.15, 4.15]])
    counts = nets.density(code_M2, shown)
    assert counts.shape == (CELLS, CELLS) and counts.dtype == np.uint8
    column, row = CELLS // 2, CELLS // 2 - 16
    assert (counts[row - 1 : row + 2, column - 1 : column + 2] == 2).all() and counts.sum() == 9 * 2 + 4
    assert counts[-1, -1] == 1, "the highest row last"
    assert nets.density(torch.zeros(1000, 2), shown).max() == 255


def test_the_page_gets_a_decoder_that_draws_what_the_net_draws() -> None:
    model = nets.net_of("1", None).model
    content = nets.decoder(model)
    assert len(content) <= MOST_BYTES
    head = struct.unpack("<I", content[:4])[0]
    flat = torch.from_numpy(np.frombuffer(content[4 + head :], "<f2").astype(np.float32))
    z_BZ, at = torch.randn(5, 2, generator=torch.Generator().manual_seed(0)), 0
    y_BX, listed = z_BZ, json.loads(content[4 : 4 + head])
    linears = [m for m in model.decoder if isinstance(m, nn.Linear)]
    for i, layer in enumerate(linears):
        n, m = layer.out_features, layer.in_features
        weight, bias = flat[at : at + n * m].view(n, m), flat[at + n * m : at + n * m + n]
        at += n * m + n
        y_BX = y_BX @ weight.T + bias
        y_BX = getattr(y_BX, listed[i]["activation"])()
    assert at == len(flat)
    assert torch.allclose(y_BX.view(5, 1, 28, 28), model.decode(z_BZ).sigmoid(), atol=1e-4)


def test_the_bounds_are_the_cards() -> None:
    rows = {row.beta: row for row in nets.bounds(None)}
    assert list(rows) == ["0", "¼", "1", "4", "16", "128"]
    card = nets.RECIPES["1"].checkpoint().card.metrics
    assert (rows["1"].reconstruction, rows["1"].kl) == (card["reconstruction_nats"], card["kl_nats"])


@pytest.mark.slow
def test_on_its_kl_alone_a_net_puts_everything_in_one_place(no_data: Path) -> None:
    found = nets.train_on_kl_alone()
    assert found.code_N2.std(0).max() < 0.02 and found.bound["kl_nats"] < 1e-3
    assert found.bound["reconstruction_nats"] > 450, "as before any training: ln 2 for each of 784 pixels is 543"
    assert found.steps == nets.KL_STEPS and len(found.code_N2) == len(found.class_N) == 500
