"""The published backbones: what each is, under which licence, and one copy of those that ship.

A head or a tuned last stage names its backbone; the rest of the weights lies in `checkpoints/imagenet_weights/` once
for all of them. Those that do not ship come by torchvision's own download, when a command asks for them.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

import safetensors.torch
from torch import Tensor

from models._card import CheckpointDamaged

FOLDER = Path(__file__).resolve().parent.parent / "checkpoints" / "imagenet_weights"
RESEARCH = "learnt from ImageNet, whose pictures are for research"
TORCHVISION = f"torchvision's, BSD-3-Clause; {RESEARCH}"


class Published(NamedTuple):
    """One backbone: its name for people, its paper, whose weights and under which licence.

    `parameters` of the trunk, in millions, and `gmacs`, thousand million multiply-adds for 224 × 224 pixels, come from
    counting (`benchmarks.transfer` counts them again). `last_stage` is the block of the trunk from which on
    fine-tuning learns: what follows the last halving of the picture, or of a SqueezeNet the last two. `sha256` is there
    where the trunk ships.
    """

    title: str
    paper: str
    licence: str
    parameters: float
    gmacs: float
    last_stage: int
    sha256: str = ""


BACKBONES = {
    "squeezenet1_0": Published(
        "SqueezeNet 1.0", "Iandola et al. 2016",
        f"Deep Compression's, BSD: pruned and rounded, then decoded; {RESEARCH}",
        0.735, 0.73, 7, "6deb7a82515d6cee4e4dcc04bb820689dcb14dbb163fc82ac42ddb504152600d",
    ),
    "squeezenet1_1": Published(
        "SqueezeNet 1.1", "Iandola et al. 2016",
        f"the ONNX model zoo's, Apache-2.0, rounded to four bits of mantissa; {RESEARCH}",
        0.722, 0.26, 9, "9305ae660ea9631158e2c8fb165f376c9f2e81cd91c8b8d64596f6522ec86211",
    ),
    "mobilenet_v2": Published(
        "MobileNet v2", "Sandler et al. 2018",
        f"torchvision's eight-bit weights, decoded, BSD-3-Clause; {RESEARCH}",
        2.224, 0.30, 17, "4415b7985d939229e8b27b93753496077df2f6d06d09ab71cfa0b9c392817907",
    ),
    "resnet18": Published("ResNet-18", "He et al. 2016", TORCHVISION, 11.177, 1.81, 7),
    "googlenet": Published("GoogLeNet", "Szegedy et al. 2015", TORCHVISION, 5.600, 1.50, 14),
    "vgg16": Published("VGG-16", "Simonyan and Zisserman 2015", TORCHVISION, 14.715, 15.35, 24),
    "densenet161": Published("DenseNet-161", "Huang et al. 2017", TORCHVISION, 26.472, 7.73, 10),
    "resnext50_32x4d": Published("ResNeXt-50", "Xie et al. 2017", TORCHVISION, 22.980, 4.23, 7),
    "wide_resnet50_2": Published("Wide ResNet-50-2", "Zagoruyko and Komodakis 2016", TORCHVISION, 66.834, 11.40, 7),
}  # fmt: skip
"""Those that ship first; the course work's seven are the last six and MobileNet v2."""
SHIPPED = tuple(name for name, facts in BACKBONES.items() if facts.sha256)


def command(name: str) -> str:
    """The sentence for a backbone that is not here, with the one command that fetches it and makes its heads."""
    return f"{BACKBONES[name].title} is not here. Get it with: python -m training fit grocery_{name}"


def trunk(name: str) -> dict[str, Tensor]:
    """The weights of a shipped backbone's trunk by torchvision's own keys, float32, each of shape `(...,)`.

    ValueError where this one does not ship, CheckpointDamaged where its file is not the one that belongs here.
    """
    if name not in SHIPPED:
        raise ValueError(f"The backbone “{name}” does not ship. Those that do: {', '.join(SHIPPED)}.")
    return dict(_trunk(FOLDER / f"{name}.safetensors", BACKBONES[name].sha256))


@cache
def _trunk(path: Path, sha256: str) -> dict[str, Tensor]:
    try:
        content = path.read_bytes()
    except OSError:
        content = b""
    if hashlib.sha256(content).hexdigest() != sha256:
        raise CheckpointDamaged(
            f"{path.name} is not the published backbone. Restore it: git checkout {path.parent.name}"
        )
    return {key: t.float() if t.is_floating_point() else t for key, t in safetensors.torch.load(content).items()}
