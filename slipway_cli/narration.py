"""Tells the story of a rollout, in sentences, from what changes on its board."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

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
        return "" if set(states) == {"pending"} else f"Batch {batch} of {last}: {counted(states)}"

    def _is_news(self, sentence: str) -> bool:
        """Return whether it says something new: the log tells of batches too."""
        about = sentence.partition(":")[0]
        if about.startswith("Batch ") and self._said.get(about) == sentence:
            return False
        self._said[about] = sentence
        return True

    def _state(self, rollout: Document) -> list[str]:
        state = str(rollout.get("state") or self.state)
        asked = (rollout.get("asks") or {}).get("code")
        if (state, asked) == (self.state, self.asked):
            return []
        self.state, self.asked = state, asked
        return waiting(rollout)


def counted(states: Counter[str]) -> str:
    """Return `4 hosts succeeded, 1 running`."""
    known = [state for state in _ORDER if states[state]]
    others = sorted(state for state in states if state not in _ORDER)
    parts = [(states[state], state) for state in (*known, *others)]
    first, *rest = parts
    hosts = "host" if first[0] == 1 else "hosts"
    told = [f"{first[0]} {hosts} {first[1]}", *(f"{n} {state}" for n, state in rest)]
    return ", ".join(told).replace("_", " ")


def trouble(target: Document) -> str:
    """Return what went wrong on one host: which, at which step, why, and what to do."""
    port = f":{target['port']}" if target.get("port") else ""
    state = str(target["state"]).replace("_", " ")
    # The last step of who went back is one of the way back, and went well.
    step = f" at {step}" if (step := last_step(target)) and state != "taken back" else ""
    why = " ".join(str(target[key]) for key in ("problem", "hint") if target.get(key))
    return f"{target['host']}{port} {state}{step}" + (f": {why}" if why else ".")


def last_step(target: Document) -> str:
    """Return the step that a target was last seen at, "" before the first."""
    begun = [each for each in target.get("steps") or [] if each.get("started_at")]
    return str(target.get("step") or (begun[-1]["name"] if begun else ""))


def _with_host(line: Document) -> str:
    host = line.get("host") or ""
    text = str(line["text"])
    return f"{host}: {text}" if host and not text.startswith(f"{host}:") else text


def opening(rollout: Document) -> str:
    """Return what has been asked for: `Rollout 7: upgrade billing to 1.1 in prod, 5 hosts.`"""
    version = f" to {rollout['version']}" if rollout.get("version") else ""
    targets = rollout.get("targets")
    hosts = f", {len(targets)} host{'s' * (len(targets) != 1)}" if targets else ""
    return (
        f"Rollout {rollout['id']}: {rollout['kind']} {rollout['service']}{version}"
        f" in {rollout['environment']}{hosts}."
    )


def waiting(rollout: Document) -> list[str]:
    """Return what a rollout that waits for a person waits for, and how it goes on."""
    is_waiting = rollout["state"] == "paused"
    return [f"Rollout {rollout['id']} waits. {_next(rollout)}"] if is_waiting else []


def ending(rollout: Document) -> list[str]:
    """Return how it ended, and which hosts did not get there."""
    outcome = str(rollout.get("outcome") or "")
    said = outcome and outcome != rollout["state"]
    begins = f"{rollout['state']}: "
    if outcome.lower().startswith(begins):
        outcome = outcome[len(begins) :]
    told = [f"Rollout {rollout['id']} {rollout['state']}" + (f": {outcome}" if said else ".")]
    targets = rollout.get("targets") or []
    states = Counter(str(target["state"]) for target in targets)
    if states and rollout["state"] != "succeeded":
        told.append(counted(states) + ".")
    return told + [trouble(target) for target in targets if target["state"] in BAD]


def _next(rollout: Document) -> str:
    number, asked = rollout["id"], rollout.get("asks")
    if asked:
        question = " ".join(str(asked[key]) for key in ("question", "hint") if asked.get(key))
        answers = "|".join(asked["answers"])
        return f"{question} Answer with `slipway rollout answer {number} {answers}`."
    return (
        f"Go on with `slipway rollout resume {number}` (or `promote` where a person has to let it"
        f" pass), end it with `slipway rollout cancel {number}`."
    )
