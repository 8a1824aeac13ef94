"""Fraud: payments fall as dots, a line across them is the threshold, and an autoencoder says how odd each of them is."""

from demos._ui.demo import Demo
from demos.fraud.nets import NETS
from demos.fraud.tab import LIMITS, build, thumbnail

demo = Demo(
    number=1,
    group="Payments",
    title="Fraud",
    summary="Pull the line across two days of card payments: frauds caught, honest people stopped, euros.",
    limits=LIMITS,
    thumbnail=thumbnail,
    build=build,
    recipes=tuple(NETS.values()),
)
