"""When places are looked at: at once where somebody waits for it, else now and then."""

from collections.abc import Callable, Iterable

from slipway.controller.rollouts.pace import Pace
from slipway.core.rollout.commands import Ask, Command, Send, to_do
from slipway.core.rollout.value.rollout import Rollout as Value
from slipway.core.rollout.value.rollout import Target
from slipway.core.rollout.value.words import Stage


class Timetable:
    """Remembers when each place was asked, in seconds of a monotonic clock."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._asked: dict[str, float] = {}
        self._nap_until = float("-inf")

    def wake(self, value: Value) -> None:
        """After a nap what was well is looked at again, whoever ended it."""
        for place, target in value.targets.items():
            if target.stage is Stage.WELL:
                self._asked.pop(place, None)

    def due(
        self,
        value: Value,
        commands: Iterable[Command],
        now: float,
        is_busy: Callable[[str], bool],
    ) -> list[Command]:
        """Return the commands whose time has come, and note them."""
        found: list[Command] = []
        for command in commands:
            if is_busy(command.place):
                if isinstance(command, Send):
                    self._asked[command.place] = now  # at its end a chain says what is there
                continue
            if isinstance(command, Ask):
                if now < self._when(value, command):
                    continue
                self._asked[command.place] = now
            found.append(command)
        return found

    def pause(self, value: Value, now: float, is_busy: Callable[[str], bool]) -> float:
        """Return the seconds until the next look is due. A place that has not answered yet is not
        asked again: whoever waited for its time would not wait at all."""
        asks = [each for each in to_do(value) if isinstance(each, Ask) and not is_busy(each.place)]
        times = [self._when(value, each) for each in asks]
        return max(min(times, default=now + self._pace.longest_nap) - now, 0.0)

    def nap(self, until: float) -> None:
        """Nothing is to be done before a moment; nobody is missed until then."""
        self._nap_until = until

    def napped(self, since: float) -> float:
        """Return the seconds behind a moment in which nothing was to be done."""
        return max(self._nap_until - since, 0.0)

    def _when(self, value: Value, ask: Ask) -> float:
        last = self._asked.get(ask.place)
        if last is None:
            return float("-inf")
        target = value.target(ask.place)
        if target.lost:
            return last + self._pace.ask_again
        if ask.soon:
            return last + self._pace.beat
        return min(last + self._interval(value, target), self._bake_ends(value, target, last))

    def _interval(self, value: Value, target: Target) -> float:
        wanted = self._pace.watch if target.stage is Stage.WELL else self._pace.look
        return max(wanted, len(value.targets) / self._pace.looks_a_second)

    def _bake_ends(self, value: Value, target: Target, last: float) -> float:
        """A bake is ended by a look that is younger than its end; where nothing is to bake, none is
        waited for."""
        bake = value.policy.bake
        if target.stage is not Stage.WELL or target.look is None or bake <= 0:
            return float("inf")
        left = target.since + bake - target.looked_at
        return last + left if left > 0 else float("inf")
