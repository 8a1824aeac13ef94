"""How often Digits warns that a picture looks like no digit: of digits never, of everything else always, would be best.

All pass through the tab's own preparation (cropped, scaled, centred as MNIST does) and the shipped net with its shipped
threshold, which was set on validation digits alone. Digits are MNIST's whole test set; the same drawn again with the
board's pen along their middle lines; and scikit-learn's digits of other hands, 8 × 8 pixels scaled up. Strangers are
clothes of Fashion-MNIST's test set (the 500 of `samples/`); letters unlike any digit in Pillow's font, thickened and
slanted; scribbles of random sines; two and three test digits side by side; crops of scikit-image's photographs; and
noise. The layer was chosen with strangers made like these in view: read their shares as the best case. Nobody had in
view the last three: chest X-rays, colon cells and groceries.

    WAVELENS_DATA=… python -m benchmarks.digit_strangers
"""

from collections.abc import Callable, Iterator
from itertools import cycle, islice
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from torch import Tensor

from benchmarks import _unseen
from benchmarks._report import Claim, arguments, claim, machine, write
from benchmarks.digits import other_hands
from demos._ui.nets import Net
from demos._ui.widgets.pad import SIDE
from explanation.novelty import SubspaceNovelty
from explanation.projection import layer_outputs
from signals import image
from training._table import markdown
from training.data import fashion_mnist, mnist, samples
from training.recipes.mnist_mlp import recipe
from training.tasks.digits import LAST_HIDDEN

LETTERS = "ACDEFHJKMNPQRTUVWXYabdefhkmnpqrtuvwxy"
PEN = SIDE // 26
"""The radius of the board's pen."""
PHOTOGRAPHS = (
    "astronaut", "chelsea", "coffee", "rocket", "camera", "coins", "moon", "brick", "grass", "gravel", "cell",
    "hubble_deep_field",
)  # fmt: skip
MOST_FALSE_ALARMS = 0.05
Pictures = Iterator[Image.Image]
Draw = np.random.Generator


def digits(x_B1HW: Tensor) -> Pictures:
    """Test digits as they are."""
    return (Image.fromarray(x_HW.numpy()) for x_HW in x_B1HW[:, 0])


def drawn_again(x_B1HW: Tensor) -> Pictures:
    """Test digits drawn on the board with its pen, along their middle lines."""
    from skimage.morphology import skeletonize

    for picture in digits(x_B1HW):
        middle = skeletonize(np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BICUBIC)) > 100)
        board = Image.new("L", (SIDE, SIDE))
        pen = ImageDraw.Draw(board)
        for y, x in np.argwhere(middle):
            pen.ellipse((x - PEN, y - PEN, x + PEN, y + PEN), fill=255)
        yield board


def letters(draw: Draw) -> Pictures:
    """Letters of several sizes, weights and slants."""
    for letter in cycle(LETTERS):
        paper = Image.new("L", (160, 160), 255)
        font = ImageFont.load_default(float(draw.integers(70, 120)))
        ImageDraw.Draw(paper).text((80, 80), letter, fill=0, font=font, anchor="mm")
        paper = paper.filter(ImageFilter.MinFilter(int(draw.choice([3, 5, 7]))))
        slant = (1, draw.normal(0, 0.15), 0, draw.normal(0, 0.08), 1, 0)
        yield paper.transform(paper.size, Image.Transform.AFFINE, slant, fillcolor=255)


def scribbles(draw: Draw) -> Pictures:
    """Curves of four random sines each way, with the board's pen."""
    time_T = np.linspace(0, 2 * np.pi, 200)
    while True:
        rate_24, phase_24, height_24 = draw.uniform(1, 5, (2, 4)), draw.uniform(0, 7, (2, 4)), draw.normal(0, 1, (2, 4))
        way_2T = (height_24[..., None] * np.sin(rate_24[..., None] * time_T + phase_24[..., None])).sum(1)
        way_2T = SIDE / 2 + 0.4 * SIDE * way_2T / np.abs(way_2T).max(1, keepdims=True)
        paper = Image.new("L", (SIDE, SIDE), 255)
        ImageDraw.Draw(paper).line([(x, y) for x, y in way_2T.T], fill=0, width=2 * PEN, joint="curve")
        yield paper


def several(x_B1HW: Tensor, n: int, draw: Draw) -> Pictures:
    """`n` test digits side by side."""
    while True:
        yield Image.fromarray(
            np.concatenate([x_B1HW[i, 0, :, 2:-2].numpy() for i in draw.integers(len(x_B1HW), size=n)], 1)
        )


def photographs(draw: Draw) -> Pictures:
    """Crops of scikit-image's pictures."""
    from skimage import data

    for whole in cycle([Image.fromarray(getattr(data, name)()).convert("L") for name in PHOTOGRAPHS]):
        side = int(min(whole.size) * draw.uniform(0.3, 1))
        x, y = (int(draw.integers(0, full - side + 1)) for full in whole.size)
        yield whole.crop((x, y, x + side, y + side)).resize((112, 112), Image.Resampling.BOX)


def noise(draw: Draw) -> Pictures:
    while True:
        yield Image.fromarray(draw.integers(0, 256, (28, 28)).astype(np.uint8))


def groups() -> dict[str, Callable[[Draw], tuple[Pictures, int]]]:
    """What is shown, by what the page calls it, with how many of it; whatever is drawn at random is by its own seed."""
    test_B1HW = mnist.official("test")[0]
    with samples():
        clothes_B1HW = fashion_mnist.official("test")[0]
    return {
        "digits that the net never saw": lambda draw: (digits(test_B1HW), len(test_B1HW)),
        "the same digits drawn with this board's pen": lambda draw: (drawn_again(test_B1HW), 1000),
        "digits of other people, only 8 × 8 pixels fine": lambda draw: (other_hands(), 1797),
        "clothes, shoes and bags": lambda draw: (digits(clothes_B1HW), len(clothes_B1HW)),
        "letters": lambda draw: (letters(draw), 10 * len(LETTERS)),
        "scribbles": lambda draw: (scribbles(draw), 300),
        "two digits": lambda draw: (several(test_B1HW, 2, draw), 300),
        "three digits": lambda draw: (several(test_B1HW, 3, draw), 300),
        "photographs": lambda draw: (photographs(draw), 240),
        "noise": lambda draw: (noise(draw), 200),
        "chest X-rays": lambda _: (_unseen.chests(), _unseen.EACH),
        "colon cells": lambda _: (_unseen.cells(), _unseen.EACH),
        "groceries": lambda _: (_unseen.groceries(), _unseen.EACH),
    }


def prepared(pictures: Pictures) -> Tensor:
    """`(B, 28, 28)` as the net is shown them; what is blank to the tab is left out, since it is refused."""
    found = []
    for picture in pictures:
        try:
            found.append(image.as_mnist(picture))
        except ValueError:
            continue
    return torch.stack(found)


def main() -> None:
    options = arguments(__doc__).parse_args()
    measured_on = machine()
    net = Net.pretrained(recipe)
    familiar = SubspaceNovelty.kept(net.evidence)
    found: list[dict[str, Any]] = []
    for what, made in groups().items():
        pictures, n = made(np.random.default_rng(0))
        x_BHW = prepared(islice(pictures, n // 10 if options.quick else n))
        outside_B = torch.cat(
            [familiar.outside(layer_outputs(net.model, x, [LAST_HIDDEN])[0]) for x in x_BHW.split(1000)]
        )
        warned = (outside_B > familiar.threshold).double().mean().item()
        found.append({"what": what, "n": len(x_BHW), "warned": warned})
        print(f"{warned:7.3f}  of {len(x_BHW):6,}  {what}", flush=True)
    claims: list[Claim] = [claim("false alarms on MNIST's test digits", found[0]["warned"], "≤", MOST_FALSE_ALARMS)]
    columns, rows = ("pictures of", "n", "warned"), [[g["what"], f"{g['n']:,}", f"{g['warned']:.3f}"] for g in found]
    print(markdown(columns, rows), *claims, sep="\n")
    if not options.quick:
        caption = (
            "How often “this looks like no digit” is said: above all of digits, where it is wrong, then of strangers"
        )
        table = {"caption": caption, "columns": columns, "rows": rows}
        facts = {"benchmark": "digit_strangers", **measured_on, "rows": [], "claims": claims, "notes": []}
        write("digit_strangers", facts | {"groups": found, "table": table})


if __name__ == "__main__":
    main()
