"""Every licence of what ships, in one page: weights, samples, examples, scripts, and the packages that are installed.

`python -m tests.licences --write` writes `docs/licences.md` from the cards, `samples/README.md`, the READMEs of the
examples and the metadata of the packages that are installed; without `--write` it prints. `tests/test_licences.py`
holds the page to all of them.
"""

import json
import re
import sys
from collections import defaultdict
from importlib.metadata import Distribution, distributions
from pathlib import Path

from models import published

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/licences.md"
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-extra.lock")
SAID = {
    "Apache 2.0": "Apache-2.0",
    "Apache-2.0 License": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD 3-Clause License": "BSD-3-Clause",
    "BSD License": "BSD",
    "ISC License": "ISC",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "NVIDIA Proprietary Software": "LicenseRef-NVIDIA-Proprietary",
    "Python Software Foundation License": "PSF-2.0",
}
"""What packages write in a field for anything, and the identifier for it; what is not here is an identifier."""
SILENT = {"torchao": "BSD-3-Clause", "cuda-toolkit": "LicenseRef-NVIDIA-Proprietary"}
"""Packages that state nothing: torchao's LICENSE was read; cuda-toolkit is a list of NVIDIA's other packages."""
HEAD = """# Licences of what ships

Written by `make licences` from the cards, `samples/README.md`, the examples' READMEs and the packages' own metadata; a
test holds it to them. It is a reading, not legal advice.

| what | licence | where |
|---|---|---|
| the code, and all text | Apache-2.0 | `LICENSE` |
| the weights of {free} of {all} checkpoints | Apache-2.0 | below, and the row “Licence” of each card |
| **the weights of the other {bound}** | **research, education or non-commercial use only** | below |
| the samples | each its own; **the brain scans are CC BY-NC-SA 4.0** | below, `samples/README.md` |
| examples in the tabs, screenshots | as the data that they show: **brain scans CC BY-NC-SA 4.0** | below |
| axe-core, a script that only the tests run | MPL-2.0, unchanged | `tests/browser/axe/LICENSE` |
| fonts | none ship: the pages use the system's | |
| the packages | each its own, installed by pip and not part of this repository | below |

**To use all of this commercially**, leave out the {bound} checkpoints that are named below, `samples/lgg_mri`, the
scans in `demos/translation/examples` and their screenshots; a tab whose checkpoint is not there says so.
"""
BEGAN = """`dermoscopy` began from SqueezeNet 1.0 (Deep Compression's, BSD) and `pneumonia_transfer` from SqueezeNet 1.1
(the ONNX model zoo's, Apache-2.0), in torchvision's layout. Both had learnt from ImageNet, whose pictures are for
research.

The trunks in `checkpoints/imagenet_weights`, to which the nets for groceries refer (`models/published.py`):

{backbones}
What they learnt from:
"""
CARE = """### What asks for care

* **NVIDIA's packages** come with torch from the public index on Linux and are proprietary: installing them is free,
  handing them on inside an image is bound by NVIDIA's terms. Without a GPU they serve nothing: `docs/hosting.md` says
  how to leave them out.
* **LGPL-2.1**: soxr, gensim, and libsndfile, a shared library inside soundfile (whose own licence is BSD). All are
  files of their own that can be replaced, which is what the licence asks; gensim is imported where word vectors are
  fitted, and nowhere else.
* **MPL-2.0**: certifi, tqdm, orjson (with Apache-2.0 or MIT), used unchanged.
* **GCC's runtime** (libgfortran, libquadmath, libgomp) lies inside numpy, scipy, scikit-learn and torch: GPL-3.0 and
  LGPL with the exception that lets any program use them. FreeType lies inside Pillow (FTL). Gradio's package carries
  fonts of its own (most of them OFL-1.1); the theme here asks for none.
"""


def checkpoints() -> list[tuple[str, str, str]]:
    """Name, licence of the weights and of the data, of every checkpoint; Apache-2.0 unless a card says so."""
    cards = {path.parent.name: path for path in sorted((ROOT / "checkpoints").glob("*/card.json"))}
    data = {name: json.loads(path.read_text(encoding="utf-8"))["data"] for name, path in cards.items()}
    return [(name, part.get("weights_licence") or "Apache-2.0", part["licence"]) for name, part in data.items()]


def backbones() -> list[tuple[str, ...]]:
    """Name and licence of every published backbone of which a copy ships."""
    return [(facts.title, facts.licence) for facts in published.BACKBONES.values() if facts.sha256]


def samples() -> list[tuple[str, str, str]]:
    """Folder, source and licence of every sample, as `samples/README.md` has them."""
    text = (ROOT / "samples/README.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| `")
    ]
    return [(folder, source, licence) for folder, _, source, licence, _ in rows]


def locked() -> dict[str, set[str]]:
    """Every package that the locks name, with its versions (more than one where Python's version decides)."""
    found: dict[str, set[str]] = defaultdict(set)
    for name in LOCKS:
        for line in re.findall(r"^([a-z0-9.-]+)==(\S+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE):
            found[line[0]].add(line[1])
    return found


def installed() -> dict[str, Distribution]:
    """Every package that is installed here, by its name as the locks write it."""
    return {re.sub(r"[-_.]+", "-", one.metadata["Name"]).lower(): one for one in distributions()}


def licence(package: Distribution) -> str:
    """The licence that a package states: its expression, else its short field, else its classifiers."""
    told = package.metadata.json
    text = str(told.get("license_expression") or told.get("license") or "").strip()
    if not re.fullmatch(r"[\w .()+-]{2,120}", text):
        named = [str(one).split(" :: ")[-1] for one in told.get("classifier", []) if str(one).startswith("License")]
        text = " AND ".join(named) or SILENT.get(str(told["name"]), "not stated")
    return SAID.get(text, text)


def _table(head: str, rows: list[tuple[str, ...]]) -> str:
    columns = head.count("|") + 1
    return "\n".join([f"| {head} |", "|---" * columns + "|", *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"


def _grouped(pairs: list[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """Licence, how many, and their names; the most frequent first."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name, text in pairs:
        groups[text].append(name)
    order = sorted(groups, key=lambda text: (-len(groups[text]), text))
    return [(text, str(len(groups[text])), ", ".join(groups[text])) for text in order]


def what_ships() -> str:
    """The page down to the packages: what this repository itself hands on."""
    weights = checkpoints()
    free = sum(text == "Apache-2.0" for _, text, _ in weights)
    head = HEAD.format(free=free, all=len(weights), bound=len(weights) - free)
    rows = [(text, n, names) for text, n, names in _grouped([(f"`{name}`", text) for name, text, _ in weights])]
    data = [(text, n, names) for text, n, names in _grouped([(f"`{name}`", text) for name, _, text in weights])]
    shown = [
        (f"`{path.parent.relative_to(ROOT)}`", " ".join(path.read_text(encoding="utf-8").split("\n\n", 1)[1].split()))
        for path in sorted(ROOT.glob("demos/*/examples/README.md"))
    ]
    return "\n".join(
        [
            head,
            "## Weights\n",
            _table("licence of the weights | n | checkpoints", list(rows)),
            BEGAN.format(backbones=_table("net | weights from, licence", backbones())),
            _table("licence of the data | n | checkpoints", list(data)),
            "## Samples\n",
            _table("folder | source | licence", list(samples())),
            "## Examples\n",
            _table("folder | source and licence", list(shown)),
        ]
    )


def packages() -> str:
    """The part on packages, as those that are installed here state it."""
    here, names = installed(), locked()
    pairs = [(name, licence(here[name])) for name in sorted(names) if name in here]
    elsewhere = sorted(names.keys() - here.keys())
    text = f"{len(names)} packages stand in the locks (`{'`, `'.join(LOCKS)}`); `make lock` made them.\n"
    rest = f"Not installed where this page was written, so not read: {', '.join(elsewhere)}.\n" if elsewhere else ""
    return "\n".join(["## Packages\n", text, CARE, _table("licence, as stated | n | packages", _grouped(pairs)), rest])


def main() -> None:
    """Print or keep the page."""
    page = f"{what_ships()}\n{packages().rstrip()}\n"
    if "--write" in sys.argv:
        PAGE.write_text(page, encoding="utf-8")
    else:
        print(page, end="")


if __name__ == "__main__":
    main()
