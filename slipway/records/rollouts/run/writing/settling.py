"""What becomes of places: what is wanted there, their status, their history of well states."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from slipway.core.hosts.drift_words import kept
from slipway.core.rollout.chains import kind_of
from slipway.core.rollout.value.rollout import Target as TargetValue
from slipway.core.rollout.value.words import Heading, Stage
from slipway.core.words.instances import failed, settled, transitional
from slipway.core.words.kinds import RolloutKind
from slipway.records.fleet.models import Instance
from slipway.records.rollouts.histories.well_states import (
    NewWell,
    close_histories,
    note_well,
    write_wanted,
)
from slipway.records.rollouts.models import Target
from slipway.records.rollouts.run.loading import Loaded, TargetRow
from slipway.records.rows.writing.many import update_each

AT_ONCE = 500
INSTANCE_FIELDS = (
    *("status", "healthy", "up", "owed_id", "seen_version", "seen_link", "seen_fingerprint"),
    *("seen_started_with", "seen_process", "seen_boot", "seen_drained_by", "seen_hook_owed"),
    *("seen_bare", "seen_drift", "seen_why", "seen_at"),
)


@dataclass(frozen=True, slots=True)
class Move:
    """A target that has changed."""

    place: str
    row: TargetRow
    old: TargetValue
    new: TargetValue

    def enters(self, stage: Stage) -> bool:
        """Whether it has come to a stage, or come there anew on another heading."""
        if self.new.stage is not stage:
            return False
        same = (self.old.stage, self.old.heading, self.old.attempt)
        return same != (self.new.stage, self.new.heading, self.new.attempt)

    def leaves(self, stage: Stage) -> bool:
        return self.old.stage is stage and self.new.stage is not stage


def settle(loaded: Loaded, moves: Sequence[Move], rev: int, now: datetime) -> None:
    """Write what the moves of targets make of their places, in a handful of queries."""
    concerned = [
        move
        for move in moves
        if move.enters(Stage.IN_HAND)
        or move.enters(Stage.WELL)
        or move.enters(Stage.OUT)
        or move.leaves(Stage.WELL)
    ]
    if not concerned:
        return
    rows = _targets(concerned)
    fresh = [move for move in concerned if _needs_instance(move, rows[move.row.id])]
    if fresh:
        _make_instances(loaded, fresh, rows, now)
    _keep_status([move for move in concerned if move.enters(Stage.IN_HAND)], rows)
    gone: list[Instance] = []
    kept: list[Instance] = []
    for move in concerned:
        row = rows[move.row.id]
        if row.instance is None:
            continue
        stays = _Place(loaded, move, row, row.instance, now).settle()
        (kept if stays else gone).append(row.instance)
    _save(kept)
    _remember(loaded, concerned, rows, now)
    _remove(loaded, gone, now)


def _targets(moves: Sequence[Move]) -> dict[int, Target]:
    ids = [move.row.id for move in moves]
    rows: dict[int, Target] = {}
    for first in range(0, len(ids), AT_ONCE):
        found = Target.objects.select_related("instance").defer("problem")
        some = found.filter(pk__in=ids[first : first + AT_ONCE])
        rows |= {row.pk: row for row in some}
    return rows


def _needs_instance(move: Move, row: Target) -> bool:
    return move.enters(Stage.IN_HAND) and row.instance is None and bool(move.new.goal)


def _make_instances(
    loaded: Loaded, moves: Sequence[Move], rows: dict[int, Target], now: datetime
) -> None:
    instances = [_new_instance(loaded, move, rows[move.row.id], now) for move in moves]
    made = Instance.objects.bulk_create(instances, batch_size=AT_ONCE)
    for move, instance in zip(moves, made, strict=True):
        row = rows[move.row.id]
        row.instance, row.created_instance = instance, True
    update_each(
        Target,
        (
            ({"id": move.row.id}, {"instance": instance.pk, "created_instance": True})
            for move, instance in zip(moves, made, strict=True)
        ),
    )


def _new_instance(loaded: Loaded, move: Move, row: Target, now: datetime) -> Instance:
    planned = loaded.places[move.place]
    return Instance(
        service_id=loaded.service_id,
        environment_id=loaded.environment_id,
        host_id=row.host_id,
        port=row.port,
        weight=planned.weight,
        tag=planned.tag,
        version_id=row.to_version_id,
        release_id=row.to_release_id,
        status=transitional(RolloutKind.DEPLOY),
        created_at=now,
        created_by_id=loaded.started_by,
    )


def _keep_status(moves: Sequence[Move], rows: dict[int, Target]) -> None:
    """Write down what places were before anything was done there."""
    kept: list[tuple[dict[str, object], dict[str, object]]] = []
    for row in (rows[move.row.id] for move in moves):
        if row.instance and row.status_before is None and not row.created_instance:
            row.status_before = row.instance.status
            kept.append(({"id": row.pk}, {"status_before": row.status_before}))
    update_each(Target, kept)


@dataclass(slots=True)
class _Place:
    """One place, and what a move makes of it."""

    loaded: Loaded
    move: Move
    row: Target
    instance: Instance
    now: datetime

    def settle(self) -> bool:
        """Change the instance; returns whether it stays."""
        self._note_seen()
        if self.move.enters(Stage.WELL):
            return self._well()
        if self.move.leaves(Stage.WELL):
            self._revoke()
        if self.move.enters(Stage.IN_HAND):
            self._begin()
        elif self.move.enters(Stage.OUT):
            return self._out()
        return True

    @property
    def _kind(self) -> RolloutKind:
        return kind_of(self.loaded.plan, self.move.new)

    def _begin(self) -> None:
        self.instance.status = transitional(self._kind)

    def _well(self) -> bool:
        new, instance = self.move.new, self.instance
        if not new.goal:
            return False
        instance.status = settled(RolloutKind.STOP if not new.up else self._kind)
        instance.healthy = True if new.up else None
        instance.up = new.up
        instance.owed_id = None
        return True

    def _revoke(self) -> None:
        self.instance.healthy = False
        self.instance.status = transitional(self._kind)

    def _out(self) -> bool:
        new = self.move.new
        if not new.touched:
            # Nothing was put there: an instance that never was is not left behind.
            if self.row.created_instance:
                return False
            if self.row.status_before is not None:
                self.instance.status = self.row.status_before
            return True
        self.instance.status = failed(self._kind)
        self.instance.healthy = False
        self.instance.seen_why = new.problem
        if new.look is None:
            # What was seen there was before it was touched.
            self.instance.seen_link = self.instance.seen_fingerprint = ""
            self.instance.seen_bare = None
        if new.owed:
            self.instance.owed_id = (
                self.row.next_back_release_id if new.goes_further else self.row.back_release_id
            )
        return True

    def _note_seen(self) -> None:
        look = self.move.new.look
        if look is None:
            return
        instance = self.instance
        instance.seen_version, instance.seen_link = look.running.version, look.link.version
        instance.seen_fingerprint = look.link.fingerprint
        instance.seen_started_with = f"{look.running.fingerprint}.{look.orders}"
        instance.seen_process, instance.seen_boot = look.process, look.boot
        instance.seen_drained_by, instance.seen_hook_owed = look.drained_by, look.hook_owed
        instance.seen_bare = not look.link
        instance.seen_drift = kept(look.drift)
        instance.seen_why = look.why
        instance.seen_at = self.now


def _save(instances: Sequence[Instance]) -> None:
    # In the order in which looks lock them: or each would wait for the other.
    update_each(
        Instance,
        (
            (
                {"id": instance.pk},
                {name.removesuffix("_id"): getattr(instance, name) for name in INSTANCE_FIELDS},
            )
            for instance in sorted(instances, key=lambda each: each.pk)
        ),
    )


def _remember(
    loaded: Loaded, moves: Sequence[Move], rows: dict[int, Target], now: datetime
) -> None:
    """What is wanted from now on; a place that was done and well has one more well state. A success
    that is revoked writes wanted back to what it was; its entry stays."""
    entries: list[NewWell] = []
    wanted: dict[tuple[int, int], int] = {}
    for move in moves:
        row = rows[move.row.id]
        release = _wanted(move, row)
        if release is None or row.instance is None:
            continue
        if move.enters(Stage.WELL) and move.new.up:
            entries.append(_entry(loaded, move, row, release))
        else:
            wanted[row.host_id, row.port] = release
    if entries:
        note_well(entries, now)
    if wanted:
        write_wanted(loaded.service_id, wanted)


def _wanted(move: Move, row: Target) -> int | None:
    """Return the release that a place is to be at from now on; None: as it was."""
    new = move.new
    if move.enters(Stage.WELL):
        if new.heading is Heading.FORTH:
            return row.to_release_id
        return row.next_back_release_id if new.goes_further else row.back_release_id
    is_revoked = move.leaves(Stage.WELL) and move.old.heading is Heading.FORTH
    return row.from_release_id if is_revoked else None


def _entry(loaded: Loaded, move: Move, row: Target, release: int) -> NewWell:
    return NewWell(
        service_id=loaded.service_id,
        host_id=row.host_id,
        port=row.port,
        release_id=release,
        rollout_id=loaded.value.number,
        going_back=move.new.heading is Heading.BACK or loaded.plan.kind is RolloutKind.REVERT,
    )


def _remove(loaded: Loaded, instances: Sequence[Instance], now: datetime) -> None:
    if not instances:
        return
    places = [(each.host_id, each.port) for each in instances]
    close_histories(loaded.service_id, places, now)
    ids = [each.pk for each in instances]
    for first in range(0, len(ids), AT_ONCE):
        some = ids[first : first + AT_ONCE]
        Target.objects.filter(instance__in=some).update(instance=None)
        Instance.objects.filter(pk__in=some).delete()
