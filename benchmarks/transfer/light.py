"""What falls first over the whole test set: a tuned backbone, or colours alone, as light and ground change.

The same changes as the tab's sliders: a tint in stops of red's light over blue's, and a middle square on plain grey.
Nets are those that ship. Sixteen times 540 pictures: some eight minutes of one core.

    OMP_NUM_THREADS=1 WAVELENS_DATA=… python -m benchmarks.transfer.light
"""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from benchmarks._report import arguments, machine, report
from demos.transfer import lessons
from demos.transfer.lessons import GREY, KEPT, TINTS, ground_of
from metrics.classification import accuracy
from signals.colours import on_ground, tinted
from training.data import grocery

QUICK = 18


def changes() -> Iterator[tuple[str, float, Callable[[Tensor], Tensor]]]:
    """Each change: which slider, where it stands, and what it makes of 8-bit pictures."""
    grey_3HW = ground_of(GREY)
    for tint in TINTS:
        yield "tints", tint, lambda x_B3HW, tint=tint: tinted(x_B3HW, tint)
    for kept in KEPT:
        yield "kept", kept, lambda x_B3HW, kept=kept: on_ground(x_B3HW, grey_3HW, kept)


def falls(x_B3HW: Tensor, label_B: Tensor) -> dict[str, dict[str, list[float]]]:
    """Accuracy by slider and by who is asked, at each of its stops."""
    found: dict[str, dict[str, list[float]]] = {"tints": {}, "kept": {}}
    who = lessons.asked(None)
    for slider, at, change in changes():
        for name, ask in who.items():
            p_BC = torch.cat([ask(change(part)) for part in x_B3HW.split(32)])
            found[slider].setdefault(name, []).append(accuracy(p_BC.argmax(1), label_B))
        print(slider, at, {name: round(values[-1], 3) for name, values in found[slider].items()}, flush=True)
    return found


def rows(found: dict[str, dict[str, list[float]]]) -> list[list[str]]:
    """As they are printed: the change, then each one's accuracy."""
    told = [(f"{tint:+g} stops", "tints", i) for i, tint in enumerate(TINTS)]
    told += [(f"{100 * kept:.0f} % on grey", "kept", i) for i, kept in enumerate(KEPT)]
    return [[words, *(f"{values[i]:.3f}" for values in found[slider].values())] for words, slider, i in told]


def main() -> None:
    options, measured_on = arguments(__doc__).parse_args(), machine()
    x_B3HW, label_B, _ = grocery.pictures().test
    n = QUICK if options.quick else len(label_B)
    found = falls(x_B3HW[:n], label_B[:n])
    table: dict[str, Any] = {
        "caption": f"Accuracy on {n} test pictures in another light, or with a middle square left on grey",
        "columns": ["change", *(f"{name} ↑" for name in found["tints"])],
        "rows": rows(found),
    }
    report(
        "transfer_light", measured_on, [], tables={"light": table, "falls": {"n": n, **found}}, keep=not options.quick
    )


if __name__ == "__main__":
    main()
