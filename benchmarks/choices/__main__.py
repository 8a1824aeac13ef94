"""How what ships was chosen where validation is small: every candidate, asked about units that it never met.

A patient, a record or a speaker of the training side is left out, a net learns from the others, and answers him; so in
turn, until each was answered once. The answers are pooled and measured as one set; the candidate that is best there
ships, fitted on everything. Test takes no part in any of it.

    OMP_NUM_THREADS=1 WAVELENS_DATA=… python -m benchmarks.choices NAME ...     a recipe's name; the others' tables stay
"""

import json
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import benchmarks.choices
from benchmarks import _report
from benchmarks._report import arguments, machine, write

CHOICES = [found.name for found in iter_modules(benchmarks.choices.__path__) if not found.name.startswith("_")]
"""Each has `measure(quick)`, which gives a table as `_report` knows it."""


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("names", nargs="+", choices=CHOICES, metavar="NAME", help=f"of {', '.join(CHOICES)}")
    options = parser.parse_args()
    measured_on = machine()
    path = _report.RESULTS / "choices.json"
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name in options.names:
        kept[name] = import_module(f"benchmarks.choices.{name}").measure(options.quick)
        print(json.dumps(kept[name], indent=1, ensure_ascii=False))
        if not options.quick:  # kept one by one: each takes long
            write("choices", kept | {"benchmark": "choices", **measured_on})


if __name__ == "__main__":
    main()
