"""Rules of the brain, each broken on purpose: (module, old, new) and the seeds that kill it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutant:
    """`module` of slipway.core.rollout; `seeds`: within how many histories it is killed."""

    module: str
    old: str
    new: str
    seeds: int = 1500


_M = Mutant
MUTANTS: dict[str, Mutant] = {
    # --- what a look says
    "link alone is done": _M("looks", "runs = self.link == release and self.running == release", "runs = self.link == release"),
    "running alone is done": _M("looks", "runs = self.link == release and self.running == release", "runs = self.running == release"),
    "hook forgotten": _M("looks", " and not self.hook_owed and self.serves", " and self.serves"),
    "drained serves": _M("looks", "self.healthy and not self.drained_by and not self.busy", "self.healthy and not self.busy"),
    "busy serves": _M("looks", "self.healthy and not self.drained_by and not self.busy", "self.healthy and not self.drained_by"),
    "success without a probe": _M("looks", "and not self.hook_owed and self.serves", "and not self.hook_owed"),
    "orders forgotten": _M("looks", "return runs and self.orders == orders and", "return runs and"),
    "stopped by being dead": _M("looks", "self.link == release and not self.running and not self.enabled", "self.link == release and not self.running"),
    # --- where the way back leads
    "back to what is withdrawn": _M("history", " and version not in unfit:", ":"),
    "back and forth": _M("history", "is_under = depth is None or entry.depth < depth", "is_under = True"),
    "settings are a step back": _M("history", "return history[-1].depth if stays else history[-1].depth + 1", "return history[-1].depth + 1"),
    "back is a new top": _M("history", "    if going_back:\n", "    if False:\n"),
    "overtaken ignored": _M("history", "return any(number > rollout for number in changed_by)", "return False"),
    "withdrawn meanwhile is a way back": _M("targets", "return back is not None and back.version in draft.rollout.withdrawn_elsewhere", "return False"),
    # --- what is heard
    "error means failed": _M("happen", "draft.put(changed(target, look=None, lost=True, lost_why=why, is_ours=is_ours))", "targets.failed(draft, target, why, Cause.VERSION) if target.stage is Stage.IN_HAND else draft.put(changed(target, look=None, lost=True, lost_why=why, is_ours=is_ours))"),
    "error means unchanged": _M("happen", "draft.put(changed(target, look=None, lost=True, lost_why=why, is_ours=is_ours))", "draft.put(changed(target, lost=True, lost_why=why, is_ours=is_ours))"),
    "gap forgets nothing": _M("happen", "target, look=None, lost=False, cleared_in=-1, ill_looks=0, heard_at=draft.driven", "target, cleared_in=-1, ill_looks=0, heard_at=draft.driven"),
    "gap counts as patience": _M("happen", "ill_looks=0, heard_at=draft.driven", "ill_looks=0, lost_why=None"),
    "a hold leaves out": _M("happen", "elif not hindrance.holds:", "else:"),
    "a lock of the place is nothing": _M("happen", "    if hindrance is None:\n", "    if hindrance is None or not hindrance.holds:\n"),
    "pause forgotten": _M("happen", "draft.change(paused=True)", "draft.change(paused=False)"),
    "cancel forgotten": _M("happen", "draft.change(cancelled=True, paused=False, asks=None)\n        case Word.GONE", "draft.change(paused=False, asks=None)\n        case Word.GONE"),
    "success without a look": _M("answers", "        if target.is_done:\n            found_well(draft, target)\n        else:\n            failed(", "        found_well(draft, target)\n        if False:\n            failed("),
    "lost arrival is in hand": _M("answers", "    if report is None or report.ticket != draft.rollout.ticket(target):", "    if report is None:\n        return\n    if report.ticket != draft.rollout.ticket(target):"),
    "any report will do": _M("answers", "    if report is None or report.ticket != draft.rollout.ticket(target):", "    if report is None:"),
    "reboots for ever": _M("answers", "elif target.attempt + 1 < draft.rollout.policy.attempts:", "else:\n        draft.move(target, Stage.ASKED, attempt=target.attempt + 1, turn=draft.driven)\n    if False:"),
    "survived reboots are not counted": _M("answers", "target.heading is Heading.FORTH and target.losses > 0:", "False:"),
    "deaths not noticed": _M("answers", "        elif look.process != target.process or not look.running:\n", "        elif False:\n"),
    "a reboot is a death": _M("answers", "        if look.boot != target.boot:\n", "        if False:\n"),
    "restarted is not dead": _M("answers", "if target.is_done and look.process == target.process:", "if target.is_done:"),
    "host's failure is the version's": _M("answers", "report.problem or say.step_failed(target), report.fault)", "report.problem or say.step_failed(target), Cause.VERSION)"),
    "ticket without attempt": _M("value", 'return f"{target.heading.value}-{target.attempt}"', 'return f"{target.heading.value}-0"'),
    "ticket without heading": _M("value", 'return f"{target.heading.value}-{target.attempt}"', 'return f"{target.attempt}"'),
    # --- blame
    "no control": _M("judging", "    if any(each.look and each.look.healthy for each in heard):", "    if True:"),
    "ill control forgotten": _M("judging", "elif _all_silent(draft, target, controls) and draft.rollout.asks is None:\n        if controls and target.reprieved and not _may_go_on(draft):", "elif _all_silent(draft, target, controls):\n        if False:"),
    "withdrawn without proof": _M("judging", "    if draft.rollout.is_proven_guilty or _is_back(", "    if True or _is_back("),
    "ill before proves": _M("judging", "return target.touched and is_change and planned.was_well", "return target.touched and is_change"),
    "restarts withdraw": _M("judging", "is_change = planned.changes_version and bool(planned.goal)", "is_change = True"),
    "stopped is well": _M("judging", "        t.up and t.planned.changes_version and", "        t.planned.changes_version and"),
    "well on others is withdrawn": _M("judging", "if not guilty or (len(failed) == 1 and _is_well_on_others(draft)):", "if not guilty:"),
    "ill control of its own": _M("controls", "return target.look is None or planned.origin.is_like(target.look.running)", "return True"),
    # --- budgets, halts, the way back
    "failures not counted": _M("halting", "if len(blamed) > policy.failures:", "if len(blamed) > 99:"),
    "canary not counted": _M("halting", "if has_canary and len(canaries) > policy.canary_failures:", "if False:"),
    "left out not counted": _M("halting", "if len(behind) > policy.left_out else None", "if len(behind) > 99 else None"),
    "errors of ours halt": _M("halting", "draft.with_cause(Cause.HOST, Cause.WEATHER)", "draft.with_cause(Cause.HOST, Cause.WEATHER, Cause.OURS)"),
    "cancel ignored": _M("halting", "    if draft.rollout.cancelled:\n        _begin_no_more(draft)", "    return"),
    "half-way is not begun": _M("halting", "if target.attempt > 0 and target.touched:", "if False:"),
    "begun after the halt": _M("halting", "    _begin_no_more(draft)\n    _take_all_back(draft)", "    _take_all_back(draft)"),
    "late success stays": _M("halting", "    _begin_no_more(draft)\n    _take_all_back(draft)", "    _begin_no_more(draft)"),
    "weather takes all back": _M("halting", "if draft.rollout.halted is not Cause.VERSION or draft.rollout.cancelled:", "if draft.rollout.cancelled:"),
    "cancel takes all back": _M("halting", "if draft.rollout.halted is not Cause.VERSION or draft.rollout.cancelled:", "if draft.rollout.halted is not Cause.VERSION:"),
    "nothing goes back": _M("targets", "if not (target.touched and target.can_go_back and draft.rollout.policy.goes_back):", "if True:"),
    "back only when halted": _M("targets", "if not (target.touched and target.can_go_back and draft.rollout.policy.goes_back):", "if not (target.touched and target.can_go_back and draft.rollout.policy.goes_back and draft.rollout.halted):"),
    "untouched goes back": _M("targets", "if not (target.touched and target.can_go_back and", "if not (target.can_go_back and"),
    "new is not removed": _M("value", "            self.planned.is_new and self.planned.changes_version\n", "            False\n"),
    "failed back is forgotten": _M("targets", "        problem = say.could_not_go_back(target, why)\n        return draft.move(target, Stage.OUT, problem=problem, owed=True)\n    target = replace", "        problem = say.could_not_go_back(target, why)\n        return draft.move(target, Stage.OUT, problem=problem)\n    target = replace"),
    "a cause is written over": _M("targets", "cause=target.cause or cause, problem=why", "cause=cause, problem=None"),
    # --- turns and room
    "one too many away": _M("room", "if away < draft.rollout.policy.allowed_away:", "if away <= draft.rollout.policy.allowed_away:"),
    "room of targets only": _M("draft", "        if target.takes_room:\n", "        if target.takes_room and target.is_target:\n"),
    "in hand serves": _M("value", "return in_hand or self.look is None or not self.look.serves", "return self.look is None or not self.look.serves"),
    "not known serves": _M("value", "return in_hand or self.look is None or not self.look.serves", "return in_hand or (self.look is not None and not self.look.serves)"),
    "stopped is away": _M("value", "        if not (self.up if self.stage is Stage.WELL else self._was_meant_up):\n            return False\n", ""),
    "way back waits for room": _M("room", "return target.heading is Heading.BACK and not going", "return False"),
    "way back all at once": _M("room", "return target.heading is Heading.BACK and not going", "return target.heading is Heading.BACK"),
    "none serves, none asked": _M("turns", "    if is_unknown_whether_any_serves(draft):\n        return set()\n", ""),
    "an old look will do": _M("value", "return self.look is not None and self.looked_at >= moment", "return self.look is not None"),
    "pause ignored": _M("turns", "if rollout.paused or rollout.asks is not None or draft.has(Stage.SUSPECT):", "if rollout.asks is not None or draft.has(Stage.SUSPECT):"),
    "questions ignored": _M("turns", "if rollout.paused or rollout.asks is not None or draft.has(Stage.SUSPECT):", "if rollout.paused or draft.has(Stage.SUSPECT):"),
    "suspects hold nobody": _M("turns", "if rollout.paused or rollout.asks is not None or draft.has(Stage.SUSPECT):", "if rollout.paused or rollout.asks is not None:"),
    "gates only at the call": _M("turns", "return {batch for batch in batches if may_begin(draft, batch)}", "return batches"),
    "canary proves nothing": _M("turns", "    if target.planned.batch == 1 or draft.has(Stage.WELL, heading=Heading.FORTH):", "    if True:"),
    "no promotion": _M("turns", "return promoted or not draft.rollout.policy.needs_promotion", "return True"),
    "no bake": _M("turns", "    return _bake_was_seen(draft, target) or _bake_was_lost(draft, target)", "    return True"),
    "bake without a look": _M("turns", "return target.is_done and target.looked_at - target.since >= draft.rollout.policy.bake", "return draft.driven - target.since >= draft.rollout.policy.bake"),
    "rows not asked": _M("turns", "    return cleared and is_fresh(target)", "    return is_fresh(target)"),
    "rows asked early": _M("turns", "cleared = target.cleared_in == draft.rollout.beat or", "cleared = target.cleared_in >= 0 or"),
    "from not compared": _M("turns", "if not target.planned.origin.is_like(look.link):", "if False:"),
    "from compared on the way back": _M("turns", "elif target.heading is Heading.FORTH and target.attempt == 0:", "else:"),
    "obstacle not looked at": _M("turns", "    elif look.obstacle is not None and target.up:", "    elif False:"),
    "restart is done already": _M("turns", "if target.is_done and not target.planned.anew:", "if target.is_done:"),
    "without goes along": _M("turns", "        if target.place in draft.rollout.without and target.attempt == 0:", "        if False:"),
    # --- giving up, asking, ending
    "patience without asking": _M("targets", "return target.lost and draft.driven", "return draft.driven"),
    "patience from the turn on": _M("targets", "silent_since = max(target.since, target.heard_at)", "silent_since = target.since"),
    "deadline means done": _M("giving_up", "            leave_out(draft, target, _cause(target), say.not_known(target))", "            draft.move(target, Stage.WELL)"),
    "deadline means version": _M("giving_up", "            leave_out(draft, target, _cause(target), say.not_known(target))", "            leave_out(draft, target, Cause.VERSION, say.not_known(target))"),
    "ours is weather": _M("giving_up", "return Cause.OURS if target.is_ours else Cause.WEATHER", "return Cause.WEATHER"),
    "owed is tried for ever": _M("giving_up", "if not target.owed or target.attempt >= draft.rollout.policy.attempts:", "if not target.owed:"),
    "never asks for room": _M("asking", "    if any(is_fresh(t) and has_waited(draft, t) for t in waiting):", "    if False:"),
    "weather never clears": _M("asking", "    if is_over and question is not None and question.code is code:\n        draft.change(asks=None)", "    if False:\n        draft.change(asks=None)"),
    "errors of ours are not asked about": _M("asking", "    if question or not ill or Asks.OURS", "    if True or Asks.OURS"),
    "ends while baking": _M("ends", "if not rollout.cancelled and not all(is_baked(draft, target) for target in well):", "if False:"),
    "taken back, more or less": _M("ends", "return End.TAKEN_BACK if is_back else End.NOT_ALL_BACK", "return End.TAKEN_BACK"),
    "cancelled before the bake is success": _M("ends", "    if all(_is_forth(target) for target in targets) and all(seen):", "    if all(_is_forth(target) for target in targets):"),
    "watch ends at once": _M("ends", "elif rollout.driven - rollout.ended_at >= rollout.policy.watch:", "else:"),
    "watch without looking": _M("decide", "        notice_deaths(draft)\n        end_watch(draft)", "        end_watch(draft)"),
    "left out is looked at no more": _M("commands", "        case _:\n", "        case Stage.OUT if target.is_target:\n            return Ask(target.place, soon=False) if target.look is None else Clear(target.place)\n        case _:\n"),
    "sent before it is written": _M("commands", "        case Stage.IN_HAND if target.is_heard_since(target.turn):", "        case Stage.IN_HAND | Stage.ASKED if target.is_heard_since(target.turn):"),
}  # fmt: skip
