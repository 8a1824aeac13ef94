"""Pictures: values as colours, heat, rims of masks, and layers over one another.

viridis (van der Walt & Smith 2015, CC0) and cividis (Nuñez, Anderton & Renslow 2018, CC0) as 256 triples of bytes.
"""

import base64
import io
import math

import numpy as np
import torch
import torch.nn.functional as F
from markupsafe import Markup
from PIL import Image
from torch import Tensor

from demos._ui.html import Text, join, words_of
from signals import image

VIRIDIS = base64.b64decode(
    "RAFURAJWRQRXRQVZRgdaRghcRgpdRgteRw1gRw5hRxBjRxFkRxNlSBRnSBZoSBdpSBhqSBpsSBttSBxuSB1vSB9wSCBxSCFzSCN0SCR1SCV2SC"
    "Z3SCh4SCl5Ryp6Ryx6Ry17Ry58Ry99RjB+RjJ+RjN/RjSARTWBRTeBRTiCRDmDRDqDRDuEQz2EQz6FQj+FQkCGQkGGQUKHQUSHQEWIQEaIP0eI"
    "P0iJPkmJPkqJPkyKPU2KPU6KPE+KPFCLO1GLO1KLOlOLOlSMOVWMOVaMOFiMOFmMN1qMN1uNNlyNNl2NNV6NNV+NNGCNNGGNM2KNM2ONMmSOMm"
    "WOMWaOMWeOMWiOMGmOMGqOL2uOL2yOLm2OLm6OLm+OLXCOLXGOLHGOLHKOLHOOK3SOK3WOKnaOKneOKniOKXmOKXqOKXuOKHyOKH2OJ36OJ3+O"
    "J4COJoGOJoKOJoKOJYOOJYSOJYWOJIaOJIeOI4iOI4mOI4qNIouNIoyNIo2NIY6NIY+NIZCNIZGMIJKMIJKMIJOMH5SMH5WLH5aLH5eLH5iLH5"
    "mKH5qKHpuKHpyJHp2JH56JH5+IH6CIH6GIH6GHH6KHIKOGIKSGIaWFIaaFIqeFIqiEI6mDJKqDJauCJayCJq2BJ62BKK6AKa9/KrB/LLF+LbJ9"
    "LrN8L7R8MbV7MrZ6NLZ5Nbd5N7h4OLl3Orp2O7t1Pbx0P7xzQL1yQr5xRL9wRsBvSMFuSsFtTMJsTsNrUMRqUsVpVMVoVsZnWMdlWshkXMhjXs"
    "liYMpgY8tfZcteZ8xcac1bbM1abs5YcM9Xc9BWddBUd9FTetFRfNJQf9NOgdNNhNRLhtVJidVIi9ZGjtZFkNdDk9dBldhAmNg+m9k8ndk7oNo5"
    "oto3pds2qNs0qtwyrdwwsN0vst0ttd4ruN4put4ovd8mwN8lwt8jxeAhyOAgyuEfzeEd0OEc0uIb1eIa2OIZ2uMZ3eMY3+MY4uQY5eQZ5+QZ6u"
    "Ua7OUb7+Uc8eUd9OYe9uYg+OYh++cj/ecl"
)
CIVIDIS = base64.b64decode(
    "ACJOACNPACRRACVTACVUACZWACdYAChZAChbACldACpfACphACtiACxkACxmAC1oAC5qAC5sAC9tADBvADBwADFwADFxATJxBTNxCDNwDDRwDz"
    "VwEjVwFDZwFjdwGDdvGjhvHDlvHjpvIDpvITtuIzxuJDxuJj1uJz5uKT9uKj9tK0BtLUFtLkFtL0JtMUNtMkNtM0RtNEVsNUVsNkZsOEdsOUhs"
    "OkhsO0lsPEpsPUpsPktsP0xsQExsQU1sQk5sQ05sRE9sRVBsRlFsR1FsSFJsSVNsSlNsS1RsTFVsTVVsTlZsT1dsUFdsUVhtUlltU1ptVFptVV"
    "ttVVxtVlxtV11tWF5tWV5uWl9uW2BuXGFuXWFuXmJuXmNvX2NvYGRvYWVvYmVvY2ZwZGdwZWhwZWhwZmlwZ2pxaGpxaWtxamxxa21ybG1ybG5y"
    "bW9ybm9zb3BzcHFzcXJ0cnJ0cnN0c3R1dHR1dXV1dnZ2d3d2d3d3eHh3eXl3enp4e3p4fHt4fXx4fnx4fn14f354gH94gX94goB5g4F5hIJ5hY"
    "J5hoN5h4R4iIV4iYV4ioZ4i4d4jIh4jYh4jol4j4p4kIt4kYt4kox4ko14k454lI53lY93lpB3l5F3mJJ3mZJ3mpN2m5R2nJV2nZV2npZ2n5d1"
    "oJh1oZl1opl1o5p0pJt0pZx0ppx0p51zqJ5zqZ9zqqBzq6ByrKFyraJyrqNxr6RxsKVxsaVws6ZwtKdvtahvtqlvt6luuKpuuattuqxtu61tvK"
    "5sva5svq9rv7BrwLFqwbJqwrNpw7NpxLRoxbVoxrZnx7dnyLhmyblly7llzLpkzbtjzrxjz71i0L5i0b9h0sBg08Bf1MFf1cJe1sNd18Rc2cVc"
    "2sZb28da3MhZ3chY3slY38pX4MtW4cxV4s1U5M5T5c9S5tBR59FQ6NJP6dNO6tNM69RL7dVK7tZJ79dI8NhG8dlF8tpE89tC9dxB9t0/994++N"
    "88+eA6++E4/OI2/eM0/uQ0/uU1/uY2/ug4"
)


def viridis(share_HW: Tensor) -> Image.Image:
    """Shares 0 to 1 in viridis, pixel by pixel, as RGB; what is more stays in its last colour, what is less in its first."""
    table = np.frombuffer(VIRIDIS, dtype=np.uint8).reshape(256, 3)
    return Image.fromarray(table[share_HW.clamp(0, 1).mul(255).round().long().cpu().numpy()])


def painted(z_FN: Tensor | np.ndarray, *, low: float, high: float, colours: bytes = VIRIDIS) -> str:
    """Values `(F, N)`, row 0 at the bottom, as a picture in 256 colours from `low` to `high`: a PNG as a `data:` address."""
    z_FN = np.asarray(z_FN, dtype=np.float32)[::-1]
    index_FN = np.clip((z_FN - low) * (255 / max(high - low, 1e-9)), 0, 255).astype(np.uint8)
    index_FN &= 0xFC  # steps of 1.25 dB at 80 dB, which the eye does not tell apart: a third less to send
    picture = Image.fromarray(index_FN)
    picture.putpalette(colours)
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG", compress_level=2)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def heat(heat_HW: Tensor, *, side: int = 320, fading: bool = False) -> Image.Image:
    """A map from nothing (dark) to its own hottest place (yellow), smooth at `side` by `side` pixels.

    A `fading` one is the clearer the colder, so that what lies beneath is seen where nothing is hot.
    """
    top = heat_HW.max()
    share_HW = heat_HW / top if top > 0 else torch.zeros_like(heat_HW)
    share_HW = F.interpolate(share_HW[None, None], (side, side), mode="bilinear", align_corners=False)[0, 0]
    coloured = viridis(share_HW)
    if fading:
        coloured.putalpha(Image.fromarray(share_HW.clamp(0, 1).sqrt().mul(255).byte().cpu().numpy()))
    return coloured


def rim(mask_HW: Tensor, *, side: int = 320, width: int = 1, dotted: bool = False) -> Image.Image:
    """The outer rim of a mask in white on nothing, for a page to lay over a picture: in the mask's own proportions.

    The longer side gets `side` pixels or a little more; `dotted` breaks the rim into pieces of five pixels.
    """
    finer = max(1, math.ceil(side / max(mask_HW.shape)))
    inside_HW = F.interpolate(mask_HW[None, None].float(), scale_factor=finer, mode="bilinear")[0, 0] > 0.5
    around_HW = F.max_pool2d(inside_HW[None, None].float(), 2 * width + 1, stride=1, padding=width)[0, 0] > 0
    rim_HW = around_HW & ~inside_HW
    if dotted:
        y, x = torch.meshgrid(*(torch.arange(n) // 5 for n in rim_HW.shape), indexing="ij")
        rim_HW &= (x + y) % 2 == 0
    rgba_HW4 = torch.zeros(*rim_HW.shape, 4, dtype=torch.uint8)
    rgba_HW4[rim_HW] = 255
    return Image.fromarray(rgba_HW4.numpy())


def picture(of: Image.Image | str, words: str = "", *, kind: str = "") -> Markup:
    """A picture, or its `data:` address, in the page to the pixel; `words` are for whoever does not see it."""
    address = of if isinstance(of, str) else image.to_data_url(of)
    return Markup('<img{} alt="{}" src="{}">').format(
        Markup(' class="{}"').format(kind) if kind else "", words, address
    )


def stack(words: Text, *layers: Markup, proportions: tuple[int, int] | None = None) -> Markup:
    """Pictures over one another, told as one by `words`; `proportions` are width and height, a square if not given."""
    shape = Markup(' style="aspect-ratio: {} / {}"').format(*proportions) if proportions else ""
    return Markup('<div class="wl-stack" role="img" aria-label="{}"{}>{}</div>').format(
        words_of(words), shape, join(layers)
    )
