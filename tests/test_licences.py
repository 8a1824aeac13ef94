"""The page of licences is true to cards, samples, locks and packages, and the README's head is true to the page."""

import re
from itertools import chain

import pytest
import yaml

from tests import licences
from tests.licences import ROOT

HUB = {
    "Apache-2.0": "apache-2.0",
    "CC BY-NC-SA 4.0": "cc-by-nc-sa-4.0",
    "CC BY-SA 3.0": "cc-by-sa-3.0",
    "CC BY 4.0": "cc-by-4.0",
    "CC BY 3.0": "cc-by-3.0",
    "CC BY": "cc",
    "CC0": "cc0-1.0",
    "ODC-BY 1.0": "odc-by",
    "MIT": "mit",
    "MPL-2.0": "mpl-2.0",
    "research": "other",
    "free for any use": "other",
    "DbCL": "other",
}
"""What a licence is called here, and by Hugging Face's front matter."""
TEXT = licences.PAGE.read_text(encoding="utf-8")


def listed() -> dict[str, str]:
    """Every package of the page with the licence it stands under; `` for those that were not read."""
    table, rest = TEXT.split("## Packages")[1].split("Not installed where")
    rows = re.findall(r"^\| ([^|]+) \| \d+ \| ([^|]+) \|$", table, re.MULTILINE)
    found = {name: text for text, names in rows for name in names.split(", ")}
    return found | dict.fromkeys(re.findall(r"[a-z0-9-]+", rest.split(":")[1]), "")


def test_the_page_says_what_cards_samples_and_examples_say() -> None:
    assert TEXT.startswith(licences.what_ships()), "python -m tests.licences --write, and read the difference"


def test_the_page_names_every_package_of_the_locks() -> None:
    assert listed().keys() == licences.locked().keys(), "make licences, and read the difference"


def test_packages_state_what_the_page_says() -> None:
    here, said = licences.installed(), listed()
    same = [name for name, versions in licences.locked().items() if name in here and here[name].version in versions]
    told = {name: licences.licence(here[name]) for name in same}
    assert len(told) > 50 and "not stated" not in told.values()
    assert not {name: text for name, text in told.items() if said[name] and said[name] != text}


def test_the_readme_tells_the_hub_every_licence_of_what_ships() -> None:
    head = yaml.safe_load((ROOT / "README.md").read_text(encoding="utf-8").split("---")[1])
    texts = [*(text for _, text, _ in licences.checkpoints()), *(text for *_, text in licences.samples()), "MPL-2.0"]
    named = [re.findall("|".join(map(re.escape, HUB)), text) for text in texts]
    assert all(named), "a licence that HUB does not know"
    assert set(head["license"]) == {"apache-2.0", *(HUB[name] for name in chain(*named))}


@pytest.mark.parametrize("lock", [*licences.LOCKS, "requirements-tools.lock"])
def test_every_line_of_a_lock_is_a_version_with_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text and "index-url" not in text
    packages = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert packages and all("==" in one and "--hash=sha256:" in one for one in packages)


def test_the_locks_hold_every_pin() -> None:
    pins = [
        line
        for name in ("requirements.txt", "requirements-dev.txt", "requirements-extra.txt")
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines()
        if "==" in line
    ]
    locks, wanted = licences.locked(), [re.sub(r"\[.*\]", "", line).replace("_", "-").split("==") for line in pins]
    assert len(wanted) > 30 and not [pin for pin in wanted if pin[1] not in locks[pin[0]]], "make lock"
