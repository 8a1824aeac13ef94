"""Fashion-MNIST: 70,000 pictures of clothes, shoes and bags in MNIST's own form, in their official split."""

from training._recipe import Arrays, Source, Splits
from training.data._root import hub_file
from training.data.mnist import cut_off, decoded

SOURCE = Source(
    title="Fashion-MNIST",
    address="https://huggingface.co/datasets/zalando-datasets/fashion_mnist",
    licence="MIT",
    split="official test; validation is the last 5,000 of the official training set",
    note="The file's rows stand in a random order.",
    download="31 MB",
)
REPOSITORY = "zalando-datasets/fashion_mnist"


def splits() -> Splits:
    """Pictures `x_B1HW` uint8 and labels `label_B` int64."""
    return cut_off(official("train"), official("test"))


def official(split: str) -> Arrays:
    """One official split, `(x_B1HW uint8, label_B)`; see `hub_file` and `mnist.decoded` for what is raised."""
    return decoded(hub_file(REPOSITORY, f"fashion_mnist/{split}-00000-of-00001.parquet"))
