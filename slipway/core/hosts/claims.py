"""Claims that hosts know and that are ahead of ours: how far ours may be raised, and what is told.

What a host says is a number, and it may lie. A clock of ours that was ahead has given no claim that
lies further ahead than such clocks do; who names one has it from elsewhere, and it is not followed.
"""

from slipway.core.words.sentence import Sentence

FARTHEST = 100 * 366 * 24 * 60 * 60  # epochs begin at the clock's seconds: a hundred years of them

LATER, IMPOSSIBLE, FOREIGN = "later_claim", "impossible_claim", "foreign_claim"
# Whoever meets them tells them once for each host, with what to do: not as a mere silence.
TOLD_APART = frozenset({LATER, IMPOSSIBLE, FOREIGN})


def is_within_reach(epoch: int, ours: int) -> bool:
    """Whether a claim of ours can have had that epoch, by a clock that was ahead."""
    return epoch <= ours + FARTHEST


def known_ahead(*, host: str, service: str, epoch: int, ours: int) -> Sentence:
    """What is told of a host that refuses our claim although no other worker of ours has one."""
    values = {"host": host, "service": service, "epoch": epoch, "ours": ours}
    if is_within_reach(epoch, ours):
        return Sentence.of(
            LATER,
            "{host} knows a later claim on {service} (epoch {epoch}) than ours ({ours}): the"
            " database was restored from an older copy, a clock was ahead, or a copy of this"
            " installation runs elsewhere.",
            hint="Where no copy runs, raise ours above it: `slipway claim raise`. The rollout then"
            " goes on by itself.",
            **values,
        )
    return Sentence.of(
        IMPOSSIBLE,
        "{host} names a later claim on {service} (epoch {epoch}) than ours ({ours}), further ahead"
        " than a claim of ours can be.",
        hint="Ours is not raised over it. Find out who wrote it; then remove"
        " {service}/*/receipts/fence below the root folder of {host}.",
        **values,
    )


def in_the_log(told: Sentence) -> Sentence:
    """A line of the log, which has no hint beside it."""
    if told.advice is None:
        return told
    return Sentence.of(told.code, "{why} {advice}", why=told, advice=told.advice)
