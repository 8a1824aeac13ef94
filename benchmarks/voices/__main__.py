"""Who is it: the trials of both nets beside two classical methods, and whether taking noise out helps; in one command.

All methods hear the same test utterances, and all pairs of a corpus are trials: 780 of one speaker, 7,605 of two on
AN4's test speakers, 150 and 1,620 on LibriSpeech test-other's, 100 and 1,125 on ten voices of espeak-ng. The classical
ones are mean and deviation of 20 MFCC, whitened and compared; and the same through linear discriminant analysis. How
they are whitened or shrunk, and whether they are compared by cosine or against the training speakers as our net is, was
chosen on the validation speakers. Our net's two halves stand there one by one as well. Intervals are over speakers.

The second table: the second utterance of every AN4 trial gets a noise of ESC-10's fold 5 behind it, which no net here
was trained with, and is compared as it is, and after the denoiser of the tab Denoising, where that has a checkpoint.

The third: how many strangers the tab notices (it warns before it answers), and how many people it takes for strangers.

    OMP_NUM_THREADS=1 WAVELENS_DATA=… python -m benchmarks.voices
"""

from benchmarks._report import arguments, machine, write
from benchmarks.voices import cleaning, strangers, trials
from benchmarks.voices.methods import classical, halves, of_net
from models import _checkpoint, load
from models.speaker import SiameseGRU, SpeakerNet
from training import Splits
from training.data.speakers import splits

NOTES = (
    "AN4 probably has one session a speaker, so the room and the microphone help every method here.",
    "LibriSpeech test-other's ten speakers have one chapter each: too easy to rank nets.",
    "`speaker` is chosen on validation speakers (see choices for training speakers left out in turn); some eight "
    "earlier versions were seen on AN4's and LibriSpeech's test, the last of them on the synthetic voices too; this "
    "one once. The one before, compared by plain cosine: AN4 3.7 %, LibriSpeech 2.0 %, synthetic voices 17 %.",
    "The synthetic voices are of one program, which is deaf to rooms and microphones: a test of how a net takes what "
    "it never met, not of people.",
)
NETS = ("speaker", "speaker_siamese")


def smaller(found: Splits) -> Splits:
    """Every third utterance, for a quick look."""
    return Splits(*(tuple(t[::3] for t in arrays) for arrays in found))


def main() -> None:
    options = arguments(__doc__).parse_args()
    measured_on = machine()
    found = smaller(splits()) if options.quick else splits()
    ours, twins = load(SpeakerNet, "speaker"), load(SiameseGRU, "speaker_siamese")
    seconds = [_checkpoint.card(name).provenance["seconds"] for name in NETS]
    nets = [of_net(f"`{name}`", net, s) for name, net, s in zip(NETS, (ours.model, twins.model), seconds, strict=True)]
    rows = []
    for method in (*classical(found), *halves(ours.model), *nets):
        rows.append(trials.row(method, found.test))
        print(f"| {' | '.join(trials.cells(rows[-1]))} |", flush=True)
    noisy = cleaning.cleaning(nets, found.test)
    noticed = strangers.noticed(ours.evidence, found.test)
    kept = trials.claims(rows)
    for c in kept:
        print(f"{'kept' if c['met'] else 'MISSED':7}{c['name']}: {c['value']:.4g} (target {c['target']})")
    if options.quick:
        return
    facts = {"benchmark": "voices", **measured_on, "rows": rows, "claims": kept, "notes": list(NOTES)}
    tables = {"table": trials.table(rows), "noisy": noisy, "cleaning": cleaning.shown(noisy)}
    write("voices", facts | tables | {"noticed": noticed, "strangers": strangers.shown(noticed)})
    peers = [r for r in rows if r["name"] not in [net.name for net in nets]]
    write("speaker", {**measured_on, "rows": [r | {"metrics": {"eer": r["metrics"]["eer"]}} for r in peers]})


if __name__ == "__main__":
    main()
