"""Fashion-MNIST: 70,000 pictures of clothes, shoes and bags in MNIST's own form: strangers to whatever reads digits."""

from training._recipe import Arrays, Source
from training.data._root import hub_file
from training.data.mnist import decoded

SOURCE = Source(
    title="Fashion-MNIST",
    address="https://huggingface.co/datasets/zalando-datasets/fashion_mnist",
    licence="MIT",
    split="official test",
    download="31 MB",
)
REPOSITORY = "zalando-datasets/fashion_mnist"


def official(split: str) -> Arrays:
    """One official split, `(x_B1HW uint8, label_B)`; see `hub_file` and `mnist.decoded` for what is raised."""
    return decoded(hub_file(REPOSITORY, f"fashion_mnist/{split}-00000-of-00001.parquet"))
