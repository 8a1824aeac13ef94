"""What a page's own controls would never send: numbers, choices, words and ticks, by what the component says of itself."""

import math
from random import Random
from typing import Any

from benchmarks._wire import Component
from tests.fuzz.things import MARK, Expect, Kind, Thing, fixed

LONG = "x" * 300_000


def numbers(component: Component) -> tuple[Kind, ...]:
    """For a slider or a number field, with the bounds that it has."""
    low, high = component.props.get("minimum"), component.props.get("maximum")

    def outside(value: float) -> Expect:
        below, above = low is not None and value < low, high is not None and value > high
        return "refuse" if below or above else "either"

    def kind(value: Any, expect: Expect, words: str = "") -> Kind:
        return fixed(Thing(f"{component.label} = {words or repr(value)}", expect, value))

    plain = [
        *(kind(value, outside(value)) for value in (-0.0, 0, -1, 1e308, -1e308, 1e-320, 2**63, 10**30, -(10**30))),
        *(kind(value, "refuse") for value in (math.nan, math.nan, math.inf, -math.inf, "abc", "", {}, [[]])),
        kind([1, 2], "refuse"), kind({"value": 1}, "refuse"), kind(MARK, "refuse"), kind("nan", "refuse"),
        kind("1e999", "refuse"), kind(LONG, "refuse", "300,000 letters"),
        kind(10**400, "refuse", "400 digits"), kind("٣", "either"), kind("0x10", "refuse"),
        kind(None, "either"), kind(True, "either"), kind(False, "either"), kind("1", "either"), kind(0.1 + 0.2, "either"),
    ]  # fmt: skip
    if low is not None:
        plain += [kind(low, "either"), kind(low - 1, "refuse"), kind(low - 1e-9, "either")]
    if high is not None:
        plain += [kind(high, "either"), kind(high + 1, "refuse"), kind(high * 1e6 + 1e6, "refuse")]
    return (*plain, _drawn(component))


def _drawn(component: Component) -> Kind:
    """Some number between the bounds, with many digits."""
    low, high = float(component.props.get("minimum") or 0), float(component.props.get("maximum") or 1000)

    def drawn(draw: Random) -> Thing:
        value = draw.uniform(low, high)
        return Thing(f"{component.label} = {value!r}", "either", value)

    return drawn


def choices(component: Component) -> tuple[Kind, ...]:
    """For a radio, a dropdown or a list of ticks: what is not among its choices, and each that is."""
    offered = [
        choice[1] if isinstance(choice, (list, tuple)) else choice for choice in component.props.get("choices") or ()
    ]
    free = bool(component.props.get("allow_custom_value"))
    many = component.type == "checkboxgroup" or bool(component.props.get("multiselect"))
    empty = component.props.get("value") in (None, [], "")
    other: Expect = "either" if free else "refuse"

    def kind(value: Any, expect: Expect, words: str = "") -> Kind:
        return fixed(Thing(f"{component.label} = {words or repr(value)}", expect, value))

    some = str(offered[0]) if offered else "one"
    near = [value for value in (some.upper(), f" {some} ", f"{some}\x00", some[:-1]) if value not in offered]
    strange = [
        *(kind(value, other) for value in ("nobody offered this", "", MARK, *near)),
        *(kind(value, other) for value in ("../../etc/passwd", "__class__", "{0.__class__}", "%s%n", "None", "null")),
        kind(LONG, other, "300,000 letters"), kind("\ud83c\udfb5‮", other), kind("\x00", other),
        *(kind(value, "refuse") for value in ({}, {"value": some}, math.nan, math.inf, 10**30, [[some]], [None])),
        *(kind(value, "either" if value in offered else "refuse") for value in (0, -1, 1.5, True)),
        kind([some] * 50_000, "refuse", "50,000 of them"), kind([], "either" if many else "refuse"),
        kind([some], "either" if many or not offered else "refuse"),
        kind(None, "either" if empty or many else "refuse"), kind(None, "either" if empty or many else "refuse"),
    ]  # fmt: skip
    return (*strange, *(kind([value] if many else value, "either") for value in offered[:6]))


def ticks(component: Component) -> tuple[Kind, ...]:
    """For a checkbox: both of its values, and whatever else."""
    values = (True, False, None, "yes", "", 0, 1, 2.5, -1, [], [True], {}, MARK, math.nan, 10**30)
    return (
        *(fixed(Thing(f"{component.label} = {value!r}", "either", value)) for value in values),
        fixed(Thing(f"{component.label} = 300,000 letters", "either", LONG)),
    )


def words(component: Component) -> tuple[Kind, ...]:
    """For a text field: what people and programs write into one."""
    values = (
        "", " ", "Ada", MARK, f"<script>{MARK}</script>", "'; DROP TABLE voices; --", "{0.__class__}", "%s%s%n", "\x00", "a\nb\rc",
        "Ünïcödé 名前 ‮", "👩‍👩‍👧‍👦" * 5, "\ud83c", "../../etc/passwd", "None", "nan", "<b>", "&lt;b&gt;", "`$(id)`", "a" * 25,
    )  # fmt: skip
    odd = (0, -1, 1.5, True, None, [], ["a"], {}, {"a": 1}, math.nan, [[["a"]]])
    return (
        *(fixed(Thing(f"{component.label} = {value!r}", "either", value)) for value in (*values, *odd)),
        fixed(Thing(f"{component.label} = 300,000 letters", "either", LONG)),
        fixed(Thing(f"{component.label} = 100,000 lines", "either", "\n" * 100_000)),
    )
