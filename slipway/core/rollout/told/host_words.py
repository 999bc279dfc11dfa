"""What the host program says in a step's output, read back into sentences: said in the reader's
language, line by line; all else that a step prints are words of others.

What is not known here, of another version of it, stays in its own words, too.
"""

import re
from collections.abc import Mapping

from slipway.core.reading.reading_back import pattern_of, values_in
from slipway.core.rollout.told.health_words import last_of_probe
from slipway.core.words.sentence import Sentence

LONGEST_WORDS = 300  # of what others said, where it stands in a sentence of ours

# As slipway/host says them. The values of what is said with a word of ours instead of one are two.
_SAID = {
    "Healthy: process unknown runs {version}.": "healthy",
    "Healthy: process {pid} runs {version}.": "healthy",
    "Last words of {unit}:": "last_words",
    "Removed release {version}.": "removed",
    "Left behind: {program}: it took too long": "left_behind",
    "Left behind: {program}: {said}": "left_behind",
    "What release {version} holds could not be listed: what is edited there later is not seen.": (
        "not_listed"
    ),
    "Release {version} could not be looked through in the time that this step may take.": (
        "not_looked_through"
    ),
    "Release {version} is on this host with other content (sha256 {digest}).": "other_content",
    "Release {version} is not as it was unpacked here: it is unpacked anew.": "unpacked_anew",
    "Release {version} is not on this host: send and unpack its package first.": "not_unpacked",
    "There is no release {version} here.": "no_release",
    "Cannot make a folder in {program}: the disk is full or read-only.": "no_folder",
    "Cannot write {program}: the disk is full or read-only.": "not_written",
    "Cannot say who reads release {version}: the disk is full or read-only.": "not_written",
    "Cannot make {program}: the disk is full or read-only.": "not_made",
    "Cannot make {program}: {link} is a link that leads nowhere.": "not_made",
    "Cannot make {program}: {user} cannot write in {folder}.": "not_made",
    "Cannot switch {program} to {version}.": "not_switched",
    "Cannot give {program} to {user}.": "not_given",
    "{program} is now of {user}; what it holds stays of whoever it was.": "given",
    "Kept {program}: it is not empty.": "kept",
    "Cannot link {program} to the shared folder.": "not_linked",
    "{program} belongs to another instance of {service} on this host. With several instances on one"
    " host, take {name} out of shared: and use ${{SHARED}} instead.": "not_linked",
    "Everybody on this host can read release {version}: it cannot be given to the group of"
    " {user}.": "open_to_all",
    "Everybody on this host can read all of release {version}: it cannot be given to the group of"
    " {user}.": "open_to_all",
    "What the package of {version} keeps from others stays so: of its service's users only {user}"
    " reads it.": "stays_closed",
    "{user} cannot read what the package of {version} keeps from others, as it cannot be given to"
    " that group by Slipway's login: with `readable_by: everybody` it would be everybody's. Give"
    " the login sudo, or the group of {group}; or take readable_by out of the service; or let those"
    " files be read by others in the package.": "stays_closed",
    "How it ended is not known.": "end_not_known",
    "It was ended: it printed nothing for {seconds} s.": "ended_silent",
    "It was ended: it took longer than allowed.": "ended_late",
    "The host lost this step half-way: it was restarted, or the runner was killed.": "lost",
    "This host program does not know the supervisor {supervisor}.": "not_known_here",
    "This host program does not know the step {name}.": "not_known_here",
    "Port {port} is held by {holder}, which is not ours.": "port_held",
    "Nothing is installed here: deploy {service} first.": "not_installed",
    "The stop script ended with {status_code}; nothing shows whether {service} {instance} still"
    " runs.": "stop_failed",
    "Still running after the stop script: {processes}; ending it.": "still_running",
    "Still running: {processes}.": "still_running",
    "{service} {instance} still runs: {processes}.": "still_running",
    "Its status script says that it still runs.": "still_running",
    "{service} {instance} will not start by itself when this host is restarted: {why}": "no_boot",
    "{unit} is of another root folder on this host: it is left as it is. Give one of them another"
    " port, or remove the one below {program}.": "foreign_unit",
    "{program} is there, and Slipway has not written it: it is left as it is. Move it away, or give"
    " {service} {instance} another port.": "foreign_unit",
    "Cannot write {program}: our user must be root or have sudo without password.": "no_right",
    "systemd does not run on this host: use supervisor: script.": "no_systemd",
    "Its first process has ended with 0: keep it in the foreground (no daemon)": "ended_well",
    "There is no user {user} on this host": "no_user",
    "It runs in the cgroup of this login: {unit} cannot be made. {said}": "no_scope",
    "[… more than {most} bytes: of the rest the end is kept …]": "more_bytes",
}
# Why a program does not run: with a full stop behind it, and without.
_CAUSES = {
    "{program} is not there": "program_missing",
    "{program} has no x, or its disk is mounted noexec": "program_not_executable",
    "{program} cannot be run here ({machine}): it is built for another machine, or its loader is"
    " missing": "program_of_another_machine",
    "{program} is no program: it begins with neither ELF nor #!": "no_program",
    "The first line of {program} ends with CR LF: write it with LF alone": "line_ends",
    "{program} needs {other}, which is not on this host": "interpreter_missing",
}
_NO_BOOT = {
    "systemd does not run here. Let the host's own boot scripts start it.": "no_systemd",
    "{unit} is of another root folder on this host. Give one of them another port, or remove the"
    " one below {program}.": "foreign_unit",
    "{program} is there, and Slipway has not written it. Move it away, or give {service} {instance}"
    " another port.": "foreign_unit",
    "our user is not root, nor has it sudo. Let our user be root, or have sudo without"
    " password.": "no_right",
    "our user may not write a unit. Let our user be root, or have sudo without password.": (
        "no_right"
    ),
    "its unit {unit} cannot be enabled. Let our user be root, or have sudo without password.": (
        "not_enabled"
    ),
}
_TEXTS = ("said", "holder", "processes", "why")
_NUMBERS = ("port", "status_code", "pid", "most")
_LONGEST = 2_000  # characters of a sentence of ours


def sentence_of_line(line: str) -> Sentence | None:
    """Return what the host program says in a line; None for words of others."""
    if len(line) > _LONGEST:
        return None
    if cause := _cause_of(line):
        return cause
    return last_of_probe(line) or (_read(line, _PATTERNS) if _ANY.fullmatch(line) else None)


def _cause_of(line: str) -> Sentence | None:
    why = _read(line.removesuffix("."), _CAUSE_PATTERNS)
    return Sentence.of("cause", "{why}.", why=why) if why and line.endswith(".") else why


def _read(line: str, patterns: "_Patterns") -> Sentence | None:
    for template, (code, pattern) in patterns.items():
        if found := pattern.fullmatch(line):
            values = values_in(found, _NUMBERS)
            if code == "no_boot" and (why := _read(values["why"], _WHY_PATTERNS)):
                values["why"] = why
            return Sentence.of(code, template, **values)
    return None


_Patterns = Mapping[str, tuple[str, re.Pattern[str]]]


def _patterns(said: Mapping[str, str]) -> _Patterns:
    return {template: (code, pattern_of(template, _TEXTS)) for template, code in said.items()}


_PATTERNS, _CAUSE_PATTERNS, _WHY_PATTERNS = map(_patterns, (_SAID, _CAUSES, _NO_BOOT))
# Most lines are of others: whether one is ours is asked once, not of each sentence.
_NAMED = re.compile(r"\(\?P<\w+>")
_ANY = re.compile("|".join(_NAMED.sub("(?:", each.pattern) for _, each in _PATTERNS.values()))
