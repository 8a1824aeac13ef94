"""Everything on the page and everything that can be asked, read from `/config`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple


@dataclass(frozen=True)
class Component:
    """What stands on the page: `props` are label, value, bounds, choices …; `tab` is the innermost one around it."""

    id: int
    type: str
    props: Mapping[str, Any]
    tab: int | None

    @property
    def label(self) -> str:
        return str(self.props.get("label") or self.type)


@dataclass(frozen=True)
class Event:
    """A handler that the page can call: `after` is the event on whose success it follows, if any."""

    id: int
    name: str
    public: bool
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    queued: bool
    generates: bool
    takes_event_data: bool
    after: int | None
    targets: tuple[tuple[int | None, str], ...]


class Studio(NamedTuple):
    """Everything on the page and everything that can be asked, by their numbers."""

    components: Mapping[int, Component]
    events: Mapping[int, Event]

    def followers(self, event: Event) -> list[Event]:
        """What the page asks next when `event` has been answered."""
        return [other for other in self.events.values() if other.after == event.id]

    def tab_of(self, event: Event) -> int | None:
        """The tab in which an event happens: that of what sets it off, or else of what it reads and fills."""
        around = [*(at for at, _ in event.targets), *event.inputs, *event.outputs]
        found = (self.components[at].tab for at in around if at is not None and at in self.components)
        first = next((tab for tab in found if tab is not None), None)
        return self.tab_of(self.events[event.after]) if first is None and event.after is not None else first

    def opening(self, tab: int | None) -> list[Event]:
        """What is asked when a tab is opened."""
        return [event for event in self.events.values() if (tab, "select") in event.targets]

    def named(self, name: str) -> Event:
        """The event of this name; KeyError where there is none."""
        try:
            return next(event for event in self.events.values() if event.name == name)
        except StopIteration:
            raise KeyError(f"no event is called {name}") from None


def studio(config: Mapping[str, Any]) -> Studio:
    """What `/config` says, with each component's tab."""
    tabs = {c["id"] for c in config["components"] if c["type"] == "tabitem"}
    within = dict(_placed(config["layout"], tabs, None))
    components = {
        c["id"]: Component(c["id"], c["type"], c.get("props", {}), within.get(c["id"])) for c in config["components"]
    }
    events = {d["id"]: _event(d) for d in config["dependencies"] if d["backend_fn"]}
    scripts = {d["id"]: d.get("trigger_after") for d in config["dependencies"] if not d["backend_fn"]}
    return Studio(components, {i: _without(event, scripts) for i, event in events.items()})


def _event(d: Mapping[str, Any]) -> Event:
    after = d.get("trigger_after")
    return Event(
        id=d["id"],
        name=d["api_name"] if d.get("api_visibility") != "private" else f"event {d['id']}",
        public=d.get("api_visibility") != "private",
        inputs=tuple(d["inputs"]),
        outputs=tuple(d["outputs"]),
        queued=d.get("queue") is not False,
        generates=bool(d["types"]["generator"]),
        takes_event_data=bool(d.get("collects_event_data")),
        after=after,
        targets=() if after is not None else tuple((at, what) for at, what in d["targets"]),
    )


def _without(event: Event, scripts: Mapping[int, int | None]) -> Event:
    """An event that follows on a script of the page follows on whatever the script itself follows on."""
    after = event.after
    while after is not None and after in scripts:
        after = scripts[after]
    return event if after == event.after else Event(**{**event.__dict__, "after": after})


def _placed(node: Mapping[str, Any], tabs: set[int], tab: int | None) -> Iterator[tuple[int, int | None]]:
    here = node["id"] if node["id"] in tabs else tab
    yield node["id"], here
    for child in node.get("children") or ():
        yield from _placed(child, tabs, here)
