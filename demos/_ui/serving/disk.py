"""The folder of uploads and of files made for visitors: bounded in all, and by whoever uploads."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from gradio.utils import get_upload_folder

from demos._ui.limits import FILE_BYTES_AT_LEAST, MIB, UPLOADS_BYTES, UPLOADS_KEPT, UPLOADS_OF_ONE_BYTES

FULL = "The server has no room for another file at this moment. Please try again in a few minutes."
OF_ONE = "More than {mib:.0f} MB were uploaded from your address within {minutes:.0f} minutes. Please wait a while."
MOST_ADDRESSES = 10_000
RECKONED_S = 5.0
"""How long the folder's size is reckoned from what has been added, before it is looked at again."""


class File(NamedTuple):
    """A file, when it was written, in seconds of the epoch, and its bytes."""

    written: float
    bytes: int
    path: Path


class Uploads:
    """Keeps the folder within its bound, the oldest files going first, and refuses whoever uploads too much."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder, self._lock = folder, Lock()
        self._of: OrderedDict[str, deque[tuple[float, int]]] = OrderedDict()
        self._bytes, self._looked = 0, float("-inf")

    @property
    def folder(self) -> Path:
        return self._folder or Path(get_upload_folder())

    def refusal(self, address: str, n: int) -> str | None:
        """Why `n` more bytes from this address are not taken, in a sentence; None where they are, and counted."""
        now, n = time.time(), max(n, FILE_BYTES_AT_LEAST)
        with self._lock:
            recent = self._recent(address, now)
            if sum(size for _, size in recent) + n > UPLOADS_OF_ONE_BYTES:
                return OF_ONE.format(mib=UPLOADS_OF_ONE_BYTES / MIB, minutes=UPLOADS_KEPT.total_seconds() / 60)
            if not self._make_room(n, older_than=now - UPLOADS_KEPT.total_seconds()):
                return FULL
            recent.append((now, n))
            return None

    def room_for(self, n: int) -> None:
        """Make room for a file that the server itself makes; what goes is the oldest, however young."""
        with self._lock:
            self._make_room(n, older_than=time.time())

    def sweep(self) -> None:
        """Keep the folder within its bound."""
        with self._lock:
            self._looked = float("-inf")
            self._make_room(0, older_than=time.time() - UPLOADS_KEPT.total_seconds())

    def _recent(self, address: str, now: float) -> deque[tuple[float, int]]:
        recent = self._of.setdefault(address, deque())
        self._of.move_to_end(address)
        while recent and recent[0][0] < now - UPLOADS_KEPT.total_seconds():
            recent.popleft()
        while len(self._of) > MOST_ADDRESSES:
            self._of.popitem(last=False)
        return recent

    def _make_room(self, n: int, *, older_than: float) -> bool:
        """Whether `n` bytes fit, after the oldest files have gone where they must."""
        now = time.time()
        if self._bytes + n > UPLOADS_BYTES or now - self._looked > RECKONED_S:
            files = sorted(self._files())
            self._bytes, self._looked = sum(file.bytes for file in files), now
            for file in files:
                if self._bytes + n <= UPLOADS_BYTES or file.written > older_than:
                    break
                file.path.unlink(missing_ok=True)
                self._bytes -= file.bytes
        if self._bytes + n > UPLOADS_BYTES:
            return False
        self._bytes += n
        return True

    def _files(self) -> Iterator[File]:
        for path in self.folder.rglob("*"):
            try:
                if path.is_file():
                    status = path.stat()
                    yield File(status.st_mtime, max(status.st_size, FILE_BYTES_AT_LEAST), path)
            except OSError:  # gone meanwhile
                continue


UPLOADS = Uploads()
