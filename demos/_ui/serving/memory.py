"""The memory of a server that stays up: few heaps, few remembered kernels, and free pages given back."""

import ctypes
import os
from contextlib import suppress

try:
    import resource
except ImportError:  # Windows
    resource = None

EVERY_S = 60.0
ARENAS = 2
"""Heaps that threads share: glibc gives each of forty threads its own otherwise, and none of them shrinks."""
M_ARENA_MAX = -8
"""`mallopt`'s number for it, in malloc.h."""


def stay_modest() -> None:
    """Few heaps and few remembered kernels, from here on; and as many open connections as the system grants."""
    if resource is not None:
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        with suppress(ValueError, OSError):  # macOS says “without bound” and means less
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")  # one for each length of a sound, 1,024 otherwise
    glibc = ctypes.CDLL(None)
    if hasattr(glibc, "mallopt"):
        glibc.mallopt(M_ARENA_MAX, ARENAS)


def trim() -> None:
    """Give the pages of memory that nothing stands in back to the system, where its C library can."""
    glibc = ctypes.CDLL(None)
    if hasattr(glibc, "malloc_trim"):
        glibc.malloc_trim(0)
