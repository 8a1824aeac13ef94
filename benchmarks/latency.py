"""A click's time: reading a digit through the server, alone and in company, against an endpoint that only echoes.

Each client is a `gradio_client` with a session of its own, which sends the same small PNG as a `data:` address to
`/read_digit` and waits for the answer: the round trip holds the HTTP, the queue and the client's own work. The peer is
an app of one function that gives its text back, under the same queue, asked for the same text in the same way: what is
above it is ours. `read_digit` alone, called in this process, is the work without any server. Every client asks 50
times; the first answers of a fresh server (imports, the checkpoint) are off the clock. All clients live in this one
process, so on two cores they take time from the server that they measure.

Twenty at once: twenty clients send one of ten digits each in the same moment. `answers` are those that match what this
process makes of the same digit; a refusal counts as a `sentence` only where the app has put it in words of its own, and
everything else (another's answer, a bare error, silence) as `neither`, of which there may be none.

    OMP_NUM_THREADS=1 python -m benchmarks.latency
"""

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import Any

from gradio_client import Client
from gradio_client.exceptions import AppError
from PIL import Image

from benchmarks._report import Row, arguments, claim, machine, report, row
from benchmarks._server import APP, ROOT, serving
from demos.digits.tab import read_digit
from signals import image

EXAMPLES = ROOT / "demos" / "_ui" / "examples"
ECHO = ("-m", "benchmarks.latency", "--serve-echo")
ANSWER_MS = 100
"""What a stroke may take of the server's time."""
NOTE = (
    "The server's work for one answer is a few milliseconds; the rest of a round trip is the queue's and the client's, "
    "as the echo shows."
)


def serve_echo() -> None:
    """The peer: one endpoint, `/echo`, queued as the app's answers are."""
    import gradio as gr

    with gr.Blocks(analytics_enabled=False) as blocks:
        box = gr.Textbox(label="Text")
        box.submit(echo, box, box, api_name="echo", concurrency_limit=2)
    blocks.queue(max_size=64).launch(
        server_name="127.0.0.1", server_port=int(os.environ["GRADIO_SERVER_PORT"]), ssr_mode=False, quiet=True
    )


def echo(text: str) -> str:
    """The same text."""
    return text


def client(url: str) -> Client:
    return Client(url, verbose=False, analytics_enabled=False)


def milliseconds(call: Callable[[], object], n: int) -> list[float]:
    """How long each of `n` calls took."""
    times = []
    for _ in range(n):
        began = time.perf_counter()
        call()
        times.append(1000 * (time.perf_counter() - began))
    return times


def together(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """What the calls give when all start in the same moment, each in its own thread."""
    ready = threading.Barrier(len(calls))

    def start(call: Callable[[], Any]) -> Any:
        ready.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(start, calls))


def round_trips(url: str, api_name: str, text: str, *, clients: int, n: int) -> list[float]:
    """Milliseconds of `n` questions by each of `clients` at once."""
    asking = [client(url) for _ in range(clients)]
    asked = [lambda c=c: c.predict(text, api_name=api_name) for c in asking]
    for call in asked:
        call()
    return list(chain(*together([lambda call=call: milliseconds(call, n) for call in asked])))


def crowd(url: str, addresses: Sequence[str], *, clients: int) -> tuple[Counter[str], list[str]]:
    """What each of `clients` got when all asked at once, counted, and what was said that was no answer."""
    asking = [client(url) for _ in range(clients)]
    addresses = [addresses[i % len(addresses)] for i in range(clients)]
    expected = [read_digit(None, address).seen for address in addresses]
    got = together([lambda c=c, a=a: outcome(c, a) for c, a in zip(asking, addresses, strict=True)])
    kinds = Counter(kind(result, right) for result, right in zip(got, expected, strict=True))
    return kinds, sorted({str(result) for result in got if isinstance(result, Exception)})


def outcome(c: Client, address: str) -> Any:
    """The answer, or the exception in its place."""
    try:
        return c.predict(address, api_name="/read_digit")
    except Exception as error:  # whatever a client may meet is what is counted here
        return error


def kind(result: Any, expected: str) -> str:
    """`answer` where the picture of the digit as the net sees it is the client's own; else `sentence` or `neither`."""
    if isinstance(result, AppError):
        return "sentence" if " " in result.message and result.message.rstrip().endswith((".", "!")) else "neither"
    if isinstance(result, Exception):
        return "neither"
    return "answer" if result[1] == expected else "neither"


def compared(name: str, url: str, echo_url: str, text: str, *, clients: int, n: int) -> list[Row]:
    """Ours, the echo, and the ratio of their medians."""
    ours = row(f"/read_digit, {name}", round_trips(url, "/read_digit", text, clients=clients, n=n), unit="ms")
    peer = row(f"/echo, {name}", round_trips(echo_url, "/echo", text, clients=clients, n=n), unit="ms")
    ratio = ours["median"] / peer["median"]
    return [ours, peer, row(f"ours / echo, {name} (of the medians)", [ratio], unit="×")]


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--n", type=int, default=50, help="questions by each client")
    parser.add_argument("--serve-echo", action="store_true", help="be the peer, on GRADIO_SERVER_PORT")
    options = parser.parse_args()
    if options.serve_echo:
        serve_echo()
        return
    n = 3 if options.quick else options.n
    measured_on = machine()
    pictures = {path.stem: image.to_data_url(Image.open(path)) for path in sorted(EXAMPLES.glob("*.png"))}
    three = pictures["3"]
    read_digit(None, three)  # loads the checkpoint
    rows = [
        row("demos.digits.read_digit, in this process", milliseconds(lambda: read_digit(None, three), n), unit="ms")
    ]
    with serving(*APP) as app, serving(*ECHO) as peer:
        rows += compared("1 client", app.url, peer.url, three, clients=1, n=n)
        rows += compared("8 clients at once", app.url, peer.url, three, clients=8, n=n)
        kinds, said = crowd(app.url, list(pictures.values()), clients=20)
    claims = [
        claim("server's work for one answer, 95th percentile, ms", rows[0]["p95"], "≤", ANSWER_MS),
        claim(
            "round trip of one client (more than the server's time), 95th percentile, ms",
            rows[1]["p95"],
            "≤",
            ANSWER_MS,
        ),
        claim("of 20 at once, neither an answer nor a sentence", kinds["neither"], "≤", 0),
    ]
    counts = f"20 at once: {kinds['answer']} answers, {kinds['sentence']} sentences, {kinds['neither']} neither"
    notes = [counts, *said, NOTE]
    report("latency", measured_on, rows, claims=claims, notes=notes, keep=not options.quick)


if __name__ == "__main__":
    main()
