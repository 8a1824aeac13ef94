"""Small medical pictures as their upstreams deliver them: cells, moles and outlines, MedMNIST, ImageNet weights."""

import csv
import io
from pathlib import Path

import numpy as np
import safetensors.torch
import torch
from PIL import Image, ImageDraw

from models.backbone import NAMES, Backbone
from training.data import crc_cells, ph2

PATIENTS = {"train": 6, "valid": 3, "test": 4}
MOLES = 30
FLAT = {"dermamnist": 7, "pathmnist": 9}


def write(root: Path) -> Path:
    cells(root)
    moles(root)
    for flag, labels in FLAT.items():
        medmnist(root, flag, shape=(28, 28, 3), labels=labels)
    medmnist(root, "pneumoniamnist", shape=(28, 28), labels=2)
    for size in (28, 64):
        medmnist(root, "fracturemnist3d", shape=(size, size, size), labels=3, size=size)
    for name in NAMES:
        weights(root, name)
    return root


def cells(root: Path, *, each: int = 12) -> None:
    """Parquet of patient, PNG, label and its name; a class can be told by its colour."""
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    draw = np.random.default_rng(0)
    (root / "crc_cells").mkdir(parents=True, exist_ok=True)
    for split, patients in PATIENTS.items():
        rows: dict[str, list[object]] = {"patient": [], "image": [], "label": [], "label_name": []}
        for i in range(patients * each):
            label = i % len(crc_cells.CLASSES)
            pixels = draw.integers(120, 200, (27, 27, 3))
            pixels[8:19, 8:19, label % 3] -= 60 + 30 * (label == 3)
            rows["patient"].append(f"{split}-{i // each}")
            rows["image"].append(png(pixels.astype(np.uint8)))
            rows["label"].append(label)
            rows["label_name"].append(crc_cells.CLASSES[label])
        parquet.write_table(arrow.table(rows), root / "crc_cells" / crc_cells.FILES[split])


def moles(root: Path) -> None:
    """JPEG pictures of a disc on skin, PNG masks, and the table of labels."""
    draw, folder = np.random.default_rng(0), root / "ph2"
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["image", "label", "name"])
        for i in range(MOLES):
            label = i % len(ph2.CLASSES)
            box = [100, 60, 150 + 20 * label, 140 + 10 * label]
            skin = Image.fromarray(draw.integers(190, 230, (224, 300, 3), dtype=np.uint8))
            ImageDraw.Draw(skin).ellipse(box, fill=(120 - 40 * label, 60, 40))
            mask = Image.new("L", skin.size)
            ImageDraw.Draw(mask).ellipse(box, fill=255)
            skin.save(folder / "images" / f"IMD{i:03}.jpg")
            mask.save(folder / "masks" / f"IMD{i:03}.png")
            table.writerow([f"IMD{i:03}", label, ph2.CLASSES[label].replace(" ", "_")])


def medmnist(root: Path, flag: str, *, shape: tuple[int, ...], labels: int, columns: int = 1, size: int = 28) -> None:
    """One of MedMNIST's `.npz` files: `train_images`, `train_labels` and so on, labels in columns."""
    draw = np.random.default_rng(0)
    arrays = {}
    for part, n in (("train", 8 * labels), ("val", 3 * labels), ("test", 3 * labels)):
        arrays[f"{part}_images"] = draw.integers(0, 256, (n, *shape), dtype=np.uint8)
        label = np.arange(n)[:, None] % labels if columns == 1 else draw.integers(0, 2, (n, columns))
        arrays[f"{part}_labels"] = label.astype(np.uint8)
    (root / "medmnist").mkdir(parents=True, exist_ok=True)
    np.savez(root / "medmnist" / f"{flag}{'' if size == 28 else f'_{size}'}.npz", **arrays)


def weights(root: Path, name: str) -> None:
    """Random numbers under the keys of torchvision's net, without the head that nobody asks for."""
    with torch.device("meta"):  # so that nobody waits for an initialiser
        net = Backbone(name=name, classes=2)
    draw = torch.Generator().manual_seed(0)
    state = {net.prefix + key: _random(key, t.shape, draw) for key, t in net.trunk.state_dict().items()}
    path = root / "imagenet_weights" / f"{name}.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    safetensors.torch.save_file(state, path)


def _random(key: str, shape: torch.Size, draw: torch.Generator) -> torch.Tensor:
    if key.endswith("num_batches_tracked"):
        return torch.zeros(shape, dtype=torch.int64)
    if len(shape) < 2:  # of a batch norm, or a bias
        return torch.full(shape, float(key.endswith(("weight", "var"))), dtype=torch.float16)
    bound = (6 / shape[1:].numel()) ** 0.5  # He et al. 2015, uniform
    return torch.empty(shape).uniform_(-bound, bound, generator=draw).half()


def png(pixels_HW3: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels_HW3).save(buffer, "PNG")
    return buffer.getvalue()
