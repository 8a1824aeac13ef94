"""`ecg_cnn_lstm`: `ecg_cnn` with a bidirectional LSTM over its feature map, and nothing else changed."""

from dataclasses import replace
from functools import partial

from models.ecg import BeatCNNLSTM
from training.recipes import ecg_cnn

recipe = replace(ecg_cnn.recipe, name="ecg_cnn_lstm", model=partial(BeatCNNLSTM))
