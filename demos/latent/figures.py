"""What the latent space's answers look like: the bound in two parts for each β, what a pin costs, and the lessons' charts."""

from collections.abc import Sequence

from markupsafe import Markup
from torch import Tensor

from demos._ui.charts import CLASS_COLOURS, Axis, chart
from demos._ui.html import EMPTY, group, join, note, number, per_cent, small, stranger, strong, table
from demos._ui.pictures import picture
from demos.latent.nets import CLOSEST, Bound, Garment, KlOnly, Pinned, Strangers
from signals import image

STRANGE = "This looks like no clothes"
WHY_STRANGE = (
    "its greys cost far more than they need",
    "the net gives back too little of its light",
    "it fills the picture to its border, where clothes lie on a plain ground",
)
"""By the measures of `Unlike`, in their order."""


def bounds_text(rows: Sequence[Bound], chosen: str) -> Markup:
    """For each β a bar of −ELBO, split into reconstruction and KL, the chosen one marked, and what is seen there."""
    most = max(
        [row.reconstruction + row.kl for row in rows if row.reconstruction is not None and row.kl is not None] or [1.0]
    )
    bars = join(_bound_bar(row, most, marked=row.beta == chosen) for row in rows)
    head = Markup(
        '<p class="wl-latent-key"><b>−ELBO, nats a picture</b> (lower is better) = <i class="wl-latent-reconstruction"></i> '
        'reconstruction + <i class="wl-latent-kl"></i> KL</p>'
    )
    return group("wl-latent-bounds", head, bars) + _seen(rows, chosen)


def _bound_bar(row: Bound, most: float, *, marked: bool) -> Markup:
    kind, name = (" wl-latent-marked" if marked else ""), f"β = {row.beta}{', yours' if row.own else ''}"
    if row.reconstruction is None or row.kl is None:
        return Markup('<div class="wl-latent-bound{}"><span>{}</span><i></i><span>not trained yet</span></div>').format(
            kind, name
        )
    return Markup(
        '<div class="wl-latent-bound{}"><span>{}</span><i><b class="wl-latent-reconstruction" style="width:{:.1f}%"></b>'
        '<b class="wl-latent-kl" style="width:{:.1f}%"></b></i><span>{:.1f} + {:.1f}</span></div>'
    ).format(kind, name, 100 * row.reconstruction / most, 100 * row.kl / most, row.reconstruction, row.kl)


def _seen(rows: Sequence[Bound], chosen: str) -> Markup:
    """What this β does, in a sentence with its numbers."""
    row = next(row for row in rows if row.beta == chosen)
    if row.kl is None:
        return EMPTY
    return note(SEEN[chosen].format(kl=number(row.kl, ".1f")))


SEEN = {
    "0": "Nothing pulls the codes together: the plane has gaps and no scale of its own, there is no σ to speak of, and "
    "to tell a code would cost {kl} nats, which this net never paid for.",
    "¼": "A weak pull: codes are sharp, their σ small ({kl} nats of KL), and a garment comes back in more detail.",
    "1": "The bound itself: {kl} nats tell where on the plane, and the codes fill what the prior expects.",
    "4": "A strong pull: only {kl} nats are told of a garment. σ grows, and kinds that look alike run into one another.",
    "16": "A pull so strong that {kl} nats are left: σ is a third of the plane’s own, and only rough kinds are told apart.",
    "128": "The pull has won: {kl} nats are left. Every garment has the same code, and the net draws the average of all, wherever you point.",
}
"""By β."""


def pin_text(name: str, pinned: Pinned) -> Markup:
    """One pin in words: what it is, where it lies, what it costs; of a stranger first that it is one."""
    x, y = (number(value, ".2f") for value in pinned.mean_2.tolist())
    spread = " and ".join(number(value, ".2g") for value in pinned.spread_2.tolist())
    answer = Markup("<p>{}: {}, at ({}, {}), σ {}. {}</p>").format(
        strong(name), pinned.garment.words, x, y, spread,
        small(f"{pinned.reconstruction:.0f} nats to tell it from its code, {pinned.kl:.1f} to tell the code."),
    )  # fmt: skip
    if not pinned.is_stranger:
        return answer
    worst = WHY_STRANGE[pinned.strange.index(max(pinned.strange))]
    why = f"To this net {worst}. It can only ever draw clothes, so it draws the nearest:"
    return stranger(f"{name}: {STRANGE}", why, answer)


def pins_text(a: Pinned, b: Pinned) -> Markup:
    """Both pins in words."""
    return group("wl-latent-pins", pin_text("A", a), pin_text("B", b))


def address(garment: Garment) -> str:
    """A garment as a `data:` address."""
    return image.to_data_url(image.from_unit(garment.x_HW.float() / 255))


def kl_only_text(found: KlOnly) -> Markup:
    """The codes of a net that was never trained on its reconstruction: raw, and after z-scoring."""
    raw_N2 = found.code_N2
    scored_N2 = (raw_N2 - raw_N2.mean(0)) / raw_N2.std(0).clamp(min=1e-12)
    spread = number(raw_N2.std(0).max().item(), ".1g")
    parts = (
        dots_chart(
            raw_N2,
            found.class_N,
            title="Its codes",
            words=f"All {len(raw_N2):,} test pictures in one place: σ over pictures is {spread}.",
        ),
        dots_chart(
            scored_N2,
            found.class_N,
            title="The same, z-scored before plotting",
            words="Stretched until it fills the page: it looks like a latent space.",
        ),
    )
    said = (
        f"After {found.steps} steps on the KL term alone, from {found.n_train:,} pictures: KL {found.bound['kl_nats']:.1g} nats, which "
        f"was all of the loss; reconstruction {found.bound['reconstruction_nats']:.0f} nats, which nothing ever lowered."
    )
    return group("wl-latent-pair", *parts) + note(said)


def dots_chart(code_N2: Tensor, class_N: Tensor, *, title: str, words: str, half: float = 3.0) -> Markup:
    """Codes as dots by class on the prior's square."""
    axis = Axis(-half, half, [(-half, f"{-half:g}"), (0, "0"), (half, f"{half:g}")])
    drawn = chart(axis, axis, title=title, words=words, square=True)
    dots = join(
        Markup('<circle cx="{:.2f}" cy="{:.2f}" r="2" style="fill:{}"/>').format(
            200 * axis.share(x), 200 * (1 - axis.share(y)), CLASS_COLOURS[int(c)]
        )
        for (x, y), c in zip(code_N2.tolist(), class_N.tolist(), strict=True)
    )
    return Markup(drawn.replace(Markup("</svg>"), dots + Markup("</svg>"), 1))


def strangers_text(groups: Sequence[Strangers]) -> Markup:
    """How often each kind of picture is called no clothes, beside what the bare cost would say."""
    rows = [(g.kind, [per_cent(g.warned), per_cent(g.by_cost), f"{g.n:,}"]) for g in groups]
    caption = (
        "How often the warning “this looks like no clothes” comes: never would be best for clothes, always for the rest. "
        "The bare cost notices fewer digits: what is black for the most part is cheap to tell"
    )
    return table(("Pictures of", "warned", "by cost alone", "of"), rows, caption=caption)


def bounds_table(rows: Sequence[Bound]) -> Markup:
    """Every β on test."""
    cells = [
        (f"β = {row.beta}", [f"{row.reconstruction + row.kl:.2f}", f"{row.reconstruction:.2f}", f"{row.kl:.2f}"])
        for row in rows
        if row.reconstruction is not None and row.kl is not None
    ]
    caption = f"All nets on the test set, nats a picture (lower is better); β = {CLOSEST} is trained on this very sum"
    return table(("Net", "−ELBO", "reconstruction", "KL"), cells, caption=caption) if cells else EMPTY


def thumbnail_text(garments: Sequence[Garment]) -> Markup:
    """For the home page: some garments."""
    return join(picture(address(garment)) for garment in garments)
