"""Answers with a rollout's changes as server-sent events; the API and the pages share it."""

from dataclasses import dataclass

from asgiref.sync import sync_to_async
from django.http import HttpRequest

from slipway.core.words.refusal import NotFound
from slipway.core.words.roles import Action
from slipway.interfaces.entrance.admission import Credentials, admitted_again, asker
from slipway.interfaces.live.at_once import send_now_of
from slipway.interfaces.live.doorbells import doorbell
from slipway.interfaces.live.live import live
from slipway.interfaces.live.sending import EventStream
from slipway.interfaces.live.shown import look
from slipway.interfaces.sentences import Narrowed
from slipway.records.accounts.rights import Actor
from slipway.records.rollouts.ask.queries import get_rollout, glance
from slipway.records.rows.sentences import Tell, told

FROM_THE_BEGINNING = -1  # rows that were never changed have revision 0


async def rollout_events(
    request: HttpRequest, rollout_id: int, after: int = FROM_THE_BEGINNING, tell: Tell = told
) -> EventStream:
    """Return the stream from revision `after` on; the header Last-Event-ID says it better. What
    it says, `tell` says.

    Raises NotFound for a rollout that the asker may not see, TooManyViewers.
    """
    actor = asker(request)
    rollout = await sync_to_async(get_rollout)(rollout_id, actor)
    sees_machines = _sees_machines(rollout.environment.name, actor)
    if not sees_machines:
        tell = Narrowed(tell)
    here = live(look, glance, doorbell)
    here.make_room(actor.name)
    last_id = request.headers.get("Last-Event-ID", "")
    seen = int(last_id) if last_id.isdecimal() and len(last_id) < 19 else after
    may_still = _MayStill(Credentials.of(request), rollout_id, sees_machines)
    send_now = send_now_of(getattr(request, "scope", {}))
    response = EventStream(here.watch(rollout_id, seen, actor.name, may_still, tell, send_now))
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"  # proxies must not collect it
    return response


def _sees_machines(environment: str, actor: Actor) -> bool:
    return actor.may(Action.VIEW_HOST, environment=environment)


@dataclass(frozen=True, slots=True)
class _MayStill:
    """Whether somebody may still look; the same one for all boards that they have open of it."""

    credentials: Credentials
    rollout_id: int
    saw_machines: bool

    def __call__(self) -> bool:
        actor = admitted_again(self.credentials)
        if actor is None:
            return False
        try:
            rollout = get_rollout(self.rollout_id, actor)
        except NotFound:
            return False
        return _sees_machines(rollout.environment.name, actor) or not self.saw_machines
