"""Workers: whether they live, are of this version, and go by the same clock; what nobody does."""

from datetime import datetime, timedelta

from slipway import __version__
from slipway.core.words.durations import format_duration
from slipway.core.words.sentence import Sentence
from slipway.interfaces.doctor.verdicts import NAMED, DoctorFinding, ill, well
from slipway.records.releasing.retention import list_forsaken_runs
from slipway.records.rollouts.ask import driving, figures
from slipway.records.workers.queries import list_heard

APART = timedelta(seconds=10)


def living(_now: datetime) -> DoctorFinding:
    alive = list_heard()
    if not alive:
        return ill(
            "workers",
            "No worker is alive: nothing that is asked for gets done.",
            hint="Start one with `slipway worker`, or everything with `slipway up`.",
        )
    if len(alive) == 1:
        return well("workers", "1 worker is alive.")
    return well("workers", "{count} workers are alive.", count=len(alive))


def versions(_now: datetime) -> DoctorFinding:
    others = [each for each in list_heard() if each.version != __version__]
    if not others:
        return well("versions", "Every worker runs the version of this server.")
    return ill(
        "versions",
        "This server runs {version}, and workers run another version: {workers}.",
        hint="Restart what still runs the earlier one, web process or worker.",
        version=__version__,
        workers=Sentence.listed(*(_of_version(each.pk, each.version) for each in others[:NAMED])),
    )


def clocks(now: datetime) -> DoctorFinding:
    ours = Sentence.of("server", "this server"), figures.clock_ahead(now)
    theirs = ((_worker(each.pk), each.clock_ahead) for each in list_heard())
    apart = [(whose, abs(by)) for whose, by in (ours, *theirs) if by and abs(by) > APART]
    if not apart:
        return well("clocks", "All clocks go with the database's.")
    most = max(by for _, by in apart)
    return ill(
        "clocks",
        "Clocks that go otherwise than the database's, by up to {time}: {whose}.",
        hint="Set them right, and keep them so: `timedatectl set-ntp true`.",
        time=format_duration(timedelta(seconds=round(most.total_seconds()))),
        whose=Sentence.listed(*(whose for whose, _ in apart[:NAMED])),
    )


def leases(now: datetime) -> DoctorFinding:
    left = [*driving.list_forsaken(now, NAMED), *list_forsaken_runs(now, NAMED)][:NAMED]
    if not left:
        return well("leases", "Nothing that was asked for is left alone.")
    return ill(
        "leases",
        "Begun or asked for, and nobody goes on with it: {what}.",
        hint="A living worker takes it up by itself: see its log. A build by command goes on only"
        " on the machine where it began; `slipway build cancel ID` ends one.",
        what=Sentence.listed(*left),
    )


def _worker(pk: str) -> Sentence:
    return Sentence.of("worker", "worker {worker}", worker=pk)


def _of_version(worker: str, version: str | None) -> Sentence:
    if version is None:
        return Sentence.of("earlier_worker", "{worker} (an earlier one)", worker=worker)
    return Sentence.of("other_worker", "{worker} ({version})", worker=worker, version=version)
