"""The cases: what is tried where, by seed. A new tab needs no line here: its events are found by what they read.

Each component of the application, by its type, belongs to parts; each part has its kinds of things. A part's cases are
drawn without end: every kind at some component first, then again with another draw. Case `PART-0007` of a seed is the
same in every run against the same application, however many cases are run.
"""

import itertools
from collections.abc import Callable, Iterator
from random import Random
from typing import NamedTuple

from benchmarks._wire import Component, Event, Studio
from tests.fuzz import controls, ecgs, events, pictures, sounds, strangers, values
from tests.fuzz.things import Kind, Thing

SHARES = {
    "sounds": 15, "pictures": 17, "ECGs": 11, "volumes": 3, "texts": 5, "tables": 2,
    "numbers": 12, "choices": 13, "values": 10, "events": 12,
}  # fmt: skip
"""Of a hundred cases; a part that no component belongs to gives its share to the others."""
ENDINGS = {"sounds": (".wav", ".mp3", ".flac"), "pictures": ("image", ".png"), "ECGs": (".hea", ".dat")}
"""By which endings an upload's own kind is told."""
PUBLIC = 4
"""How many times likelier an event with a name is than one that only the page calls."""


class Case(NamedTuple):
    """One thing to try at one event, at the place of one component's value, or past all of them."""

    id: str
    part: str
    event: Event | None
    slot: Component | None
    kind: Kind
    seed: str

    def thing(self) -> Thing:
        return self.kind(Random(self.seed))


class Place(NamedTuple):
    """A kind of thing, and where it is tried: at any of some events, in the place of a component's value."""

    kind: Kind
    events: tuple[Event, ...]
    slot: Component | None


def plan(studio: Studio, seed: int, n: int) -> list[Case]:
    """`n` cases, each part with its share."""
    parts = {part: found for part in SHARES if (found := places(studio, part))}
    total = sum(SHARES[part] for part in parts)
    wanted = {part: n * SHARES[part] // total for part in parts}
    for part in itertools.islice(itertools.cycle(parts), n - sum(wanted.values())):
        wanted[part] += 1
    return [case for part in parts for case in itertools.islice(cases(part, parts[part], seed), wanted[part])]


def only(studio: Studio, seed: int, name: str) -> Case:
    """The one case of this name; ValueError where there is none."""
    part, _, number = name.rpartition("-")
    found = places(studio, part) if part in SHARES else []
    if not found or not number.isdigit():
        raise ValueError(f"There is no case “{name}”: a case is called as its part, {', '.join(SHARES)}, and a number.")
    return next(itertools.islice(cases(part, found, seed), int(number), None))


def cases(part: str, found: list[Place], seed: int) -> Iterator[Case]:
    """A part's cases without end."""
    draw = Random(f"{seed}/{part}")
    numbers = itertools.count()
    while True:
        for place in draw.sample(found, len(found)):
            name = f"{part}-{next(numbers):04d}"
            weights = [PUBLIC if event.public else 1 for event in place.events]
            event = draw.choices(place.events, weights)[0] if place.events else None
            yield Case(name, part, event, place.slot, place.kind, f"{seed}/{name}")


def places(studio: Studio, part: str) -> list[Place]:
    """Everything that belongs to a part, each kind at each component that it is for."""
    if part == "events":
        return _of_events(studio)
    found = []
    for component in studio.components.values():
        readers = tuple(event for event in studio.events.values() if component.id in event.inputs)
        if readers:
            found += [Place(kind, readers, component) for kind in kinds(part, component)]
    return found


def kinds(part: str, component: Component) -> tuple[Kind, ...]:
    """What of a part is tried at a component, by its type."""
    if component.type in FILES:
        return _files(part, component)
    makers = WRITTEN.get(component.type, {"values": values.other})
    return makers[part](component) if part in makers else ()


def _files(part: str, component: Component) -> tuple[Kind, ...]:
    """Files: those of the component's own kind all, and of strangers; and what names a file of somebody else's."""
    stranger = {"volumes": strangers.VOLUMES, "texts": strangers.TEXTS, "tables": strangers.TABLES}
    if part in stranger:
        return stranger[part]
    if part == "values":
        return values.forged_files(component)
    return OWN[part] if part in OWN and part == own(component) else ()


def own(component: Component) -> str:
    """The kind of file for which a component is: by its type, or by the endings that it takes."""
    if component.type in ("audio", "image"):
        return "sounds" if component.type == "audio" else "pictures"
    taken = set(component.props.get("file_types") or ())
    return next((part for part, endings in ENDINGS.items() if taken & {*endings}), "")


def _of_events(studio: Studio) -> list[Place]:
    found = [Place(kind, (), None) for kind in events.bare(studio)]
    for event in studio.events.values():
        if event.takes_event_data:
            found += [Place(kind, (event,), None) for kind in events.forged_data(event)]
    calls = [(event, kind) for event in studio.events.values() for kind in events.wrong_calls(event)]
    every = max(1, len(calls) // max(1, len(found)))
    return found + [Place(kind, (event,), None) for event, kind in calls[::every]]


FILES = {"audio", "image", "file", "uploadbutton", "video"}
OWN = {"sounds": sounds.KINDS, "pictures": pictures.KINDS, "ECGs": ecgs.KINDS}
Maker = Callable[[Component], tuple[Kind, ...]]
WRITTEN: dict[str, dict[str, Maker]] = {
    "slider": {"numbers": controls.numbers},
    "number": {"numbers": controls.numbers},
    "radio": {"choices": controls.choices},
    "dropdown": {"choices": controls.choices},
    "checkboxgroup": {"choices": controls.choices},
    "checkbox": {"choices": controls.ticks},
    "textbox": {"texts": controls.words},
    "html": {"values": values.widgets},
    "state": {},
}
"""By the type of a component, what is tried at it; a type that is not here gets whatever JSON can say."""
