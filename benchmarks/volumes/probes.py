"""What else is asked of `adrenal_3d`: other lies, one size, int8, and how long everything takes."""

from functools import partial
from typing import Any

import torch
from torch import Tensor

from benchmarks._report import row
from benchmarks.volumes.measures import area, said
from benchmarks.volumes.peers import SHAPE, Peer, made
from compression import quantization
from compression.cost import file_bytes, latencies_ms, time_in_turns
from explanation.gradcam import gradcam
from metrics.detection import auc
from models import load
from models.volume import VolumeNet
from signals.image import to_unit
from signals.volume import ROTATIONS, rotate
from signals.volume_measures import shape_measures
from training import Splits
from training.tasks import volumes

CALIBRATION = 32
HEAT_LAYER = "last"
Row = list[str]


def lies(p_BR: Tensor, label_B: Tensor) -> list[Row]:
    """AUC as the glands lie, in each other rotation, and by the mean over all of them; `p_BR` asked in `ROTATIONS`."""
    each = [auc(p_B, label_B == 1) for p_B in p_BR[:, 1:].T]
    spread_B = p_BR.amax(1) - p_BR.amin(1)
    flips = float(((p_BR > 0.5).any(1) & (p_BR <= 0.5).any(1)).double().mean())
    return [
        ["as the glands lie in the file", said(*area(p_BR[:, 0], label_B))],
        [f"turned, mean of the {len(each)} other rotations", f"{sum(each) / len(each):.3f}, least {min(each):.3f}"],
        [f"mean answer over {len(ROTATIONS)} rotations", said(*area(p_BR.mean(1), label_B))],
        ["one gland's answers: highest less lowest probability, median", f"{spread_B.median():.2f}"],
        ["glands that some rotation calls hyperplasia and another normal", f"{100 * flips:.0f} %"],
    ]


def one_size(splits: Splits, measures: dict[str, Tensor], peer: Peer, nets: dict[str, Any]) -> list[list[str]]:
    """AUC before and after every gland was scaled to the training glands' median volume.

    The regression is asked as it is and fitted anew on glands of that one size, which tells what shape alone knows.
    """
    wanted = volumes.sizes(splits.train[0]).float().median().item()
    scaled = {name: volumes.same_size_bytes(arrays[0], wanted) for name, arrays in splits._asdict().items()}
    label_B, rows = splits.test[1], []
    for name, net in nets.items():
        found = [volumes.predict_logits(net, x).softmax(1)[:, 1] for x in (splits.test[0], scaled["test"])]
        rows.append([f"`{name}`", *(said(*area(p_B, label_B)) for p_B in found)])
    of = {name: shape_measures(scaled[name] > 127) for name in ("train", "test")}
    before, after = (peer.scores(x, m) for x, m in ((splits.test[0], measures["test"]), (scaled["test"], of["test"])))
    rows.append([SHAPE, *(said(*area(p_B, label_B)) for p_B in (before, after))])
    anew = made(SHAPE, peer.choice).fit(of["train"].numpy(), splits.train[1].numpy())
    p_B = torch.from_numpy(anew.predict_proba(of["test"].numpy())[:, 1])
    rows.append([f"{SHAPE}, fitted on glands of one size", "", said(*area(p_B, label_B))])
    return rows


def rounded(splits: Splits, *, rounds: int = 30) -> list[Row]:
    """The net in float32, with weights stored as int8, and in static int8: test AUC, bytes, compiled time."""
    test, label_B = splits.test[0], splits.test[1]
    example = to_unit(splits.train[0][:CALIBRATION])
    nets: dict[str, Any] = {"float32": load(VolumeNet, "adrenal_3d").model}
    nets["int8 weights, float products"] = load(VolumeNet, "adrenal_3d").model
    quantization.to_int8(nets["int8 weights, float products"])
    nets["static int8 of what the quantizer knows: the head"] = quantization.static(nets["float32"], example)
    times = latencies_ms(
        {n: quantization.compiled(net, example[:2]) for n, net in nets.items()}, example[:2], rounds=rounds
    )
    rows = []
    for name, net in nets.items():
        with torch.no_grad():
            logit_BC = torch.cat([net(to_unit(part)) for part in test.split(2)])
        size = 4 * sum(p.numel() for p in net.parameters()) if name == "float32" else file_bytes(net)
        area_under = auc(logit_BC.softmax(1)[:, 1], label_B == 1)
        rows.append([name, f"{area_under:.3f}", f"{size / 1000:,.0f} KB", f"{times[name]:.1f} ms"])
    return rows


def server_times(x_B1DHW: Tensor, *, rounds: int = 20) -> list[Any]:
    """What a visitor waits for on the server, as the tab asks it: one gland, one after the other."""
    net, x_11DHW = load(VolumeNet, "adrenal_3d").model, to_unit(x_B1DHW[:1])
    ways = {
        "one answer (a click of the rubber)": partial(_answer, net),
        "24 answers, one for each rotation": lambda x: [_answer(net, rotate(x, i)) for i in range(len(ROTATIONS))],
        f"a heat map at {HEAT_LAYER}": lambda x: gradcam(net, HEAT_LAYER, x, 1),
    }
    found = time_in_turns(ways, x_11DHW, rounds=rounds)
    return [row(f"adrenal_3d: {name}", times, unit="ms") for name, times in found.items()]


@torch.no_grad()
def _answer(net: Any, x_B1DHW: Tensor) -> Tensor:
    return net(x_B1DHW)
