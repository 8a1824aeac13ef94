"""What every tab says alike, as markup: notes, readouts, tables, confusions, bars, verdicts, figures.

Everything here gives a `Markup`, and whatever goes in that is none is escaped: a file's name, a field of a card, a
visitor's word. Sums and formats of a `Markup` stay one; an f-string around it does not, so build with `format` and `join`.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from markupsafe import Markup
from torch import Tensor

Text = str | Markup
"""Words, which are escaped, or markup, which is not."""
EMPTY = Markup("")


def join(parts: Iterable[Text], between: Text = "") -> Markup:
    """Parts side by side."""
    return Markup("").join(
        [Markup("").join([between, part]) if i and between else part for i, part in enumerate(parts)]
    )


def note(sentence: Text) -> Markup:
    """A sentence that stands where a picture could not."""
    return Markup('<p class="wl-note">{}</p>').format(sentence)


def group(kind: str, *parts: Text) -> Markup:
    """Parts in a box of classes `kind`, whose look is in a sheet."""
    return Markup('<div class="{}">{}</div>').format(kind, join(parts))


def title(words: Text, *, level: Literal[2, 3] = 3) -> Markup:
    """A heading inside an answer: of the second level where no section stands above it, so that none is left out."""
    return Markup("<h{0}>{1}</h{0}>").format(level, words)


# Numbers


def minus(figure: str) -> str:
    """A figure with the sign that print has for it."""
    return figure.replace("-", "−")


def number(value: float, form: str) -> str:
    """`value` by a format such as “.2f”: a dash where there is nothing to measure, ∞ where there is no end, no −0."""
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = format(value, form)
    return minus(text) if float(text.replace(",", "").replace("%", "")) else text.replace("-", "")


def per_cent(share: float) -> str:
    """A share in per cent that never rounds a doubt away: “> 99.9 %”, “< 0.1 %”."""
    if share > 0.999:
        return "> 99.9 %" if share < 1 else "100 %"
    if share < 0.001:
        return "< 0.1 %" if share > 0 else "0 %"
    return f"{100 * share:.1f} %"


class Figure(NamedTuple):
    """A large figure: its value and unit as words, what it was before, and by how much it gained."""

    value: Text
    unit: Text
    before: Text = ""
    gain: Text = ""


def readouts(*figures: Figure) -> Markup:
    """Large figures side by side, each over its unit; one that was another before says so."""
    return group("wl-readouts", *map(_readout, figures))


def _readout(figure: Figure) -> Markup:
    before = Markup('<i>{}</i><span class="wl-to"> → </span>').format(figure.before) if figure.before else ""
    gain = Markup(" <em>{}</em>").format(figure.gain) if figure.gain else ""
    return Markup("<div><b>{}{}{}</b><span>{}</span></div>").format(before, figure.value, gain, figure.unit)


# Tables


def table(
    columns: Sequence[Text], rows: Iterable[tuple[Text, Sequence[Text]]], *, caption: Text = "", kind: str = ""
) -> Markup:
    """A table: `columns` name the cells, each row has a name of its own; a first column's name may stand in front.

    Where there are as many columns as cells, the corner stays empty. `kind` is a further class.
    """
    rows = list(rows)
    corner = "" if not rows or len(columns) == len(rows[0][1]) else columns[0]
    named = columns[1:] if corner else columns
    head = join(Markup('<th scope="col">{}</th>').format(name) for name in named)
    body = join(
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(label, join(_cell(cell) for cell in cells))
        for label, cells in rows
    )
    first = Markup('<th scope="col">{}</th>').format(corner) if corner else Markup("<td></td>")
    return Markup(
        '<div class="wl-scroll" tabindex="0" role="region" aria-label="{}"><table class="wl-table{}">{}<thead><tr>{}{}</tr></thead>'
        "<tbody>{}</tbody></table></div>"
    ).format(words_of(caption) or "A table", f" {kind}" if kind else "", _caption(caption), first, head, body)


def _caption(caption: Text) -> Markup:
    return Markup("<caption>{}</caption>").format(caption) if caption else EMPTY


def _cell(cell: Text) -> Markup:
    return cell if isinstance(cell, Markup) and cell.startswith("<td") else Markup("<td>{}</td>").format(cell)


def best(cell: Text) -> Markup:
    """A cell's words where they are the best of their column."""
    return Markup("<b>{}</b>").format(cell)


def confusion(
    counts_CC: Tensor,
    names: Sequence[Text],
    *,
    caption: Text,
    shares: Mapping[str, Sequence[Text]] | None = None,
    hottest: float | None = None,
) -> Markup:
    """Counts `(C, C)` with the truth in rows: right ones marked, wrong ones as warm as they are many.

    `shares` are further columns, a word for each class; `hottest` is the count of full heat, a row's sum if not given.
    """
    further = shares or {}
    rows = []
    for t, row in enumerate(counts_CC.tolist()):
        full = hottest if hottest is not None else sum(row)
        cells = [
            Markup('<td class="wl-hit">{:,}</td>').format(n) if t == a else _warm(n, min(1.0, n / max(1, full)))
            for a, n in enumerate(row)
        ]
        rows.append((names[t], [*cells, *(values[t] for values in further.values())]))
    return table([*names, *further], rows, caption=caption, kind="wl-confusion")


def _warm(n: int, share: float) -> Markup:
    return Markup('<td style="--heat:{:.2f}">{}</td>').format(share, f"{n:,}" if n else "·")


def bars(
    shares: Sequence[float],
    labels: Sequence[Text],
    *,
    marked: int | None,
    words: Sequence[Text] | None = None,
    kind: str = "",
) -> Markup:
    """Horizontal bars of shares 0 to 1, one of them marked, each with its words: its per cent if none are given."""
    words = words or [per_cent(share) for share in shares]
    rows = (
        Markup('<div class="wl-bar{}"><span>{}</span><i><b style="width:{:.2f}%"></b></i><span>{}</span></div>').format(
            " wl-bar-marked" if i == marked else "", label, 100 * min(1.0, max(0.0, share)), said
        )
        for i, (share, label, said) in enumerate(zip(shares, labels, words, strict=True))
    )
    return group(f"wl-bars {kind}".strip(), *rows)


# Sentences and pictures


def verdict(holds: bool | None, title: Text, sentence: Text) -> Markup:
    """Whether something holds, in a few words and then in a sentence; None where it could not be checked."""
    kind = "" if holds is None else " wl-holds" if holds else " wl-fails"
    return Markup('<p class="wl-verdict{}"><b>{}</b>{}</p>').format(kind, title, sentence)


def stranger(title: Text, sentence: Text, answer: Text) -> Markup:
    """What a net says of an input that is none of its world: the warning first and large, the answer small and grey."""
    return Markup(
        '<div class="wl-stranger"><p class="wl-warning"><b>{}</b>{}</p><div class="wl-doubted">{}</div></div>'
    ).format(title, sentence, answer)


def strong(words: Text) -> Markup:
    """Words that carry the sentence."""
    return Markup("<b>{}</b>").format(words)


def small(words: Text) -> Markup:
    """An aside."""
    return Markup("<small>{}</small>").format(words)


def figure(picture: Markup, title: Text = "", words: Text = "", *, kind: str = "") -> Markup:
    """A picture with its title and its sentence beneath."""
    caption = join(part for part in (strong(title) if title else "", words) if part)
    return Markup("<figure{}>{}<figcaption>{}</figcaption></figure>").format(
        Markup(' class="{}"').format(kind) if kind else "", picture, caption
    )


def terms(rows: Mapping[str, Text]) -> Markup:
    """Terms and what is said of each; those of which nothing is said are left out."""
    listed = join(Markup("<dt>{}</dt><dd>{}</dd>").format(term, said) for term, said in rows.items() if said)
    return Markup('<dl class="wl-card-terms">{}</dl>').format(listed)


def link(address: str, words: Text) -> Markup:
    """A link that tells the other side nothing; an address that is none of the web's is left out."""
    if not address.startswith(("http://", "https://")):
        return Markup.escape(words)
    return Markup('<a href="{}" rel="noreferrer">{}</a>').format(address, words)


def code(words: Text) -> Markup:
    """A command."""
    return Markup("<code>{}</code>").format(words)


def words_of(markup: Text) -> str:
    """Markup without its tags, for a label."""
    return markup.striptags() if isinstance(markup, Markup) else markup
