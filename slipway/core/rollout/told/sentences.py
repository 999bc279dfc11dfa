"""What a rollout says of its targets and of itself: templates and values, said at the edge."""

from slipway.core.rollout.value.rollout import Target
from slipway.core.rollout.value.words import Cause
from slipway.core.words.names import some
from slipway.core.words.sentence import NONE, NOTHING, Sentence


def died(target: Target) -> Sentence:
    look = target.look
    again = look is not None and look.running.version == target.goal.version and look.process
    template = (
        "{place}: {version} was well, then ended and was started again."
        if again
        else "{place}: {version} was well, and does not run any more."
    )
    return Sentence.of(
        "died_later",
        template,
        hint="Read the service's own log on the host for why it ended.",
        place=target.place,
        version=target.goal.version,
    )


def ill(target: Target) -> Sentence:
    why = target.look.why if target.look else None
    return Sentence.of(
        "ill_later",
        "{place}: {version} was well, and is not healthy any more: {why}"
        if why
        else "{place}: {version} was well, and is not healthy any more.",
        hint="Read the service's own log on the host.",
        place=target.place,
        version=target.goal.version,
        **({"why": why} if why else {}),
    )


def not_as_wanted(target: Target) -> Sentence:
    look = target.look
    return Sentence.of(
        "not_as_wanted",
        "{place}: all steps ended well, and yet {found} runs there instead of {wanted}.",
        hint="Look at the host: somebody or something else may have changed it. Then retry.",
        place=target.place,
        found=(look.running.version if look else "") or NOTHING,
        wanted=target.goal.version or NOTHING,
    )


def not_back_after_reboot(target: Target) -> Sentence:
    return Sentence.of(
        "not_back_after_reboot",
        "{place}: its host was restarted, and {version} did not come back.",
        hint="Look at the service on the host.",
        place=target.place,
        version=target.goal.version,
    )


def lost_again(target: Target) -> Sentence:
    return Sentence.of(
        "lost_again",
        "{place}: its host was restarted a second time under {version}.",
        hint="Look at the host's own log for why it went down.",
        place=target.place,
        version=target.goal.version or NOTHING,
    )


def step_failed(target: Target) -> Sentence:
    return Sentence.of(
        "step_failed_there",
        "{place}: a step failed, and the host did not say why.",
        hint="Read the log of the step.",
        place=target.place,
    )


def taken_back(target: Target) -> Sentence:
    return Sentence.of(
        "taken_back",
        "{place} was well with {version}, and went back when the rollout was halted.",
        place=target.place,
        version=target.planned.goal.version or NOTHING,
    )


def could_not_go_back(target: Target, why: Sentence | None) -> Sentence:
    return Sentence.of(
        "could_not_go_back",
        "{place} could not go back to {version}: {why}" if why else "{place} could not go back.",
        hint="Mend the cause, then retry: its way back is still owed.",
        place=target.place,
        version=target.goal.version or NOTHING,
        **({"why": why} if why else {}),
    )


def withdrawn_meanwhile(target: Target) -> Sentence:
    return Sentence.of(
        "withdrawn_meanwhile",
        "{version} was withdrawn while {place} waited to go back to it.",
        place=target.place,
        version=target.goal.version,
    )


def not_begun(*, cancelled: bool) -> Sentence:
    if cancelled:
        return Sentence.of("not_begun_cancelled", "Not begun: the rollout was cancelled.")
    return Sentence.of("not_begun_halted", "Not begun: the rollout was halted.")


def half_way(target: Target) -> Sentence:
    return Sentence.of(
        "half_way", "{place} was half-way when the rollout ended.", place=target.place
    )


def asked_in_vain(target: Target) -> Sentence:
    """Of one that was left out at its turn: it said nothing, or that it cannot."""
    why, place = target.lost_why, target.place
    if why is None:
        return Sentence.of(
            "unreachable",
            "{place} did not answer at its turn.",
            hint="It is left as it is. Mend it and retry.",
            place=place,
        )
    # What is to be done about it says whoever met it.
    values = {**dict(why.values), "place": place, "why": why}
    if target.lost_cause is Cause.HOST:
        return Sentence.of(
            "host_cannot", "{place} cannot take its turn: {why}", hint=why.hint, **values
        )
    return Sentence.of(
        "unreachable", "{place} did not answer at its turn: {why}", hint=why.hint, **values
    )


def not_known(target: Target) -> Sentence:
    return Sentence.of(
        "not_known",
        "{place}: what became of it there is not known: {why}"
        if target.lost_why
        else "{place}: what became of it there is not known.",
        hint="Look at the host, then retry the rollout or roll it back.",
        place=target.place,
        **({"why": target.lost_why} if target.lost_why else {}),
    )


def not_arrived(target: Target) -> Sentence:
    return Sentence.of(
        "not_arrived",
        "{place} answers, and what is sent to it does not arrive: {why}"
        if target.lost_why
        else "{place} answers, and what is sent to it does not arrive.",
        hint="It is left as it is. Mend it and retry.",
        place=target.place,
        **({"why": target.lost_why} if target.lost_why else {}),
    )


def said_gone(target: Target) -> Sentence:
    return Sentence.of("said_gone", "{place} is gone, a person says.", place=target.place)


def overtaken(target: Target) -> Sentence:
    look = target.look
    return Sentence.of(
        "overtaken",
        "{place} was to be at {planned}, and {found} is there: it was changed since the plan.",
        hint="Look at what changed it, then make a plan anew.",
        place=target.place,
        planned=target.planned.origin.version or NOTHING,
        found=(look.link.version if look else "") or NOTHING,
    )


def without(target: Target) -> Sentence:
    return Sentence.of("without", "{place} was left out by a person.", place=target.place)


def control_is_ill(control: Target) -> Sentence:
    return Sentence.of(
        "control_is_ill",
        "{place}, which was not touched, is not healthy either with {version}: the cause may lie "
        "elsewhere.",
        hint="Mend that and go on, or cancel.",
        place=control.place,
        version=control.planned.origin.version,
    )


def no_room(away: tuple[str, ...], allowed: int) -> Sentence:
    return Sentence.of(
        "no_room",
        "No room to go on: {places} are away, {allowed} may be.",
        hint="Mend them and go on, leave them out, or cancel.",
        places=some(away) or NONE,
        allowed=allowed,
    )


def none_serves() -> Sentence:
    return Sentence.of(
        "none_serves",
        "No instance of the service serves now.",
        hint="Go on if you know why, or cancel.",
    )


def several_lost(places: tuple[str, ...]) -> Sentence:
    return Sentence.of(
        "several_lost",
        "Several hosts were lost at once: {places}.",
        hint="Mend the network or the hosts: it goes on by itself when they answer; or cancel.",
        places=some(places),
    )


def all_ill(target: Target) -> Sentence:
    return Sentence.of(
        "all_ill",
        "{place} is not well with its former version either: the cause may lie elsewhere.",
        hint="Mend that and go on: it is tried again; or cancel.",
        place=target.place,
    )


def ours(target: Target) -> Sentence:
    return Sentence.of(
        "ours",
        "An error inside Slipway keeps {place} from being known: {why}"
        if target.lost_why
        else "An error inside Slipway keeps {place} from being known.",
        hint="Read the worker's log; slipway doctor may know more. Then go on, or cancel.",
        place=target.place,
        **({"why": target.lost_why} if target.lost_why else {}),
    )
