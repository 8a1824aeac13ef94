"""Heartbeats: a real ECG on its paper, every beat named by four nets, and what each of them looked at."""

from demos._ui.demo import Demo
from demos.heartbeats.tab import LIMITS, build, thumbnail
from training.recipes import ecg, ecg_attention, ecg_cnn, ecg_cnn_lstm

demo = Demo(
    number=1,
    group="Heart",
    title="Heartbeats",
    summary="A real ECG on its paper: every beat named by a net, beside the truth, and why.",
    limits=LIMITS,
    thumbnail=thumbnail,
    build=build,
    recipes=(ecg.recipe, ecg_cnn.recipe, ecg_attention.recipe, ecg_cnn_lstm.recipe),
)
