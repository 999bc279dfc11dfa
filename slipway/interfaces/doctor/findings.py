"""Everything that is looked at, in the order in which it is told."""

from collections.abc import Callable, Iterator
from datetime import datetime

from django.db import Error as DatabaseTrouble

from slipway.core.words.refusal import Refused
from slipway.core.words.sentence import Sentence
from slipway.interfaces.doctor import held_up, installation, places, workers
from slipway.interfaces.doctor.certificates import certificates
from slipway.interfaces.doctor.disks import disks
from slipway.interfaces.doctor.verdicts import DoctorFinding


def findings(now: datetime) -> Iterator[DoctorFinding]:
    """Yield what was found, one after the other; a check that breaks is a finding too."""
    for code, look in _LOOKS:
        try:
            yield look(now)
        except (DatabaseTrouble, Refused, OSError, RuntimeError, ValueError) as error:
            template = "This could not be looked at: {error}"
            why = error.sentence if isinstance(error, Refused) else str(error)
            yield DoctorFinding(False, Sentence.of(code, template, hint="See the log.", error=why))


_LOOKS: tuple[tuple[str, Callable[[datetime], DoctorFinding]], ...] = (
    ("database", installation.database),
    ("migrations", installation.migrations),
    ("keys", installation.keys),
    ("workers", workers.living),
    ("versions", workers.versions),
    ("clocks", workers.clocks),
    ("store", installation.store),
    ("disks", disks),
    ("hosts", places.hosts),
    ("twins", places.twins),
    ("drift", places.drift),
    ("instances", places.ill_instances),
    ("rollouts", held_up.rollouts),
    ("leases", workers.leases),
    ("locks", held_up.locks),
    ("claims", held_up.claims),
    ("builds", held_up.builds),
    ("approvals", held_up.approvals),
    ("certificates", certificates),
)
