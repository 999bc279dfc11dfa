"""What our own program says in the log of a build by command, read back into sentences: said in the
reader's language, line by line. All else in a log are words of others, and stay so."""

from slipway.core.reading.reading_back import pattern_of, values_in
from slipway.core.words.sentence import Sentence

MARK = "[slipway] "  # before each line of ours
_LONGEST = 2_000  # characters of a line of ours

# As slipway/adapters/builds/command says them.
_SAID = {
    "Checking out {ref} of {url}.": "checking_out_of",
    "At commit {commit}, as user {user}, NOT isolated (SLIPWAY_UNISOLATED_BUILDS). Running:"
    " {line}": "running_line",
    "At commit {commit}, as user {user} in namespaces, with no network. Running: {line}": (
        "running_line"
    ),
    "At commit {commit}, as user {user} in namespaces, with the machine's network. Running:"
    " {line}": "running_line",
    "The checkout failed: see the log.": "checkout_failed",
    "Its command ended well.": "command_well",
    "Its command ended with exit status {code}.": "command_ended",
    "Its command was ended by signal {signal}.": "command_signal",
    "There is no command {line}.": "no_command",
    "{line} cannot be run: {error}.": "command_not_run",
    "These processes cannot be ended: {line}.": "not_ended",
    "The runner failed: {error}.": "runner_failed",
    "It was cancelled.": "build_cancelled",
    "It did not end within {limit} and was ended.": "build_too_long",
    "Its folder reached {limit} MiB, the most it may have (size_limit).": "build_too_large",
    "Its processes held over {limit} MiB (memory_limit).": "build_memory",
    "It had over {limit} processes (process_limit).": "build_processes",
    "The build was interrupted: its machine was going down.": "build_machine_down",
    "… more than {limit} KiB; the end follows when it is over …": "log_more",
    "… {limit} bytes left out …": "log_left_out",
}
_TEXTS, _NUMBERS = ("line", "error", "ref"), ("limit", "code")


def sentence_of_log_line(line: str) -> Sentence | None:
    """Return what our program says in a line of a log; None for words of others."""
    if not line.startswith(MARK) or len(line) > _LONGEST:
        return None
    for template, (code, pattern) in _PATTERNS.items():
        if found := pattern.fullmatch(line, len(MARK)):
            return Sentence.of(code, template, **values_in(found, _NUMBERS))
    return None


_PATTERNS = {text: (code, pattern_of(text, _TEXTS)) for text, code in _SAID.items()}
