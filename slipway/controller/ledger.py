"""What a driver writes down, many changes in one transaction."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import TypeVar

from django.db import transaction

from slipway.controller.desk import Desk
from slipway.records.rollouts import progress

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class _Entry:
    """A change of its own, or one item of a change that takes many."""

    change: Callable[..., None]
    written: asyncio.Future[None]
    item: object = None
    is_last: bool = False  # on its page


class Ledger:
    """Groups the changes of all targets: those that arrive while a transaction is being written
    share the next one. Fifty hosts that finish together cost a few commits, not hundreds.

    `write` returns when its change is committed, so an intent is on disk before its effect begins.
    A change that raises takes the transaction with it: changes raise only when the claim is lost,
    and then none of them may be written.
    """

    def __init__(self, desk: Desk, *, rollout_id: int, epoch: int) -> None:
        self._desk = desk
        self._claim = (rollout_id, epoch)
        self._waiting: list[_Entry] = []
        self._writer: asyncio.Task[None] | None = None

    async def write(self, change: Callable[[], None]) -> None:
        """Commit `change`. Raises LeaseLost, or what else the change raises."""
        await self._enter(change, None)

    async def add(
        self, change: Callable[[Sequence[Item]], None], item: Item, *, last: bool = False
    ) -> None:
        """Commit `change` of all the items that were added to it meanwhile, in one call; `last`:
        behind all else that was. Raises LeaseLost, or what else the change raises."""
        await self._enter(change, item, last)

    async def _enter(
        self, change: Callable[..., None], item: object, is_last: bool = False
    ) -> None:
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Entry(change, written, item, is_last))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_all())
        await asyncio.shield(written)

    async def _write_all(self) -> None:
        # One turn of the loop, so that whoever became ready together is written together.
        await asyncio.sleep(0)
        while self._waiting:
            entries, self._waiting = self._waiting, []
            try:
                await self._desk.run(partial(_commit, self._claim, entries))
            except BaseException as error:
                _settle(entries, error)
                if not isinstance(error, Exception):
                    raise
            else:
                _settle(entries, None)


def _commit(claim: tuple[int, int], entries: list[_Entry]) -> None:
    with transaction.atomic(), progress.holding(*claim):
        taken: set[Callable[..., None]] = set()
        for entry in sorted(entries, key=attrgetter("is_last")):
            if entry.item is None:
                entry.change()
            elif entry.change not in taken:
                # Retried after a fault the page is the same: nothing is taken out of it.
                taken.add(entry.change)
                entry.change([e.item for e in entries if e.change == entry.change])


def _settle(entries: list[_Entry], error: BaseException | None) -> None:
    for entry in entries:
        if entry.written.done():
            continue
        if error is None:
            entry.written.set_result(None)
        else:
            entry.written.set_exception(error)
            entry.written.exception()  # whoever waits still gets it; nobody waiting is no warning
