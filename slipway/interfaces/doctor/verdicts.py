"""Of one thing that was looked at: whether it is well, and what there is to say."""

from dataclasses import dataclass
from typing import Any

from slipway.core.words.sentence import Sentence

NAMED = 10


@dataclass(frozen=True, slots=True)
class DoctorFinding:
    """One thing that was looked at; `said` has its code."""

    ok: bool
    said: Sentence

    @property
    def code(self) -> str:
        return self.said.code


def well(code: str, template: str, **values: Any) -> DoctorFinding:
    return DoctorFinding(True, Sentence.of(code, template, **values))


def ill(code: str, template: str, *, hint: str, **values: Any) -> DoctorFinding:
    return DoctorFinding(False, Sentence.of(code, template, hint=hint, **values))
