"""What became of a case, by rule.

*right*: answered, and it was sensible to. *clear*: refused in a sentence of ours. *by Gradio*: refused before a handler
of ours was asked, in Gradio's words or in none. The rest is not as it should be: *crash* (an error of the server's, a
lost connection, no answer at all), *path* (an absolute path of the server, or a traceback), *markup* (ours, unescaped,
in a page), *silent* (answered, though it should not be, or with a “nan” in it), *unclear* (an apology, or words from
inside a program), *unkind* (refused, though there is nothing wrong with it), *log* (more in the log than a refusal may
leave there), *fat* and *slow* (what it took).
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from benchmarks._wire import Reply
from demos._ui.events import APOLOGY, PATH
from demos._ui.serving.offered import NOT_OFFERED
from tests.fuzz.things import MARK, Expect

GOOD = ("right", "clear", "by Gradio")
BAD = ("crash", "path", "markup", "silent", "unclear", "unkind", "log", "fat", "slow")
"""The worst first: a case has one verdict."""
FORGIVEN = ("slow",)
"""What is told and fails nothing: other work may run beside it."""
OURS = "Not this time"
"""The title over a sentence of ours."""
LONGEST_SENTENCE, MOST_LINES, LONGEST_LINE = 600, 3, 2000
SLOW_SECONDS, FAT_BYTES = 10.0, 2 * 2**30
JARGON = re.compile(
    r"Traceback|\b[A-Z]\w*(?:Error|Exception)\b|NoneType|\b(?:int|float|str|len)\(|invalid literal|could not convert|has no attribute|"
    r"not subscriptable|unhashable|list index|unsupported operand|positional argument|keyword argument|codec can't|\[?Errno|<class |"
    r"tensor\(|dtype|cannot convert|broadcast|ndarray|\b0x[0-9a-f]{6,}|__\w+__|object at|not supported between|expected .* got|\bNone\b"
)
"""Words from inside a program."""
NO_NUMBER = re.compile(r"(?<![\w.“-])[-−+]?(?:nan|inf)(?![\w”])")
TRACE = re.compile(r"Traceback \(most recent call last\)|File \"[^\"]+\", line \d+")
PLACES = re.compile(r"(?<![\w.<])/(?:home|root|usr|etc|tmp|var|opt|proc|srv|mnt|work|app|data)/[\w.-]+")
"""The beginning of a path on a machine, in a page that may hold scripts and addresses of the web as well."""
UPLOADED = re.compile(r"(?:/[\w.-]+)+/[0-9a-f]{64}/[^\"\s]*")
"""What a visitor has uploaded himself: Gradio names it by its place."""
DATA = re.compile(r"data:[\w/+.-]*;base64,[A-Za-z0-9+/=]*")
TAG = re.compile(r"<[^>]*>")
RAW = MARK.partition(" onerror")[0]
"""The mark's beginning, which no page holds unescaped."""


class Verdict(NamedTuple):
    """A word of `GOOD` or `BAD`, and what it was seen by."""

    word: str
    why: str = ""

    @property
    def fails(self) -> bool:
        return self.word in BAD and self.word not in FORGIVEN


@dataclass(frozen=True)
class Heard:
    """All that a case has left behind: answers, lines of the log (None: not watched), and what it took.

    The first reply is to what was tried, the others to what the page asks after it, with what it then holds itself.
    `sent` are the texts that the case itself sent, which may come back; `fills` the types of what each answer fills.
    """

    expect: Expect
    replies: Sequence[Reply]
    fills: Sequence[Sequence[str]] = ()
    sent: Sequence[str] = ()
    log: Sequence[str] | None = None
    alive: bool = True
    seconds: float = 0.0
    grown_bytes: int = 0


def judge(heard: Heard) -> Verdict:
    """The worst that can be said of a case, or the best where nothing can."""
    found = [*_wire(heard), *_texts(heard), *_outcome(heard), *_left_behind(heard)]
    bad = [verdict for verdict in found if verdict.word in BAD]
    return min(bad, key=lambda v: BAD.index(v.word)) if bad else found[0] if found else Verdict("right")


def _wire(heard: Heard) -> Iterator[Verdict]:
    """Whether the server stood."""
    if not heard.alive:
        yield Verdict("crash", "the server is gone")
    for reply in heard.replies:
        if reply.late:
            yield Verdict("crash", f"no end after {reply.seconds:.0f} s")
        elif reply.status == 0:
            yield Verdict("crash", f"the connection was lost ({reply.body})")
        elif reply.status >= 500 and reply.status != 503:
            yield Verdict("crash", f"{reply.status}: {reply.body[:100]}")


def _texts(heard: Heard) -> Iterator[Verdict]:
    """What no text may hold, whether it is an answer or a refusal."""
    for reply, fills in zip(heard.replies, [*heard.fills, *[()] * len(heard.replies)], strict=False):
        texts, path = (
            [*strings(list(reply.outputs)), *filter(None, (reply.error, reply.body))],
            PATH if fills else PLACES,
        )
        for text in (_own(text, heard.sent) for text in texts):
            if found := TRACE.search(text) or path.search(text):
                yield Verdict("path", _around(text, found))
        for kind, value in zip(fills, reply.outputs, strict=False):
            pages = (
                strings(value, files=True) if kind in ("html", "markdown") else strings(value, keys=("label", "info"))
            )
            for text in pages:
                if RAW in text:
                    yield Verdict("markup", text[max(0, text.index(RAW) - 60) :][:160])


def _outcome(heard: Heard) -> Iterator[Verdict]:
    """Refused or answered, and whether that was right."""
    refused = next((reply for reply in heard.replies if not reply.answered and reply.status), None)
    if refused is None:
        if heard.expect == "refuse":
            yield Verdict("silent", "answered, though it should be refused")
        for reply in heard.replies:
            yield from _answer(reply, heard.sent)
        yield Verdict("right")
        return
    for reply in heard.replies[1:]:
        if reply.error == NOT_OFFERED:
            yield Verdict("unkind", "what the page itself holds was refused as nothing that it offers")
    if heard.expect == "answer":
        yield Verdict("unkind", refused.error or refused.body[:200] or "refused without a word")
    if refused.title == OURS:
        yield from _sentence(_own(refused.error or "", heard.sent), (heard.log or [""])[-1:])
        yield Verdict("clear", refused.error or "")
    elif heard.log is not None and refused.error is None and any(_is_ours(line) for line in heard.log):
        yield Verdict("unclear", "no word of ours, and our own code stands in the log")
    else:
        yield Verdict("by Gradio", (refused.error or refused.body)[:200])


def _sentence(words: str, logged: Sequence[str] = ()) -> Iterator[Verdict]:
    """Whether a refusal of ours is a sentence for a visitor; an apology is told with what was `logged` of its cause."""
    if APOLOGY in words:
        yield Verdict("unclear", f"the apology; {' '.join(logged)[:200]}")
    elif not words.strip():
        yield Verdict("unclear", "a refusal without words")
    elif (found := JARGON.search(words)) or (found := NO_NUMBER.search(words)):
        yield Verdict("unclear", _around(words, found))
    elif words[0].islower() or words.rstrip()[-1] not in ".!?”":
        yield Verdict("unclear", f"no sentence: {words[:160]}")
    elif len(words) > LONGEST_SENTENCE:
        yield Verdict("unclear", f"{len(words):,} letters: {words[:80]} …")


def _answer(reply: Reply, sent: Sequence[str]) -> Iterator[Verdict]:
    """Whether an answer reads as one: it may hold neither an apology nor a number that is none."""
    for text in strings(list(reply.outputs)):
        seen = TAG.sub(" ", _own(text, sent))
        if APOLOGY in seen:
            yield Verdict("unclear", "the apology, in the page")
        if found := NO_NUMBER.search(seen):
            yield Verdict("silent", _around(seen, found))
        if found := re.search(r"[-_/]None\b|^None$", seen):
            yield Verdict("silent", _around(seen, found))


def _left_behind(heard: Heard) -> Iterator[Verdict]:
    """What the log holds of it, and what it took."""
    if heard.log is not None:
        trace = next((line for line in heard.log if "Traceback (most recent call last)" in line), None)
        longest = max(map(len, heard.log), default=0)
        if trace is not None:
            yield Verdict("log", f"a traceback: {heard.log[-1][:160]}")
        elif longest > LONGEST_LINE:
            yield Verdict("log", f"a line of {longest:,} letters")
        elif len(heard.log) > MOST_LINES * max(1, len(heard.replies)):
            yield Verdict("log", f"{len(heard.log)} lines: {heard.log[0][:160]}")
    if heard.grown_bytes > FAT_BYTES:
        yield Verdict("fat", f"{heard.grown_bytes / 2**30:.1f} GiB at its peak")
    if heard.seconds > SLOW_SECONDS:
        yield Verdict("slow", f"{heard.seconds:.0f} s")


def strings(value: Any, *, files: bool = False, keys: Sequence[str] | None = None) -> Iterator[str]:
    """Every text in an answer; with `keys`, those under them alone. What names a file of the visitor's own is left out."""
    if isinstance(value, str):
        if keys is None:
            yield value
    elif isinstance(value, Mapping):
        is_file = isinstance(value.get("meta"), Mapping) and value["meta"].get("_type") == "gradio.FileData"
        for key, part in value.items():
            if is_file and key in ("path", "url") and not files:
                continue
            yield from strings(part, files=files, keys=None if keys is None or key in keys else keys)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from strings(part, files=files, keys=keys)


def texts_of(value: Any) -> list[str]:
    """Every text that a case sends and that may come back, the longest first; and each as JSON and as HTML say it."""
    found = {text for text in strings(value, files=True) if len(text) > 1}
    return sorted({*found, *(json.dumps(text)[1:-1] for text in found)}, key=len, reverse=True)


def _own(text: str, sent: Sequence[str]) -> str:
    """A text without data, and without what the visitor has said himself."""
    text = UPLOADED.sub("", DATA.sub("", text))
    for words in sent:
        text = text.replace(words, "")
    return text


def _around(text: str, found: re.Match[str]) -> str:
    return text[max(0, found.start() - 60) : found.end() + 100].strip()


def _is_ours(line: str) -> bool:
    return bool(re.search(r'File "[^"]*/(?:demos|signals|models|training|explanation|compression|metrics)/', line))
