"""The latent space of clothes: six VAEs over β beside their peers, on the same 10,000 official test pictures.

Costs are nats to tell a picture: its 784 grey levels each taken as the mean of a Bernoulli variable, summed. They
compare nets and are no density of pictures. The bound is measured with 8 codes a picture, IWAE-500 with 500, always
with β = 1, whatever β a net was trained with; “at the code” is what a picture costs when it is drawn at its code
itself, without noise and without a price for the code. 5-NN classifies a test picture by its five nearest neighbours
among the codes (means) of the 55,000 training pictures. A unit is active where its means vary by more than 0.01
(Burda et al. 2016, §5). “Codes refined at test” is `vae` again, each test picture's Gaussian led down its own bound by
80 steps of Adam, without its label: what that gains, the encoder loses by answering at once.

Peers, fitted on training and chosen on validation: the average picture, whatever is asked, which takes no code and so
is a bound as it stands; PCA-2, a linear VAE made by hand (code: the two whitened scores, prior: the standard normal,
reconstruction clipped into [ε, 1 − ε], codes blurred by one Gaussian; ε and its width chosen on validation), which is
so held to the same bound; the autoencoder with the same encoder and decoder, which has no bound; 5-NN on the raw
pixels; and an oracle, the entropy of the grey levels themselves: nothing that sums over Bernoulli pixels costs less.

    OMP_NUM_THREADS=1 WAVELENS_DATA=… python -m benchmarks.latent
"""

import time
from collections.abc import Iterator
from itertools import chain
from typing import Any, Literal, TypedDict

from benchmarks._report import Claim, arguments, claim, machine, write
from benchmarks.digits import smaller
from benchmarks.latent.measures import NEIGHBOURS, Figures, entropy, measured, nearest, without_a_code
from benchmarks.latent.peers import Refined, average_cost, chosen_plane
from models import CheckpointMissing, load
from models.vae import SIDE, VAE
from signals.image import to_unit
from training import Splits
from training._table import markdown
from training.recipes.vae import recipe

NETS = {
    "vae_beta_0": "VAE, β = 0", "vae_beta_quarter": "VAE, β = ¼", "vae": "VAE, β = 1", "vae_beta_4": "VAE, β = 4",
    "vae_beta_16": "VAE, β = 16", "vae_beta_128": "VAE, β = 128",
    "clothes_autoencoder": "autoencoder, the same encoder and decoder",
}  # fmt: skip
REFINED = "`vae`, its codes refined at test"
ORACLE = "entropy of the grey levels, which no reconstruction undercuts"
COLUMNS = {
    "neg_elbo_nats": "−ELBO ↓", "reconstruction_nats": "reconstruction ↓", "kl_nats": "KL",
    "iwae_nats": "IWAE-500 ↓", "gap_nats": "−ELBO less IWAE-500 ↓", "at_code_nats": "at the code ↓",
    "active_units": "active units", "knn5_accuracy": "5-NN accuracy ↑",
}  # fmt: skip
CAPTION = (
    "Clothes in two numbers: the official test split of Fashion-MNIST, n = {n:,} in every cell (95 % interval over "
    "pictures; 5-NN: codes of {train:,} training pictures). ↓ lower is better, ↑ higher is better. Nats to tell a "
    "picture, grey levels as Bernoulli means: a cost, not a density."
)
NOTES = (
    "One seed a net: the intervals count the luck of the test pictures, not that of the training.",
    "−ELBO, IWAE-500 and the average picture's and the oracle's costs are comparable: each pays for its code, or takes "
    "none. A cost at the code is not: the code comes free there, and the autoencoder is made for it.",
)
Role = Literal["ours", "peer", "oracle"]


class Row(TypedDict):
    """What was measured of one net or peer; a measure that it cannot have is left out."""

    name: str
    role: Role
    metrics: dict[str, float]
    intervals: dict[str, dict[str, float]]
    parameters: int | None
    seconds: float | None


def row(name: str, role: Role, figures: Figures, *, parameters: int | None = None, seconds: float | None = None) -> Row:
    metrics = {key: value for key, (value, _) in figures.items()}
    intervals = {key: interval._asdict() for key, (_, interval) in figures.items() if interval}
    return Row(name=name, role=role, metrics=metrics, intervals=intervals, parameters=parameters, seconds=seconds)


def peers(splits: Splits) -> Iterator[Row]:
    """Everything that was not trained by gradient."""
    train, valid, test = splits
    yield row(recipe.headline.floor, "peer", without_a_code(average_cost(train[0], test[0])), parameters=SIDE**2)
    began = time.process_time()
    plane = chosen_plane(train[0], valid[0])
    seconds = round(time.process_time() - began, 1)
    kept = sum(t.numel() for t in plane.buffers()) + 2  # the clip and the width
    name = f"PCA-2 as a linear VAE (ε = {plane.clip:g}, width {plane.width:g})"
    yield row(name, "peer", measured(plane, splits), parameters=kept, seconds=seconds)
    pixels = ((to_unit(arrays[0]).flatten(1), arrays[1]) for arrays in (train, test))
    name = f"{NEIGHBOURS} nearest neighbours on the pixels"
    yield row(name, "peer", nearest(*pixels, algorithm="brute"), parameters=train[0].numel())
    yield row(ORACLE, "oracle", without_a_code(entropy(test[0])))


def nets(splits: Splits, *, some: bool) -> Iterator[Row]:
    """The trained nets; where one is not trained yet CheckpointMissing, unless `some` of them are enough."""
    for name in NETS:
        try:
            model = load(VAE, name).model
        except CheckpointMissing as error:
            if not some:
                raise
            print(error)
            continue
        role = "ours" if model.is_variational else "peer"
        parameters = sum(p.numel() for p in model.parameters())
        yield row(label(name), role, measured(model, splits), parameters=parameters)
        if name == recipe.name:
            yield row(REFINED, "ours", measured(Refined(model, splits.test[0]), splits), parameters=parameters)


def label(name: str) -> str:
    return f"`{name}`: {NETS[name]}"


def cells(of: Row) -> list[str]:
    """A row of the table: every measure with its interval, nothing where there is none."""
    found = [of["name"]]
    for key in COLUMNS:
        digits = ".3f" if key == "knn5_accuracy" else ".0f" if key == "active_units" else ".2f"
        value, interval = of["metrics"].get(key), of["intervals"].get(key)
        text = "" if value is None else f"{value:{digits}}"
        if interval and interval["high"] > interval["low"]:
            text += f" ({interval['low']:{digits}} to {interval['high']:{digits}})"
        found.append(text)
    return found


def promised(vae: Row) -> list[Claim]:
    of, name = vae["metrics"], recipe.name
    return [
        claim(f"`{name}`: −ELBO, nats a picture", of["neg_elbo_nats"], "≤", 257),
        claim(f"`{name}`: IWAE-500, nats a picture", of["iwae_nats"], "≤", 254),
        claim(f"`{name}`: KL, nats a picture", of["kl_nats"], "≥", 5),
        claim(f"`{name}`: 5-NN accuracy of its two numbers", of["knn5_accuracy"], "≥", 0.75),
    ]


def where_it_goes(vae: Row, refined: Row, oracle: Row) -> str:
    """How −ELBO splits: what nothing saves, what two numbers leave open, the Gaussian's shape, the encoder's haste."""
    of, best, least = vae["metrics"], refined["metrics"], oracle["metrics"]["neg_elbo_nats"]
    low, high, _ = vae["intervals"]["gap_nats"].values()
    return (
        f"Where the {of['neg_elbo_nats']:.2f} nats of `{recipe.name}` go: {least:.2f} are the grey levels' own "
        f"entropy; {best['iwae_nats'] - least:.2f} are the price of two numbers and what they leave open (IWAE-500 of "
        f"the refined codes less that entropy); {best['gap_nats']:.2f} at least are lost because a Gaussian is not the "
        f"true posterior; {of['neg_elbo_nats'] - best['neg_elbo_nats']:.2f} because the encoder answers at once (the "
        f"amortization gap, Cremer et al. 2018). IWAE-500 from the encoder's own codes wins back {of['gap_nats']:.2f} "
        f"({low:.2f} to {high:.2f})."
    )


def beside(of: Row) -> dict[str, Any]:
    """A row as `training/_table.py` reads it: by the recipe's headline alone."""
    key = recipe.headline.key
    facts = {"metrics": {key: of["metrics"][key]}, "interval": of["intervals"][key]}
    return {"name": of["name"], "role": of["role"], **facts, "parameters": of["parameters"], "seconds": of["seconds"]}


def main() -> None:
    options = arguments(__doc__).parse_args()
    measured_on = machine()
    splits = smaller(recipe.data()) if options.quick else recipe.data()
    rows, columns = dict[str, Row](), ["what", *COLUMNS.values()]
    print(markdown(columns, []))
    for of in chain(nets(splits, some=options.quick), peers(splits)):
        rows[of["name"]] = of
        print(markdown(columns, [cells(of)]).splitlines()[-1], flush=True)
    claims, notes = list[Claim](), list(NOTES)
    if vae := rows.get(label(recipe.name)):
        claims, notes = promised(vae), [where_it_goes(vae, rows[REFINED], rows[ORACLE]), *NOTES]
    for c in claims:
        print(f"{'kept' if c['met'] else 'MISSED':7}{c['name']}: {c['value']:.4g} (target {c['target']})")
    print(*(f"note   {note}" for note in notes), sep="\n")
    if not options.quick:
        caption = CAPTION.format(train=len(splits.train[0]), n=len(splits.test[0]))
        table = {"caption": caption, "columns": columns, "rows": [cells(of) for of in rows.values()]}
        facts = {"benchmark": "latent", **measured_on, "rows": [*rows.values()], "claims": claims, "notes": notes}
        write("latent", {**facts, "table": table})
        compared = [beside(of) for of in rows.values() if of["role"] != "ours" and recipe.headline.key in of["metrics"]]
        write(recipe.name, {**measured_on, "rows": compared})


if __name__ == "__main__":
    main()
