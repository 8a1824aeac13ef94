"""`ecg_attention`: `ecg_cnn` with multi-head attention over its feature map, and nothing else changed."""

from dataclasses import replace
from functools import partial

from models.ecg import BeatAttention
from training.recipes import ecg_cnn

recipe = replace(ecg_cnn.recipe, name="ecg_attention", model=partial(BeatAttention))
