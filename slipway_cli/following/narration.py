"""Tells the story of a rollout, in sentences, from what changes on its board."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from slipway_cli.language import Text, _, joined, told, word

OVER = ("succeeded", "partial", "halted", "cancelled")
BAD = ("failed", "unknown", "not_known", "unreachable", "left_out", "taken_back")
_ORDER = (
    "succeeded", "running", "taken_back", "failed", "unknown", "not_known", "unreachable",
    "left_out", "cancelled",
)  # fmt: skip
_QUIET_LEVELS = ("debug", "output")

Document = dict[str, Any]


@dataclass(slots=True)
class Board:
    """What has been told so far. `told_rev` is the revision up to which log lines were told."""

    cells: dict[Any, Document] = field(default_factory=dict)
    told_rev: int = 0
    state: str = ""
    asked: str | None = None  # the code of what it asks
    began: str = ""  # when it was started
    _said: dict[str, str] = field(default_factory=dict)

    def apply(self, delta: Document) -> list[str]:
        """Take in what changed and return the sentences that are new."""
        told = [*self._lines(delta.get("lines", [])), *self._cells(delta.get("cells", []))]
        return [*told, *self._state(delta.get("rollout") or {})]

    def _lines(self, lines: list[Document]) -> list[str]:
        # Lines that were written together have one revision, so a part is new or old as a whole.
        new = [line for line in lines if int(line["rev"]) > self.told_rev]
        self.told_rev = max((int(line["rev"]) for line in new), default=self.told_rev)
        told = [_with_host(line) for line in new if line.get("level") not in _QUIET_LEVELS]
        return [sentence for sentence in told if self._is_news(sentence)]

    def _cells(self, cells: list[Document]) -> list[str]:
        self.cells |= {cell["id"]: cell for cell in cells}
        sentences = [self._batch(batch) for batch in sorted({int(cell["batch"]) for cell in cells})]
        return [sentence for sentence in sentences if sentence and self._is_news(sentence)]

    def _batch(self, batch: int) -> str:
        states = Counter(
            str(cell["state"]) for cell in self.cells.values() if int(cell["batch"]) == batch
        )
        last = max(int(cell["batch"]) for cell in self.cells.values())
        if set(states) == {"pending"}:
            return ""
        return _(
            "Batch {batch} of {batches}: {states}",
            batch=batch,
            batches=last,
            states=counted(states),
        )

    def _is_news(self, sentence: str) -> bool:
        """Return whether it says something new: the log tells of batches too."""
        about = sentence.partition(":")[0]
        if about.startswith("Batch ") and self._said.get(about) == sentence:
            return False
        self._said[about] = sentence
        return True

    def _state(self, rollout: Document) -> list[str]:
        state = str(rollout.get("state") or self.state)
        self.began = str(rollout.get("started_at") or self.began)
        asked = (rollout.get("asks") or {}).get("code")
        if (state, asked) == (self.state, self.asked):
            return []
        self.state, self.asked = state, asked
        return waiting(rollout)


def counted(states: Counter[str]) -> Text:
    """Return `4 hosts succeeded, 1 running`."""
    known = [state for state in _ORDER if states[state]]
    others = sorted(state for state in states if state not in _ORDER)
    parts = [(states[state], word("state", state)) for state in (*known, *others)]
    (number, state), *rest = parts
    template = "{number} host {state}" if number == 1 else "{number} hosts {state}"
    said = _(template, number=number, state=state)
    for number, state in rest:
        said = _("{first}, {number} {state}", first=said, number=number, state=state)
    return said


def trouble(target: Document) -> Text:
    """Return what went wrong on one host: which, at which step, whose fault it was, why, and what
    to do."""
    port = f":{target['port']}" if target.get("port") else ""
    place, state = f"{target['host']}{port}", word("state", str(target["state"]))
    step = last_step(target)
    # The last step of who went back is one of the way back, and went well.
    if step and state != "taken back":
        step = word("step", step, english=step)
        said = _("{place} {state} at {step}", place=place, state=state, step=step)
    else:
        said = _("{place} {state}", place=place, state=state)
    if cause := str(target.get("cause") or ""):
        said = _("{what} ({cause})", what=said, cause=word("cause", cause))
    why = joined(target.get(key) for key in ("problem", "hint"))
    return _("{what}: {why}", what=said, why=why) if why else _("{what}.", what=said)


def last_step(target: Document) -> str:
    """Return the step that a target was last seen at, "" before the first."""
    begun = [each for each in target.get("steps") or [] if each.get("started_at")]
    return str(target.get("step") or (begun[-1]["name"] if begun else ""))


def _with_host(line: Document) -> str:
    host = line.get("host") or ""
    text: str = line["text"]
    if not host or text.startswith(f"{host}:"):
        return text
    return _("{host}: {text}", host=host, text=text)


def opening(rollout: Document) -> Text:
    """Return what has been asked for: `Rollout 7: upgrade billing to 1.1 in prod, 5 hosts.`"""
    version, number = rollout.get("version"), len(rollout.get("targets") or [])
    what = _(
        "{kind} {service} to {version}" if version else "{kind} {service}",
        kind=word("kind", str(rollout["kind"])),
        service=rollout["service"],
        version=version,
    )
    where: dict[str, object] = {
        "number": rollout["id"],
        "what": what,
        "environment": rollout["environment"],
    }
    if not number:
        return _("Rollout {number}: {what} in {environment}.", **where)
    hosts = _("{hosts} host" if number == 1 else "{hosts} hosts", hosts=number)
    return _("Rollout {number}: {what} in {environment}, {hosts}.", **where, hosts=hosts)


def waiting(rollout: Document) -> list[str]:
    """Return what a rollout that waits for a person waits for, and how it goes on."""
    is_waiting = rollout["state"] == "paused"
    waits = _("Rollout {number} waits.", number=rollout["id"])
    return [joined([waits, _next(rollout)])] if is_waiting else []


def ending(rollout: Document) -> list[str]:
    """Return how it ended, and which hosts did not get there."""
    outcome: str = rollout.get("outcome") or ""
    end = word("end", str(rollout.get("end") or rollout["state"]))
    begins = _("Rollout {number} {end}", number=rollout["id"], end=end)
    if outcome and outcome != rollout["state"]:
        why = _without(f"{rollout['state']}: ", outcome)
        said: list[str] = [_("{what}: {why}", what=begins, why=why)]
    else:
        said = [_("{what}.", what=begins)]
    targets = rollout.get("targets") or []
    states = Counter(str(target["state"]) for target in targets)
    if states and rollout["state"] != "succeeded":
        said.append(_("{what}.", what=counted(states)))
    return said + [trouble(target) for target in targets if target["state"] in BAD]


def _without(begins: str, outcome: str) -> str:
    """Return an outcome without the state that it begins with: that is said already."""
    if not outcome.lower().startswith(begins):
        return outcome
    _state, _colon, other = told(outcome).partition("：")
    return Text(outcome[len(begins) :], other or told(outcome)[len(begins) :])


def _next(rollout: Document) -> Text:
    number, asked = rollout["id"], rollout.get("asks")
    if not asked:
        return _(
            "Go on with `slipway rollout resume {number}` (or `promote` where a person has to let"
            " it pass), end it with `slipway rollout cancel {number}`.",
            number=number,
        )
    answer = _(
        "Answer with `slipway rollout answer {number} {answers}`.",
        number=number,
        answers="|".join(asked["answers"]),
    )
    return joined([asked["question"], asked.get("hint"), answer])
