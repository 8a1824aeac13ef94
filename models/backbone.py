"""Torchvision's nets as trunks with a new head: the published features, and what this project asks of them.

VGG-16 and 19, ResNet-18, ResNeXt-50, Wide ResNet-50-2, DenseNet-161, GoogLeNet, MobileNet v2 and SqueezeNet 1.0 and
1.1, by torchvision's own names. The published weights come from outside (`adopt`); a new `Backbone` has random ones.
Not covered: nets that want pictures of one size.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

NAMES = (
    "vgg16", "vgg19", "resnet18", "densenet161", "googlenet", "mobilenet_v2", "resnext50_32x4d", "wide_resnet50_2",
    "squeezenet1_0", "squeezenet1_1",
)  # fmt: skip
NOT_TRUNK = {"avgpool", "fc", "dropout", "aux1", "aux2", "classifier"}
VGG = {"vgg16": "D", "vgg19": "E"}
"""As Simonyan and Zisserman 2015 call the two."""
SMALLEST = 32
"""Pixels: these nets halve a picture five times."""
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
HALVES = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
"""GoogLeNet's weights were made elsewhere, for pictures from −1 to 1."""


class Backbone(nn.Module):
    """`trunk`, then the mean over all places, dropout, and a linear head.

    Takes pictures `x_BCHW` in [0, 1], grey ones too, scaled up where they are smaller than `side` pixels, and gives
    logits `(B, classes)`; the constants that the published weights expect are buffers of the model. The first `frozen`
    blocks of the trunk do not learn, and their batch norm keeps its published statistics. ValueError where `name` is
    not one of `NAMES`.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, *, name: str, classes: int, dropout: float = 0.2, frozen: int = 0, side: int = SMALLEST) -> None:
        super().__init__()
        if name not in NAMES:
            raise ValueError(f"There is no backbone “{name}”. There are: {', '.join(NAMES)}")
        self.name, self.classes, self.dropout, self.frozen, self.side = name, classes, dropout, frozen, side
        self.prefix, self.trunk = _trunk(name)
        mean, deviation = (torch.tensor(c).view(1, 3, 1, 1) for c in (HALVES if name == "googlenet" else IMAGENET))
        self.register_buffer("mean", mean)
        self.register_buffer("deviation", deviation)
        self.drop = nn.Dropout(dropout)
        self.head = nn.Linear(_channels(self.trunk), classes)
        nn.init.zeros_(self.head.bias)
        self.trunk[:frozen].requires_grad_(False)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        features_BCHW = self.trunk((self.enlarged(x_BCHW) - self.mean) / self.deviation)
        return self.head(self.drop(features_BCHW.mean((2, 3))))

    def enlarged(self, x_BCHW: Tensor) -> Tensor:
        """Pictures `(B, C, H, W)` of at least `side` pixels, scaled up where they were smaller."""
        if (short := min(x_BCHW.shape[2:])) >= self.side:
            return x_BCHW
        size = [-(-length * self.side // short) for length in x_BCHW.shape[2:]]
        return F.interpolate(x_BCHW, size, mode="bilinear", align_corners=False)

    def train(self, mode: bool = True) -> "Backbone":
        """As any module's, but for the frozen blocks, which stay in evaluation mode."""
        super().train(mode)
        self.trunk[: self.frozen].eval()
        return self

    def adopt(self, published: Mapping[str, Tensor]) -> None:
        """Take the trunk's weights, under torchvision's own keys; ValueError where some are missing."""
        mine = self.trunk.state_dict()
        missing = [
            key for key in mine if self.prefix + key not in published and not key.endswith("num_batches_tracked")
        ]
        if missing:
            raise ValueError(f"These weights are not {self.name}'s: {self.prefix}{missing[0]} is not among them.")
        self.trunk.load_state_dict({key: published.get(self.prefix + key, mine[key]) for key in mine})

    def layers(self) -> list[str]:
        """The trunk's blocks that hold weights, from early to late: where an explanation can listen."""
        return [f"trunk.{name}" for name, block in self.trunk.named_children() if _learns(block)]

    def by_depth(self, *, lr: float, decay: float) -> Iterator[dict[str, object]]:
        """Parameter groups, head first: each block before it learns `decay` times as fast as the next."""
        yield {"params": list(self.head.parameters()), "lr": lr}
        learning = [b for b in self.trunk if any(p.requires_grad for p in b.parameters())]
        for depth, block in enumerate(reversed(learning), start=1):
            yield {"params": [p for p in block.parameters() if p.requires_grad], "lr": lr * decay**depth}


def _trunk(name: str) -> tuple[str, nn.Sequential]:
    """The convolutional part of torchvision's net, block by block, and the prefix of its keys there."""
    from torchvision import models  # a second to import

    if name in VGG:  # without the published head, which alone has 120 million numbers
        net = nn.Module()
        net.features = features = models.vgg.make_layers(models.vgg.cfgs[VGG[name]])
    else:
        options = {"aux_logits": False, "init_weights": False} if name == "googlenet" else {}
        net = models.get_model(name, weights=None, **options)
        features = getattr(net, "features", None)
    inside = isinstance(features, nn.Sequential)
    blocks = (features if inside else net).named_children()
    trunk = nn.Sequential(OrderedDict((key, block) for key, block in blocks if key not in NOT_TRUNK))
    if name.startswith("densenet"):
        trunk.add_module("relu_last", nn.ReLU())
    for module in trunk.modules():
        if hasattr(module, "inplace"):
            module.inplace = False  # type: ignore[assignment]  # what a hook has heard must not be written over
        if name in VGG and isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    return "features." if inside else "", trunk


def _channels(trunk: nn.Sequential) -> int:
    """How many channels come out, found by asking."""
    was = trunk.training
    with torch.no_grad():
        found = trunk.eval()(torch.zeros(1, 3, 64, 64)).shape[1]
    trunk.train(was)
    return found


def _learns(block: nn.Module) -> bool:
    return any(isinstance(module, nn.Conv2d) for module in block.modules())
