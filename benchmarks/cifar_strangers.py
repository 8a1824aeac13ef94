"""How often CIFAR-10's tab warns of a picture: of a test picture it is a false alarm, of the rest its due.

The shipped convolutional net, and its threshold on the energy of its answer (`explanation.novelty.energy`), which lets
97 of 100 validation pictures pass. Energy was chosen before other scores (nearest neighbours among features, a residual
of their subspace, the largest probability) with clothes, groceries, photographs and noise in view: read their shares as
the best case. Nobody had in view chest X-rays and colon cells. CIFAR-10's pictures are those of a JPEG-compressed copy.

    OMP_NUM_THREADS=1 WAVELENS_DATA=… python -m benchmarks.cifar_strangers
"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from benchmarks import _unseen
from benchmarks._report import Claim, arguments, claim, machine, write
from demos._ui.nets import Net
from demos.cifar10 import nets
from signals.image import square
from training._table import markdown
from training.data import cifar10 as data

PHOTOGRAPHS = ("astronaut", "coffee", "moon", "brick", "grass", "gravel", "coins", "hubble_deep_field")
"""Of scikit-image's, those that show none of the ten classes."""
MOST_FALSE_ALARMS = 0.05
Pictures = Iterator[Image.Image]


def photographs(draw: np.random.Generator) -> Pictures:
    """Crops of photographs and textures."""
    from skimage import data as packaged

    wholes = [Image.fromarray(getattr(packaged, name)()).convert("RGB") for name in PHOTOGRAPHS]
    while True:
        for whole in wholes:
            side = int(min(whole.size) * draw.uniform(0.3, 1))
            x, y = (int(draw.integers(0, full - side + 1)) for full in whole.size)
            yield whole.crop((x, y, x + side, y + side))


def noise(draw: np.random.Generator) -> Pictures:
    while True:
        yield Image.fromarray(draw.integers(0, 256, (data.SIDE, data.SIDE, 3)).astype(np.uint8))


def groups() -> dict[str, Callable[[], Pictures]]:
    """What is shown, by what the page calls it; what is drawn at random is by its own seed."""
    return {
        "groceries": _unseen.groceries,
        "clothes, shoes and bags": _unseen.clothes,
        "chest X-rays": _unseen.chests,
        "colon cells": _unseen.cells,
        "photographs and textures of other things": lambda: islice(photographs(np.random.default_rng(0)), _unseen.EACH),
        "noise": lambda: islice(noise(np.random.default_rng(0)), _unseen.EACH),
    }


def prepared(pictures: Pictures) -> Tensor:
    """`(B, 3, 32, 32)` uint8 as the net is shown them."""
    return torch.stack([square(picture, data.SIDE) for picture in pictures])


def warned(net: Net[Any], x_B3HW: Tensor) -> float:
    """The share of pictures that are told to be like nothing that the net learnt from."""
    return (nets.stranger_shares(net, x_B3HW) > nets.KNOWN).double().mean().item()


def main() -> None:
    options = arguments(__doc__).parse_args()
    measured_on, net = machine(), Net.pretrained(nets.PAIR[nets.CNN])
    few = 20 if options.quick else None
    shown = {"test pictures of the ten classes": data.official("test")[0][:few]}
    shown |= {what: prepared(islice(made(), few)) for what, made in groups().items()}
    found = []
    for what, x_B3HW in shown.items():
        found.append({"what": what, "n": len(x_B3HW), "warned": warned(net, x_B3HW)})
        print(f"{found[-1]['warned']:7.3f}  of {len(x_B3HW):6,}  {what}", flush=True)
    claims: list[Claim] = [claim("false alarms on test pictures", found[0]["warned"], "≤", MOST_FALSE_ALARMS)]
    columns, rows = ("pictures of", "n", "warned"), [[g["what"], f"{g['n']:,}", f"{g['warned']:.3f}"] for g in found]
    print(markdown(columns, rows), *claims, sep="\n")
    if not options.quick:
        caption = f"How often “this is like nothing they learnt from” is said; test pictures are of {data.COMPRESSED}"
        table = {"caption": caption, "columns": columns, "rows": rows}
        facts = {"benchmark": "cifar_strangers", **measured_on, "rows": [], "claims": claims, "notes": []}
        write("cifar_strangers", facts | {"groups": found, "table": table})


if __name__ == "__main__":
    main()
