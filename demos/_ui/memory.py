"""The memory of a server that stays up: what visitors have left behind is given back, so that it does not grow with visits."""

import ctypes
import os
import threading
import time
from datetime import datetime, timedelta

import gradio as gr

SESSIONS = 64
"""Visitors whose page is remembered, a class or two: of more, the one who did nothing for longest is forgotten."""
IDLE = timedelta(minutes=30)
"""After so long without a question a visitor's session is forgotten: what was computed for it, and the net trained in it."""
EVERY_S = 60.0
ARENAS = 2
"""Heaps that threads share: glibc gives each of forty threads its own otherwise, and none of them shrinks."""
M_ARENA_MAX = -8
"""`mallopt`'s number for it, in malloc.h."""


def stay_modest(blocks: gr.Blocks) -> None:
    """Few heaps, few remembered kernels, and a thread that tidies up behind the visitors of `blocks`."""
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")  # one for each length of a sound, 1,024 otherwise
    glibc = ctypes.CDLL(None)
    if hasattr(glibc, "mallopt"):
        glibc.mallopt(M_ARENA_MAX, ARENAS)
    threading.Thread(target=_tidy, args=(blocks,), daemon=True, name="tidy").start()


def _tidy(blocks: gr.Blocks) -> None:
    while True:
        time.sleep(EVERY_S)
        forget_idle(blocks)
        trim()


def forget_idle(blocks: gr.Blocks) -> None:
    """Drop the sessions that have asked nothing for `IDLE`."""
    holder = getattr(blocks, "state_holder", None)
    if holder is None:  # not served yet
        return
    ended = datetime.now() - IDLE
    with holder.lock:
        for session in [session for session, used in holder.time_last_used.items() if used < ended]:
            holder.session_data.pop(session, None)
            holder.time_last_used.pop(session, None)


def trim() -> None:
    """Give the pages of memory that nothing stands in back to the system, where its C library can."""
    glibc = ctypes.CDLL(None)
    if hasattr(glibc, "malloc_trim"):
        glibc.malloc_trim(0)
