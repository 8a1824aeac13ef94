"""What the command line takes for a number: `argparse` says the sentence where it is none that can be meant."""

import argparse
import math
import re

from training._recipe import LARGEST_SEED


def count(text: str) -> int:
    return _whole(text, 1, 10**9, "a number of steps")


def seed(text: str) -> int:
    return _whole(text, 0, LARGEST_SEED, "a seed")


def _whole(text: str, least: int, most: int, what: str) -> int:
    if not re.fullmatch(r"[+-]?\d{1,30}", text) or not least <= int(text) <= most:
        raise argparse.ArgumentTypeError(f"{what} is a whole number from {least} to {most:,}, and not “{text}”")
    return int(text)


def seconds(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not 0 < found < math.inf:
        raise argparse.ArgumentTypeError(f"seconds are a number above 0, and not “{text}”")
    return found
