"""What a driver writes down of a value: under its claim, in one transaction, or not at all."""

from slipway.core.rollout.value.history import append_well
from slipway.core.rollout.value.rollout import Rollout, Target
from slipway.core.rollout.value.words import Heading, Stage
from tests.simulation.rows import Open, Over, PlaceRow, is_worth_a_write
from tests.simulation.world import Driver, World


def write(world: World, index: int, driver: Driver, value: Rollout) -> bool:
    """Return whether it is known to be written. If not, the driver begins anew."""
    opened = driver.open
    if not is_worth_a_write(opened.value, value):
        opened.heard = driver.heard
        return True
    fault, world.commit_fault = world.commit_fault, ""
    if not _may_write(world, driver, value):
        _forget(world, index, driver)
        return False
    if fault != "lost":
        _apply(world, driver, value)
    if fault:
        world.tell(f"the answer of a commit is lost ({fault})")
        _forget(world, index, driver)
        opened.lease = -999
        return False
    return opened.value.number in world.rows.open


def _forget(world: World, index: int, driver: Driver) -> None:
    worker = world.workers[index]
    worker.drivers.pop(driver.open.value.number, None)
    worker.values.pop(driver.open.value.number, None)


def _may_write(world: World, driver: Driver, value: Rollout) -> bool:
    """A claim of before writes nothing; a death in the watch takes the service again only where no
    other rollout has begun."""
    opened = driver.open
    if opened.claim != driver.epoch or opened.revision != driver.revision:
        return False
    if opened.value.number not in world.rows.open:
        return False
    reopens = opened.value.end is not None and value.end is None
    return not (reopens and world.rows.active(opened.service))


def _apply(world: World, driver: Driver, value: Rollout) -> None:
    opened, before = driver.open, driver.open.value
    opened.value, opened.heard = value, driver.heard
    opened.revision += 1
    driver.revision = opened.revision
    for old, new in zip(before.targets.values(), value.targets.values(), strict=True):
        if old is not new and new.is_target:
            _write_target(world, opened, before, old, new)
    _tell(world, before, value)
    world.judge.changed(before, value)
    service = world.rows.services[opened.service]
    if value.withdrawn - before.withdrawn:
        service.withdrawn |= value.withdrawn
    if value.end is not None and before.end is None:
        world.judge.ended(value)
    if value.is_over:
        world.rows.over.append(Over(value, opened.service, opened.kind))
        del world.rows.open[value.number]


def _write_target(world: World, opened: Open, before: Rollout, old: Target, new: Target) -> None:
    moved = (old.stage, old.heading, old.attempt) != (new.stage, new.heading, new.attempt)
    if not moved and old.since == new.since:
        return
    row, value = world.rows.places[new.place], opened.value
    if world.telling and moved:
        why = f"{new.cause or ''} {new.problem.code if new.problem else ''}"
        world.tell(
            f"     {new.place}: {old.heading} {old.stage} -> {new.heading} {new.stage} {why}"
        )
    if new.stage is Stage.IN_HAND and old.stage is not Stage.IN_HAND:
        if new.planned.changes_version or new.heading is Heading.BACK:
            others = tuple(n for n in row.changed_by if n != value.number)
            row.changed_by = (*others, value.number)
    elif new.stage is Stage.WELL:
        _write_well(row, opened, new)
    elif old.stage is Stage.WELL and old.heading is Heading.FORTH:
        planned = old.planned
        row.wanted, row.up = planned.origin, planned.was_up
    if new.owed:
        row.owed = new.goal
    world.judge.moved(before, opened.value, old, new)


def _write_well(row: PlaceRow, opened: Open, new: Target) -> None:
    row.wanted, row.up, row.owed = new.goal, new.up or not new.goal, None
    row.orders = new.planned.orders
    if not new.goal:
        row.history = ()
    elif new.up:
        back = new.heading is Heading.BACK or opened.kind in ("rollback", "owed")
        row.history = append_well(row.history, new.goal, opened.value.number, going_back=back)


def _tell(world: World, before: Rollout, value: Rollout) -> None:
    if not world.telling:
        return
    if value.asks != before.asks:
        world.tell(f"     asks: {value.asks.code if value.asks else '(no more)'}")
    for name in ("halted", "paused", "cancelled", "end", "withdrawn", "watching"):
        was, now = getattr(before, name), getattr(value, name)
        if was != now:
            world.tell(f"     rollout {value.number} {name}: {now or '-'}")
