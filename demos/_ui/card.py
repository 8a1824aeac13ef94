"""What a checkpoint's card says, as a page reads it: the headline number, and all of it in terms.

Every number is read from the file, none is typed; whatever the file holds is escaped.
"""

from typing import Any

from markupsafe import Markup

from demos._ui import html
from demos._ui.events import sentence
from demos._ui.html import Text
from models import Card, CheckpointDamaged, CheckpointMissing, _checkpoint
from training import Recipe, over_seeds, peers


def headline(recipe: Recipe[Any], *, short: bool = False) -> Markup:
    """The recipe's number in plain words, beside chance and, where it need not be `short`, with its direction.

    Where it is not trained yet, that is said.
    """
    metric = recipe.headline
    try:
        said = metric.said(_checkpoint.card(recipe.name).metrics[metric.key])
    except CheckpointMissing:
        return Markup('<div class="wl-number wl-none"><small>not trained yet</small></div>')
    except (CheckpointDamaged, OverflowError):  # a figure that no words are made for
        return Markup('<div class="wl-number wl-none"><small>the checkpoint is damaged</small></div>')
    chance = _chance(recipe)
    beside = chance if short and chance else "; ".join(filter(None, (chance, metric.direction)))
    return Markup('<p class="wl-number"><b>{}</b><small>{}</small></p>').format(said, beside)


def _chance(recipe: Recipe[Any]) -> str:
    """What guessing or doing nothing gets; nothing where it has not been measured for this recipe."""
    metric = recipe.headline
    if not metric.floor:
        return metric.chance
    floors = (peer["metrics"][metric.key] for peer in peers(recipe.name) if peer["name"] == metric.floor)
    return next((metric.chance.format(metric.said(value)) for value in floors), "")


def card_text(recipe: Recipe[Any], limits: str) -> Markup:
    """The card of the recipe's checkpoint in terms, or the sentence that says how to make one."""
    try:
        return html.terms(_terms(recipe, _checkpoint.card(recipe.name), limits))
    except (CheckpointMissing, CheckpointDamaged) as error:
        return html.note(sentence(error))


def _terms(recipe: Recipe[Any], card: Card, limits: str) -> dict[str, Any]:
    metric, data = recipe.headline, card.data
    others = (_measure(key, value) for key, value in card.metrics.items() if key != metric.key)
    beside = (f"{p['name'].replace('`', '')} {metric.number(p['metrics'][metric.key])}" for p in peers(recipe.name))
    return {
        "Net": html.code(recipe.name),
        "On test": _on_test(recipe, card),
        "Over seeds": _seeds(recipe, card),
        "Other measures": ", ".join(others),
        "Beside it": "; ".join(beside),
        "Data": Markup("{}, {} ({:,} / {:,} / {:,})").format(
            html.link(data["address"], data["title"]), data["split"], data["n_train"], data["n_valid"], data["n_test"]
        ),
        "Note": data["note"],
        "Size": f"{card.parameters:,} parameters, {card.bytes / 2**20:.2f} MiB",
        "Trained": _trained(card),
        "Licence": f"data {data['licence']}; weights {data.get('weights_licence', 'Apache-2.0')}; code Apache-2.0",
        "Limits": limits,
        "Check it": html.code(f"python -m training evaluate {recipe.name}"),
        "Repeat it": _repeat(card),
    }  # fmt: skip


def _measure(key: str, value: float) -> str:
    """A measure by its name, such as “si_sdr_db”, with its unit where the name says one."""
    if "_db" in key:
        return f"{key.replace('_db', '').replace('_', ' ')} {html.number(value, '.1f')} dB"
    return f"{key.replace('_', ' ')} {html.number(value, '.3f')}"


def _on_test(recipe: Recipe[Any], card: Card) -> Markup:
    metric, interval = recipe.headline, card.intervals.get(recipe.headline.key)
    value = html.strong(f"{metric.number(card.metrics[metric.key])} {metric.label}")
    n = f", n = {card.n:,}"
    if not interval:
        return value + n
    low, high = (metric.number(interval[end]) for end in ("low", "high"))
    return value + f", 95 % interval {low} to {high}" + n


def _seeds(recipe: Recipe[Any], card: Card) -> str:
    seeds = over_seeds(card, recipe.headline.key)
    if not seeds:
        return "one seed"
    mean, deviation, n = seeds
    return f"{recipe.headline.number(mean)} ± {recipe.headline.scale * deviation:.2f}, {n} seeds"


def _repeat(card: Card) -> Text:
    if card.repeated_by is None:
        return "cannot be repeated to the bit: the clock had a part in it"
    return html.code(f"python -m training fit {card.recipe} {card.repeated_by}")


def _trained(card: Card) -> str:
    made = card.provenance
    return (
        f"{made['made']}, {made['seconds'] / 60:.0f} min on {made['device']}, torch {made['torch']}, "
        f"seed {card.budget['seed']}, {card.budget['stopped_at']:,} steps of {card.budget['batch_size']}"
    )
