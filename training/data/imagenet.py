"""ImageNet weights of torchvision's nets: the trunks that ship, a file below the root, else torchvision's download."""

from functools import cache
from pathlib import Path

import safetensors.torch
import torch
from torch import Tensor

from models import published
from models.perceptual import Perceptual
from training.data._root import DataDamaged, fetching, root


def weights(name: str) -> dict[str, Tensor]:
    """The published weights of net `name` under torchvision's own keys and in its shapes, float32.

    Of those that ship the trunk alone, which every head refers to (`models.published`). The others lie in
    `<root>/imagenet_weights/<name>.safetensors`. What torchvision delivers is checked against the hash in
    its file name, read without unpickling anything but tensors, and kept there in half precision. Raises DataMissing,
    DataDamaged, CheckpointDamaged.
    """
    if name in published.SHIPPED:
        return published.trunk(name)
    path = _file(name)
    if not path.exists():
        _fetch(name, path)
    try:
        return {key: t.float() if t.is_floating_point() else t for key, t in safetensors.torch.load_file(path).items()}
    except (safetensors.SafetensorError, OSError) as error:
        raise DataDamaged(f"{path} is damaged ({error}). Delete it and run the command again.") from error


def are_here(name: str = "squeezenet1_0") -> bool:
    """Whether the weights of net `name` lie below the root already."""
    return _file(name).exists()


def perceptual(name: str = "squeezenet1_0") -> Perceptual:
    """The net that judges looks, with its published weights, once a process; raises as `weights` does."""
    return _perceptual(root(), name)


@cache
def _perceptual(folder: Path, name: str) -> Perceptual:
    return Perceptual.of(name, weights(name))


def _file(name: str) -> Path:
    return root() / "imagenet_weights" / f"{name}.safetensors"


def _fetch(name: str, path: Path) -> None:
    from torchvision.models import get_model_weights  # a second to import

    url = get_model_weights(name)["IMAGENET1K_V1"].url
    folder = path.parent / ".part"
    with fetching(path, f"torchvision's ImageNet weights of {name} ({url})"):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            state = torch.hub.load_state_dict_from_url(
                url, str(folder), map_location="cpu", check_hash=True, weights_only=True
            )
        except RuntimeError as error:  # torch's word for a hash that does not match
            raise DataDamaged(f"What arrived from {url} is damaged ({error}), and was not kept. Try again.") from error
        half = {k: t.half().contiguous() if t.is_floating_point() else t for k, t in state.items()}
        safetensors.torch.save_file(half, folder / path.name)
        (folder / path.name).replace(path)
        (folder / url.rsplit("/", 1)[1]).unlink(missing_ok=True)
