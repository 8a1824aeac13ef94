"""Whether what was read from a file has the form that it should."""

from collections.abc import Iterable
from typing import Any

_NOTHING = object()


def misfit(value: object, form: Any, place: str) -> str:
    """Where the first thing stands that has another form, such as “card.data.n_test”; empty where all of it fits.

    A form is a class (`float` takes whole numbers too; True and False are no numbers, nor is what needs more than 64
    bits), None, `[form]` for a list of such, `{"key": form}` for a dict that has these keys at least, `{...: form}` for
    one whose every value is such, and a tuple of forms of which one is enough.
    """
    if isinstance(form, tuple):
        return "" if any(not misfit(value, one, place) for one in form) else place
    if isinstance(form, list):
        if not isinstance(value, list):
            return place
        return _first(misfit(item, form[0], f"{place}[{i}]") for i, item in enumerate(value))
    if isinstance(form, dict):
        if not isinstance(value, dict):
            return place
        known = dict.fromkeys(value, form[...]) if ... in form else form
        return _first(misfit(value.get(key, _NOTHING), inner, f"{place}.{key}") for key, inner in known.items())
    if form is None:
        return "" if value is None else place
    if form in (int, float):
        is_whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63
        return "" if is_whole or (form is float and isinstance(value, float)) else place
    return "" if isinstance(value, form) else place


def _first(places: Iterable[str]) -> str:
    return next(filter(None, places), "")
