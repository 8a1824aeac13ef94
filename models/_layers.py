"""What two architectures or more are made of."""

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


class Convolution(nn.Module):
    """A convolution 3 wide, batch norm if asked for, ReLU: `(B, outputs, H, W)`, or `(B, outputs, D, H, W)`.

    `places` is how many dimensions of place there are, 2 or 3; their sizes are kept. Weights start as He et al. 2015
    propose.
    """

    def __init__(self, inputs: int, outputs: int, *, batch_norm: bool, places: int = 2) -> None:
        super().__init__()
        convolution, norm = {2: (nn.Conv2d, nn.BatchNorm2d), 3: (nn.Conv3d, nn.BatchNorm3d)}[places]
        self.conv = convolution(inputs, outputs, 3, padding=1)
        self.norm = norm(outputs) if batch_norm else nn.Identity()
        nn.init.kaiming_normal_(self.conv.weight, mode="fan_out", nonlinearity="relu")
        assert self.conv.bias is not None
        nn.init.zeros_(self.conv.bias)

    def forward(self, x_BCX: Tensor) -> Tensor:
        return torch.relu(self.norm(self.conv(x_BCX)))


class Standardize(nn.Module):
    """Pictures in [0, 1] less each channel's mean, by its deviation, both measured by `meet`: `(B, C, H, W)`."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.full((channels, 1, 1), 0.5))
        self.register_buffer("deviation", torch.full((channels, 1, 1), 0.25))

    def forward(self, x_BCHW: Tensor) -> Tensor:
        return (x_BCHW - self.mean) / self.deviation

    @torch.no_grad()
    def meet(self, x_BCHW: Tensor) -> None:
        """Measure both on pictures in [0, 1]."""
        self.mean.copy_(x_BCHW.mean((0, 2, 3)).view_as(self.mean))
        self.deviation.copy_(x_BCHW.std((0, 2, 3)).clamp(min=1e-3).view_as(self.deviation))


def fold(trained: nn.Module, plain: nn.Module) -> None:
    """Give `plain`, the same net without batch norm, the weights that make it `trained` in evaluation mode."""
    theirs = {name: m for name, m in plain.named_modules() if isinstance(m, Convolution)}
    for name, old in trained.named_modules():
        if isinstance(old, Convolution):
            assert isinstance(old.norm, nn.BatchNorm2d | nn.BatchNorm3d)
            theirs[name].conv = fuse_conv_bn_eval(old.conv.eval(), old.norm.eval())
    shared = {key: value for key, value in trained.state_dict().items() if ".conv." not in key and ".norm." not in key}
    plain.load_state_dict(shared, strict=False)
