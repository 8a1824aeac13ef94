"""Fields, filled in as a person would."""

from playwright.sync_api import Locator

TRIES, SETTLED = 10, 200
"""How often a value is typed, and for how many milliseconds it must stay."""


def typed(field: Locator, value: str, leave: str = "Enter") -> None:
    """`value` in a number's field, typed until it stays, and the field left by a key.

    Gradio sets a field that was unfolded in this very moment once more to what it began with, after it can be seen:
    no person is as fast as that, a test is (once in 15 on two cores).
    """
    for _ in range(TRIES):
        field.fill(value)
        field.page.wait_for_timeout(SETTLED)
        if field.input_value() == value:
            break
    field.press(leave)
