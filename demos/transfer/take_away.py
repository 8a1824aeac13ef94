"""Your own head: say what pictures show, or solve the head again from the pictures beside this file.

    python head.py my-picture.jpg another.jpg
    python head.py --train

It needs Python 3.11 or newer and what `requirements.txt` names, and no network. The pictures lie in `pictures/KIND/`:
add some, take some out, or add a folder, and train again.
"""

import json
import sys
from pathlib import Path

import safetensors.torch
import torch
from torch import Tensor

from models import ridge
from models.backbone import Backbone
from signals.image import read, square

HERE = Path(__file__).parent
SIDE = 200
"""Pixels of the middle square that the net sees."""


def backbone() -> Backbone:
    """The published net without its last layer."""
    facts = json.loads((HERE / "head.json").read_text(encoding="utf-8"))
    net = Backbone(name=facts["backbone"], classes=2).eval()
    weights = safetensors.torch.load_file(HERE / "trunk.safetensors")
    net.adopt({key: t.float() if t.is_floating_point() else t for key, t in weights.items()})
    return net


@torch.no_grad()
def features(net: Backbone, paths: list[Path]) -> Tensor:
    """`(N, D)`: the mean over all places of the last layer, and over each picture and its mirror image."""
    found = []
    for path in paths:
        x_13HW = square(read(path), SIDE)[None].float() / 255
        both = [net.trunk((x - net.mean) / net.deviation).mean((2, 3)) for x in (x_13HW, x_13HW.flip(3))]
        found.append((both[0] + both[1]) / 2)
    return torch.cat(found)


def train() -> None:
    """Solve the head in closed form, and say how often it is right about pictures that are left out."""
    kinds = sorted(folder.name for folder in (HERE / "pictures").iterdir() if folder.is_dir())
    paths = [path for kind in kinds for path in sorted((HERE / "pictures" / kind).iterdir())]
    label_N = torch.tensor([kinds.index(path.parent.name) for path in paths])
    x_ND = features(backbone(), paths)
    if len(label_N) > len(label_N.unique()):
        head = ridge.solve(x_ND, label_N, len(kinds))
        right = int((head.left_out_NC.argmax(1) == label_N).sum())
        print(f"{right} of {len(label_N)} right when left out")
    else:  # one picture of each: nothing can be left out
        head = ridge.solve_with(x_ND, label_N, len(kinds), ridge.MIDDLE)
    safetensors.torch.save_file({"weight_DC": head.weight_DC, "bias_C": head.bias_C}, HERE / "head.safetensors")
    facts = json.loads((HERE / "head.json").read_text(encoding="utf-8")) | {"kinds": kinds}
    (HERE / "head.json").write_text(json.dumps(facts, indent=2, ensure_ascii=False), encoding="utf-8")


def tell(paths: list[Path]) -> None:
    """Print each picture's kind and the score of every kind: 1 is like that kind's pictures, 0 like the others'."""
    kinds = json.loads((HERE / "head.json").read_text(encoding="utf-8"))["kinds"]
    head = safetensors.torch.load_file(HERE / "head.safetensors")
    for path, score_C in zip(paths, features(backbone(), paths) @ head["weight_DC"] + head["bias_C"], strict=True):
        told = ", ".join(f"{kind} {value:.2f}" for kind, value in zip(kinds, score_C.tolist(), strict=True))
        print(f"{path}: {kinds[int(score_C.argmax())]} ({told})")


if __name__ == "__main__":
    if sys.argv[1:] == ["--train"]:
        train()
    elif sys.argv[1:]:
        tell([Path(name) for name in sys.argv[1:]])
    else:
        print(__doc__)
