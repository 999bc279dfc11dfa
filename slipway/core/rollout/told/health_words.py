"""What the host program says of a check, read back into sentences: said in the reader's language.

What is not known here, of another version of it, stays in its own words.
"""

from slipway.core.reading.reading_back import pattern_of, values_in
from slipway.core.words.sentence import Sentence

PREFIX = "Not healthy: "

# As slipway/host says them; the words of services and checks are values.
_REASONS = {
    "{address} does not answer": "no_answer",
    "{address} answered without the expected text {text} and said nothing": "other_text",
    "{address} answered without the expected text {text}: {said}": "other_text",
    "{address} answered {status} and said nothing": "bad_answer",
    "{address} answered {status}: {said}": "bad_answer",
    "{address} gives no good answer: it said nothing": "no_good_answer",
    "{address} gives no good answer: {said}": "no_good_answer",
    "{address} does not take connections": "no_connections",
    "the check did not end within {seconds} s: it said nothing": "check_late",
    "the check did not end within {seconds} s: {said}": "check_late",
    "the command of the check cannot be run: it said nothing": "check_not_run",
    "the command of the check cannot be run: {said}": "check_not_run",
    "the command of the check was not found: it said nothing": "check_not_found",
    "the command of the check was not found: {said}": "check_not_found",
    "the check was ended by signal {signal}: it said nothing": "check_killed",
    "the check was ended by signal {signal}: {said}": "check_killed",
    "the check ended with {status}: it said nothing": "check_failed",
    "the check ended with {status}: {said}": "check_failed",
    "this host has no bash, curl, wget or python3 to ask with": "cannot_ask",
    "this host has only wget to ask with, whose words everybody there reads": "asks_openly",
    "process {pid} has died": "process_died",
    "process {pid} is of release {release}, not of {version}": "other_release",
    "unit {unit} is {unit_state} and has no process": "unit_state",
    "unit {unit} is {unit_state}": "unit_state",
    "no process of {service} {instance} runs": "no_process",
    "port {port} is held by {holder}, which is not ours": "port_held",
}
_TEXTS = frozenset({"said", "text", "holder"})  # the others are one word
_NUMBERS = frozenset({"status", "signal", "pid", "port"})
_WHOLE = "It was not healthy for long enough within {seconds} s."


def reason_of(words: str) -> Sentence | None:
    """Return why a check is not passed, from the words of the host program, without its prefix."""
    for template, (code, pattern) in _PATTERNS.items():
        if found := pattern.fullmatch(words):
            return Sentence.of(code, template, **values_in(found, _NUMBERS))
    return None


def last_of_probe(line: str) -> Sentence | None:
    """Return what the last line of a probe says; None where it is none of ours."""
    if found := _LONG_ENOUGH.fullmatch(line):
        return Sentence.of("not_long_enough", _WHOLE, **values_in(found, _NUMBERS))
    if not line.startswith(PREFIX):
        return None
    why = reason_of(line.removeprefix(PREFIX).removesuffix("."))
    return Sentence.of("not_healthy", "Not healthy: {why}.", why=why) if why else None


_PATTERNS = {template: (code, pattern_of(template, _TEXTS)) for template, code in _REASONS.items()}
_LONG_ENOUGH = pattern_of(_WHOLE, _TEXTS)
