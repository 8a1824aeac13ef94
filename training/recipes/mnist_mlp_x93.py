"""`mnist_mlp_x93`: the perceptron in 93 times fewer bytes: factors, taught by the dense net, then stored as int8.

The ranks are `Factorisation.ranks(share, "int8")` for the largest share whose file stays below 20.05 MB / 93.
"""

from dataclasses import replace

from compression.lowrank import Compressed
from training.recipes import mnist_mlp_rank20

recipe = replace(
    mnist_mlp_rank20.recipe,
    name="mnist_mlp_x93",
    model=mnist_mlp_rank20.perceptron([31, 23, 18, 11, 9]),
    export=Compressed.quantized,
)
