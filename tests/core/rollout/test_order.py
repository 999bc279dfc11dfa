"""The rules are applied until none changes anything."""

import pytest

from slipway.core.rollout.decide import order
from slipway.core.rollout.value.draft import Draft
from slipway.core.rollout.value.words import End
from tests.core.rollout.pictures import rollout


def test_rules_that_undo_each_other_are_told_and_not_driven(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[int] = []

    def back_and_forth(draft: Draft) -> None:
        draft.change(promoted=1 - draft.rollout.promoted)
        tried.append(draft.rollout.promoted)

    monkeypatch.setattr(order, "RULES", (back_and_forth,))
    with pytest.raises(order.RestlessRules, match=r"^rollout 1: the rules do not come to rest$"):
        order.decide(Draft(rollout("..")))
    assert len(tried) == order.ROUNDS * 3  # for the rollout and for each of its targets


def test_what_is_over_and_not_watched_is_decided_nothing_of() -> None:
    draft = Draft(rollout("s.", end=End.SUCCEEDED))
    order.decide(draft)
    assert not draft.version
