"""Fashion-MNIST comes in MNIST's own form."""

from training.data import fashion_mnist, samples


def test_clothes_in_the_form_of_digits() -> None:
    with samples():
        x_B1HW, label_B = fashion_mnist.official("test")
    assert x_B1HW.shape == (500, 1, 28, 28) and x_B1HW.dtype.itemsize == 1
    assert label_B.unique().tolist() == list(range(10))
