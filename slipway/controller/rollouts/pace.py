"""How often a driver looks, and how long it waits: seconds, given at its construction."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """`beat` bounds how often is decided while answers come one by one: at first, and at most so
    seldom as `slowest_beat`, when they have come for a while; `gap` is how long a beat may be late
    before what was seen counts no more."""

    beat: float = 0.1
    slowest_beat: float = 1.0
    patient: float = 0.1  # of the time that what is under way has taken may go by between beats
    patient_for_good: float = 0.25  # the same, for good news on which nothing waits
    slowest_for_good: float = 3.0
    gather: float = 0.02  # from the first answer on: others of the same moment join it
    listen: float = 0.5  # between looks at what people said, while something is under way
    ask_again: float = 5.0  # after a question that had no answer
    look: float = 15.0  # between looks at places of which nobody waits to hear
    watch: float = 5.0  # between looks at what was well a moment ago
    looks_a_second: float = 8.0  # of those, all places together
    gap: float = 10.0
    keep: float = 5.0  # driven seconds that may be lost with a driver
    keep_while_held: float = 60.0  # the same, while a lock or a window holds all: maybe for days
    forget_after: float = 0.2  # from the end: telling it comes first
    longest_nap: float = 3600.0
    after_a_fault: float = 2.5  # until a driver that broke is started again, doubled each time

    def between(self, waited: float) -> float:
        """Return the seconds from one beat to the next when what is under way has been waited for
        so long: what came one by one for half a minute need not be told ten times a second."""
        return max(self.beat, min(waited * self.patient, self.slowest_beat))

    def between_good(self, waited: float) -> float:
        """Return the same for good news on which nothing waits: what is told a moment later is
        written down together."""
        return max(self.between(waited), min(waited * self.patient_for_good, self.slowest_for_good))


IN_LIFE = Pace()
