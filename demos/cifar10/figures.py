"""What the CIFAR-10 tab draws of the nets' inside: first weights, fields, maps, heat with its verdict; and its warnings."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup
from PIL import Image
from torch import Tensor

from demos._ui import pictures
from demos._ui.html import figure, group, join, note, per_cent, verdict
from demos._ui.pictures import picture, stack
from demos._ui.small_pictures import Picture
from demos.cifar10.inside import FirstWeights, Heat, Look
from demos.cifar10.nets import CNN, PERCEPTRON, Answer, Strange
from signals import image
from training.data.cifar10 import CLASSES, COMPRESSED
from training.recipes import cifar_cnn_course

GAP = 2
"""Pixels between the tiles of a mosaic."""
GREY = 128
TEMPLATE_WORDS = (
    "{shown} of {many:,} templates, those of the longest weights: each is as large as the picture and has a weight of its own "
    "for every pixel, {weights:,} in all. Moved by a pixel, a picture meets other weights."
)
PATCH_WORDS = (
    "The net first takes every patch of 2 × 2 pixels apart into these {n} directions, from flat colour to fine edges. They are "
    "measured on training pictures, not learnt, and the same at every place."
)
FILTER_WORDS = (
    "{shown} of the {many} filters that the course work’s net ({name}) has learnt: 3 × 3 pixels, {weights:,} numbers in "
    "all, laid over every place of the picture."
)


# The answers


def about_text(answer: Answer, right: float | None, n: int) -> str:
    """What stands under a net's name: how large it is, and how good."""
    many = sum(p.numel() for p in answer.net.model.parameters())
    size = f"{many / 1e6:.1f} million numbers"
    if answer.net.own:
        return f"Yours: {size}."
    return size if right is None else f"{size}; right on {100 * right:.1f} % of {n:,} test pictures ({COMPRESSED})"


def warning(picture: Picture, strange: Strange | None) -> tuple[str, str] | None:
    """What stands before the answers to a picture that is like none that the nets learnt from: title and sentence."""
    if strange is None or not strange.is_stranger:
        return None
    kinds = ", ".join(CLASSES[:-1])
    words = (
        f"None of the ten classes speaks for it clearly: {100 * strange.share:.0f} of 100 pictures that the convolutional net knows the "
        f"kind of are clearer to it. The nets can only ever name one of ten things ({kinds} or {CLASSES[-1]}), however sure they sound."
    )
    return "This is like nothing they learnt from", words


# First weights


def first_weights_text(found: FirstWeights, missing: Mapping[str, str]) -> Markup:
    """Ghost templates of the perceptron, and beside them the small filters of convolutional nets."""
    parts = [_templates(found, missing), _patches(found, missing)]
    if found.filter_N3HW is not None:
        many, shown = found.filters, len(found.filter_N3HW)
        words = FILTER_WORDS.format(
            shown=shown, many=many, name=cifar_cnn_course.recipe.name, weights=many * found.filter_N3HW[0].numel()
        )
        drawn = picture(mosaic(found.filter_N3HW, columns=8, scale=8), "Small filters of edges and colours")
        parts.append(figure(drawn, "3 × 3 filters", words, kind="wl-cifar10-mosaic"))
    return group("wl-cifar10-weights", *parts)


def _templates(found: FirstWeights, missing: Mapping[str, str]) -> Markup:
    if found.template_N3HW is None:
        return note(missing.get(PERCEPTRON, ""))
    shown, side = len(found.template_N3HW), found.template_N3HW.shape[-1]
    words = TEMPLATE_WORDS.format(shown=shown, many=found.templates, weights=found.templates * 3 * side**2)
    drawn = picture(mosaic(found.template_N3HW, columns=8, scale=2), "Templates as large as the picture")
    return figure(drawn, f"{PERCEPTRON}: templates", words, kind="wl-cifar10-mosaic")


def _patches(found: FirstWeights, missing: Mapping[str, str]) -> Markup:
    if found.patch_N3HW is None:
        return note(missing.get(CNN, ""))
    drawn = picture(mosaic(found.patch_N3HW, columns=6, scale=16), "Patches of two by two pixels")
    words = PATCH_WORDS.format(n=len(found.patch_N3HW))
    return figure(drawn, f"{CNN}: 2 × 2 patches", words, kind="wl-cifar10-mosaic")


def mosaic(weight_N3HW: Tensor, *, columns: int, scale: int) -> Image.Image:
    """Weights as pictures side by side: grey is nothing, the strongest number of each is full colour."""
    share_N3HW = weight_N3HW / weight_N3HW.flatten(1).abs().amax(1).clamp(min=1e-9)[:, None, None, None]
    tile_N3HW = ((1 + share_N3HW) * 127.5).round().byte()
    tile_N3HW = tile_N3HW.repeat_interleave(scale, 2).repeat_interleave(scale, 3)
    return tiled([image.from_rgb(tile) for tile in tile_N3HW], columns)


def tiled(tiles: Sequence[Image.Image], columns: int) -> Image.Image:
    """Pictures of one size in rows, a little apart, on nothing."""
    wide, high = tiles[0].size
    rows = -(-len(tiles) // columns)
    whole = Image.new("RGBA", (columns * (wide + GAP) - GAP, rows * (high + GAP) - GAP))
    for i, tile in enumerate(tiles):
        whole.paste(tile, (i % columns * (wide + GAP), i // columns * (high + GAP)))
    return whole


# Layers


def field_text(shown: Picture, look: Look) -> Markup:
    """The picture with what one place of each layer sees, this layer's marked, and which pixels move it."""
    field = look.fields[look.depth - 1]
    low, high = field.span(look.place)
    side = shown.x_3HW.shape[-1]
    beyond = " That is more than the picture has." if high - low > side else ""
    words = (
        f"Layer {look.depth} of {len(look.fields)}: each of its {look.side} × {look.side} places sees {field.size:.0f} × "
        f"{field.size:.0f} pixels, framed here for the one in the middle; the thin frames are of the other layers.{beyond} "
        "Yellow: which pixels move it most."
    )
    layers = [
        picture(image.from_rgb(shown.x_3HW), kind="wl-under"),
        picture(pictures.heat(look.effective_HW, fading=True), kind="wl-cifar10-heat"),
        _frames(look, side),
    ]
    return figure(stack(words, *layers), "What one place sees", words)


def _frames(look: Look, side: int) -> Markup:
    frames = []
    for depth, field in enumerate(look.fields, start=1):
        # all frames about the middle place of the layer that is looked at, or they would lie beside one another
        middle = sum(look.fields[look.depth - 1].span(look.place)) / 2
        low = middle - field.size / 2
        kind = "wl-cifar10-here" if depth == look.depth else "wl-cifar10-other"
        frames.append(
            Markup('<rect class="{}" x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}" vector-effect="non-scaling-stroke"/>').format(
                kind, low, low, field.size, field.size
            )
        )  # fmt: skip
    return Markup('<svg class="wl-cifar10-frames" viewBox="0 0 {} {}" aria-hidden="true">{}</svg>').format(
        side, side, join(frames)
    )


def maps_text(look: Look) -> Markup:
    """The strongest feature maps of one layer, each as bright as its own strongest place."""
    tiles = []
    for map_HW in look.map_NHW:
        low, high = map_HW.min(), map_HW.max()
        tile = pictures.viridis((map_HW - low) / (high - low).clamp(min=1e-9))
        tiles.append(tile.resize((96, 96), Image.Resampling.NEAREST))
    words = (
        f"{len(tiles)} of this layer’s {look.channels} maps, those that vary most over the picture: yellow where a map answers "
        f"most. Early ones answer to edges and colours, later ones to parts, the last to whole things."
    )
    drawn = picture(tiled(tiles, 4), f"Feature maps of {look.side} by {look.side} places")
    return figure(drawn, "What it has found there", words, kind="wl-cifar10-maps")


def heat_text(shown: Picture, found: Heat) -> Markup:
    """Grad-CAM over the picture."""
    layers = [picture(image.from_rgb(shown.x_3HW), kind="wl-under")]
    layers.append(picture(pictures.heat(found.heat_HW, fading=True), kind="wl-cifar10-heat"))
    words = (
        f"Grad-CAM at the last layer: yellow spoke most for “{found.name}”; where the picture is clear, nothing did."
    )
    return figure(stack(words, *layers), "Where it looked", words)


def heat_verdict(found: Heat) -> Markup:
    """Whether the map tells the truth, in words and numbers."""
    if found.silent:
        words = f"Nothing here speaks for “{found.name}”: the map is empty, so there is nothing to check."
        return verdict(None, "No map", words)
    before, after, random = (per_cent(p) for p in (found.before, found.after, found.random))
    moved = "falls" if found.after < found.before else "rises"
    facts = Markup(
        "With the hottest fifth of the picture blanked out, “{}” {} from {} to <b>{}</b>; with a fifth elsewhere (mean of "
        "eight), to {}."
    ).format(found.name, moved, before, after, random)
    if found.holds:
        return verdict(True, "This map holds", facts)
    if found.before < 0.05:
        hardly = f" The net hardly believes in “{found.name}” to begin with."
        return verdict(None, "This map cannot be checked", facts + hardly)
    worthless = " What is hot matters no more than the rest: do not read anything into it."
    return verdict(False, "This map fails its check", facts + worthless)


def thumbnail_text(addresses: Sequence[str]) -> Markup:
    """Pictures for the home page, each pixel a square."""
    return join(picture(address, kind="wl-cifar10-face") for address in addresses)


def pixels(shown: Picture) -> str:
    """What a net sees, as a `data:` address."""
    return image.to_data_url(image.from_rgb(shown.x_3HW))
