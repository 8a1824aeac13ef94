"""Skip-gram: words of the same company become neighbours, the same each time, and absent words stay at zero."""

import torch

from signals.text import FIRST, UNKNOWN, batch
from training._word2vec import skip_gram


def company() -> list[list[int]]:
    """Words 0 to 3 keep company, and so do 4 to 7; 8 is never said."""
    draw = torch.Generator().manual_seed(0)
    pick = lambda low: (FIRST + low + torch.randint(4, (12,), generator=draw)).tolist()  # noqa: E731
    return [[*pick(0 if i % 2 else 4), UNKNOWN] for i in range(400)]


def test_company_makes_neighbours() -> None:
    vector_VD = skip_gram(*batch(company()), 9, 16, epochs=10)
    assert vector_VD.shape == (9, 16) and not vector_VD[8].any()
    unit_VD = torch.nn.functional.normalize(vector_VD[:8], dim=1)
    alike_VV = unit_VD @ unit_VD.T
    assert alike_VV[:4, :4].min() > alike_VV[:4, 4:].max()
    assert torch.equal(vector_VD, skip_gram(*batch(company()), 9, 16, epochs=10))
