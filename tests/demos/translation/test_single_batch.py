"""The single-batch test on the page: its buttons while it runs, what it says at its end, and where it may not run."""

from functools import partial
from pathlib import Path

import gradio as gr
import pytest
import torch

from demos.translation import overfit, single_batch
from demos.translation.nets import THERE
from demos.translation.overfit import AS_IT_IS


def test_the_button_runs_the_recipes_own_net(no_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(single_batch, "overfit_one_batch", partial(overfit.overfit_one_batch, steps=3))
    before = torch.random.get_rng_state()
    shown = list(single_batch.run_test(THERE.name, AS_IT_IS))
    assert torch.equal(before, torch.random.get_rng_state()), "nobody else's random state pays for it"
    assert all(update == gr.skip() for found in shown[:-1] for update in (found.start, found.stop, found.end))
    assert shown[-1].start["interactive"] is True and shown[-1].stop["interactive"] is False
    assert "four training slices" in shown[-1].status and "Not learnt by heart" in shown[-1].end


def test_it_is_switched_off_with_training(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAVELENS_TRAINING", "off")
    with pytest.raises(ValueError, match="switched off"):
        next(single_batch.run_test(THERE.name, AS_IT_IS))


def test_stopped_before_its_end() -> None:
    found = single_batch.stopped()
    assert found.start["interactive"] is True and found.stop["interactive"] is False and "Stopped" in found.end
