"""LibriSpeech: read English books, 16 kHz, by speaker and chapter (Panayotov et al. 2015)."""

from pathlib import Path

from training._recipe import Source
from training.data._root import unpacked

SOURCE = Source(
    title="LibriSpeech",
    address="https://www.openslr.org/12",
    licence="CC BY 4.0",
    split="by speaker, official",
    note="At hand here is a subset: one 3 s crop of each of train-clean-100's 251 speakers, and six clips "
    "of each of ten speakers of test-other.",
)
SHA256 = {
    "train-clean-100": "d4ddd1d5a6ab303066f14971d768ee43278a5f2a0aa43dc716b0e64ecbbbf6e2",
    "test-other": "d09c181bba5cf717b3dee7d4d592af11a3ee3a09e08ae025c5506f6ebe961c29",
}


def speakers(part: str) -> dict[str, list[Path]]:
    """The recordings of every speaker of `train-clean-100` or `test-other`, sorted; `unpacked` says what is raised."""
    folder = unpacked(
        f"LibriSpeech/{part}",
        url=f"https://www.openslr.org/resources/12/{part}.tar.gz",
        inside=f"LibriSpeech/{part}",
        title=SOURCE.title,
        sha256=SHA256[part],
    )
    return {s.name: sorted(s.glob("*/*.flac")) for s in sorted(folder.iterdir()) if s.is_dir()}
