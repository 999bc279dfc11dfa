"""Follows release rules: a version that was built of the right ref is released by itself."""

from functools import partial

import structlog

from slipway.controller.worker import clock
from slipway.controller.worker.bell import Bell
from slipway.controller.worker.desk import Desk
from slipway.controller.worker.faults import as_refusal
from slipway.controller.worker.round import Round
from slipway.core.words.refusal import Refused
from slipway.records.releasing.operations import rules as release_rules
from slipway.records.releasing.rules import list_due_rules
from slipway.records.rows.database.outages import is_away

SOONEST = 2.0  # seconds between looks
LOOK_EVERY = 10.0  # where nobody has written anything

log = structlog.get_logger()


class ReleaseRules:
    """Looks, again and again, for rules that have something to do. It remembers nothing: what was
    released, and what stands in the way, is in the rules' rows."""

    def __init__(self, *, desk: Desk, bell: Bell) -> None:
        self._desk = desk
        self._ear = bell.ear()

    async def run(self) -> None:
        """Follow rules until cancelled."""
        await Round(self.look_once, "release_rules_failed", LOOK_EVERY, self._ear, SOONEST).run()

    async def look_once(self) -> int:
        """Follow every rule that has something to do; returns how many rollouts were started."""
        due = await self._desk.run(lambda: list_due_rules(clock.now()))
        started = [await self._follow(rule_id) for rule_id in due]
        return sum(started)

    async def _follow(self, rule_id: int) -> bool:
        try:
            rollout = await self._desk.run(partial(_follow, rule_id))
        except Exception as error:  # one rule must not keep the others from being followed
            problem = as_refusal(error, "release_rule_failed", rule=rule_id)
            if not is_away(error):
                await self._put_off(rule_id, problem)
            return False
        if rollout is not None:
            log.info("released_by_rule", rule=rule_id, rollout=rollout)
        return rollout is not None

    async def _put_off(self, rule_id: int, problem: Refused) -> None:
        put_off = partial(release_rules.put_off_release_rule, rule_id=rule_id, problem=problem)
        try:
            await self._desk.run(partial(put_off, now=clock.now()))
        except Exception:
            log.exception("release_rule_not_put_off", rule=rule_id)


def _follow(rule_id: int) -> int | None:
    rollout = release_rules.follow_release_rule(rule_id=rule_id, now=clock.now())
    return rollout.pk if rollout else None
