"""What the server remembers of each page: bounded in number and in bytes, and whoever is forgotten is told."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import torch
from gradio.state_holder import SessionState, StateHolder
from PIL import Image

from demos._ui.limits import HELD_BYTES, IDLE, MOST_FORGOTTEN, SESSION_BYTES, SESSION_NAME, SESSIONS
from training import Run

FORGOTTEN = (
    "This page was left alone for a while, or the server had no room: what it held for you has been given up. "
    "Please load, record or train it again."
)
TOO_MUCH = "This page held more than the server can keep for one visitor, and it was given up. Try something smaller."
SMALL = 1000
"""Bytes of a text that are not worth counting."""
MOST_OBJECTS = 20_000
"""Objects that are looked at for what one page holds: what lies deeper is small."""
Storages = dict[int, int]
"""Bytes by where they lie: what two pages share counts once."""


class Session(SessionState):
    """One page's states, without Gradio's copy of all that the page shows.

    That copy serves links to a page's whole content, which this house does not offer; it costs most of a megabyte a
    page, and all pictures that were shown.
    """

    def __init__(self, blocks: Any) -> None:
        super().__init__(SimpleNamespace(default_config=blocks.default_config, blocks={}))  # type: ignore[arg-type]

    def __setitem__(self, key: int, value: Any) -> None:
        super().__setitem__(key, value)
        self.config_values.clear()

    def _update_config(self, key: int) -> None:
        pass

    def _update_value_in_config(self, key: int, value: Any) -> None:
        pass


class Sessions(StateHolder):
    """The pages that are remembered; of too many, or too much, those that hold nothing go first, then the longest idle."""

    def __init__(self) -> None:
        super().__init__()
        self._held: dict[str, Storages] = {}
        self._bytes: Storages = {}
        self._holders: Counter[int] = Counter()
        self.held = 0
        self._told: OrderedDict[str, str] = OrderedDict()

    def __getitem__(self, session_id: str) -> SessionState:
        if not SESSION_NAME.fullmatch(session_id):
            raise KeyError("no page calls itself so")
        with self.lock:
            session = self.session_data.get(session_id)
            if session is None:
                self._make_room()
                session = self.session_data[session_id] = Session(self.blocks)
            self.session_data.move_to_end(session_id)
            self.time_last_used[session_id] = datetime.now()
            return session

    def forgotten(self, session_id: str) -> str | None:
        """What a page is owed that was forgotten while it held something; said once."""
        with self.lock:
            return self._told.pop(session_id, None)

    def forget_idle(self) -> None:
        """Forget the pages that have asked nothing for `IDLE`."""
        ended = datetime.now() - IDLE
        with self.lock:
            for session_id in [s for s, used in self.time_last_used.items() if used < ended]:
                self._forget(session_id)

    def weigh(self, session_id: str) -> int:
        """Take down what this page holds, and give up whatever is too much; gives the page's own bytes.

        The data of a training counts in all, but is not its page's own: it is as large as the server's owner has put there.
        """
        session = self.session_data.get(session_id)
        if session is None:
            return 0
        values = list(session.state_data.values())
        held, data = storages(values), storages([value.splits for value in values if isinstance(value, Run)])
        weight = sum(n for where, n in held.items() if where not in data)
        with self.lock:
            if session_id not in self.session_data:
                return 0
            self._let_go(session_id)
            self._hold(session_id, held)
            if weight > SESSION_BYTES:
                self._forget(session_id, TOO_MUCH)
            self._keep_within(HELD_BYTES, but=session_id)
        return weight

    def _hold(self, session_id: str, held: Storages) -> None:
        """Count what this page holds; `held` says how many bytes all pages hold together, what they share once."""
        self._held[session_id] = held
        for where, n in held.items():
            if not self._holders[where]:
                self._bytes[where] = n
                self.held += n
            self._holders[where] += 1

    def _let_go(self, session_id: str) -> Storages:
        held = self._held.pop(session_id, {})
        for where in held:
            self._holders[where] -= 1
            if not self._holders[where]:
                del self._holders[where]
                self.held -= self._bytes.pop(where)
        return held

    def _make_room(self) -> None:
        while len(self.session_data) >= SESSIONS:
            empty = next((s for s in self.session_data if not self._held.get(s)), None)
            self._forget(empty or next(iter(self.session_data)))

    def _keep_within(self, most: int, *, but: str) -> None:
        while self.held > most:
            idle = next((s for s in self.session_data if s != but and self._held.get(s)), None)
            if idle is None:
                break
            self._forget(idle)

    def _forget(self, session_id: str, why: str = FORGOTTEN) -> None:
        self.session_data.pop(session_id, None)
        self.time_last_used.pop(session_id, None)
        if self._let_go(session_id):
            self._told[session_id] = why
            while len(self._told) > MOST_FORGOTTEN:
                self._told.popitem(last=False)


def storages(value: Any) -> Storages:
    """Where the bytes lie that a value holds: of tensors, arrays, pictures, texts and bytes, however deep in it."""
    found: Storages = {}
    seen: set[int] = set()
    left = [value]
    while left and len(seen) < MOST_OBJECTS:
        item = left.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        where = _bytes_of(item)
        if where is None:
            left += _parts(item)
        elif where[1]:
            found[where[0]] = where[1]
    return found


def _bytes_of(item: Any) -> tuple[int, int] | None:
    """Where the item's bytes lie, and how many; None where it is no such item."""
    if isinstance(item, torch.Tensor):
        storage = item.untyped_storage()
        return storage.data_ptr() or id(item), storage.nbytes()
    if isinstance(item, np.ndarray):
        while isinstance(item.base, np.ndarray):
            item = item.base
        return item.ctypes.data, item.nbytes
    if isinstance(item, Image.Image):
        return id(item), item.width * item.height * len(item.getbands())
    if isinstance(item, str | bytes | bytearray):
        return id(item), len(item) if len(item) > SMALL else 0
    return None


def _parts(item: Any) -> Iterator[Any]:
    if isinstance(item, Mapping):
        yield from item.values()
    elif isinstance(item, Iterable) and isinstance(item, list | tuple | set | frozenset):
        yield from item
    elif isinstance(item, torch.nn.Module) or _is_plain(item):
        yield from vars(item).values()


def _is_plain(item: Any) -> bool:
    """Whether it is an object of values, and neither a class nor a module nor something to call."""
    return hasattr(item, "__dict__") and not isinstance(item, type | ModuleType) and not callable(item)
