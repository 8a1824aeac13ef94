"""How much one visitor, and all of them together, may ask of the server: every bound is a value here.

What a file may hold is bounded where it is read, in `signals`: those bounds are listed here by name.
"""

import re
from datetime import timedelta
from typing import Literal, NamedTuple

from signals import audio, ecg_files, image, payments, text, volume_bounds

MIB = 2**20
GIB = 2**30


class Places(NamedTuple):
    """How many questions of a kind are answered at once, and how many may wait: in all, and of one page's."""

    at_once: int
    waiting: int
    of_one_page: int


Kind = Literal["answer", "training", "live"]
PLACES: dict[Kind, Places] = {
    "answer": Places(at_once=2, waiting=96, of_one_page=16),
    "training": Places(at_once=1, waiting=12, of_one_page=2),
    "live": Places(at_once=4, waiting=64, of_one_page=8),
}
"""Each kind has places of its own, so that trainings never keep an answer waiting. A page asks up to a dozen questions
when it opens; a training may be long, and waiting for more than a few of them is no use to anyone."""
UNHEARD_S = 10.0
"""Seconds after which a question that nobody listens for any more is dropped, waiting or being answered."""
UNREAD_MESSAGES = 500
"""News that wait for a page which does not take them; with more, the page is taken for gone."""
TOLD_FROM_S = 4.0
"""A waiting that is expected to be longer than so many seconds is announced."""

SESSIONS = 1000
"""Pages that are remembered: of more, one that holds nothing is forgotten first, and then whoever was idle for longest."""
SESSION_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What a page may call itself."""
IDLE = timedelta(minutes=30)
"""After so long without a question a page is forgotten: what was computed for it, and the net trained in it."""
SESSION_BYTES = 512 * MIB
"""What one page may have the server keep: what was read of its files, its answers, the net that it has trained."""
HELD_BYTES = 3 * GIB
"""What all pages together may, data of trainings included: of more, whoever was idle for longest is forgotten."""
MOST_FORGOTTEN = 10_000
"""Pages that are told that they were forgotten, if they ask again."""
SERVER_BYTES = 12 * GIB
"""The memory that all of it is to stay under, at its worst."""

FILE_BYTES = 20 * 10**6
"""An upload, each."""
FILE_BYTES_AT_LEAST = 4096
"""What the smallest file takes of a disk."""
REQUEST_BYTES = 2 * MIB
"""Any other request: a drawing, some seconds of microphone, numbers."""
UPLOADED_FILES = 4
"""Files in one upload."""
UPLOADS_BYTES = 2 * GIB
"""Uploads and files made for visitors, all together."""
UPLOADS_OF_ONE_BYTES = 300 * MIB
"""Uploads from one address within `UPLOADS_KEPT`: a class behind one door shares it."""
UPLOADS_KEPT = timedelta(minutes=10)
"""How long an upload is safe: only when the folder is full, older ones are thrown away before their time."""
FILES_KEPT = (1800, 5400)
"""Every so many seconds the server throws away files that are older than so many."""

SOUND_SAMPLES, SOUND_VALUES = audio.MAX_SAMPLES, audio.MAX_VALUES
"""Of one sound: samples in time, and those times channels."""
PICTURE_PIXELS = image.MAX_PIXELS
ECG_SAMPLES, ECG_LEADS = ecg_files.MAX_SAMPLES, ecg_files.MAX_LEADS
"""Of one lead, and leads."""
PAYMENTS = payments.MAX_ROWS
"""In one table."""
TEXT_CHARACTERS = text.MAX_CHARACTERS
VOLUME_SIDE = volume_bounds.MAX_SIDE
"""Voxels along each side of a volume."""

LOGGED_CHARACTERS = 300
"""Of whatever a visitor has sent, in a line of the log."""
LIVE_SECONDS = 120.0
"""A recording that is cleaned while it is made: then listening ends by itself."""
LIVE_CHUNK_SECONDS = 10.0
"""A piece of it."""
