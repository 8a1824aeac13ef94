"""`mnist_mlp_small`: what low rank has to beat: a dense, narrow perceptron of as many numbers as `mnist_mlp_x23`.

Its shape and learning rate did best on validation among those tried: 5, 3 and 2 hidden layers, rates of 1e-3 to 5e-3.
"""

from dataclasses import replace
from functools import partial

from models.mlp import MLP
from training.recipes import mnist_mlp_rank20

recipe = replace(
    mnist_mlp_rank20.recipe,
    name="mnist_mlp_small",
    model=partial(MLP, hidden=215, layers=2, dropout=0.0),
    budget=replace(mnist_mlp_rank20.recipe.budget, lr=3e-3),
    initial=None,
)
