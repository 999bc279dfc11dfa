"""What somebody does at a moment of a history of the real level, by the dice."""

from random import Random

from slipway.core.rollout.value.questions import ANSWERS, Asks
from slipway.core.rollout.value.words import Word
from slipway.records.catalog.models import Service
from slipway.records.rollouts.models import Rollout
from tests.simulation.real.orders import ORDERS
from tests.simulation.real.people import People
from tests.simulation.real.starts import STARTS


def act(people: People, dice: Random) -> None:
    """Somebody does something; what, depends on the dice and on how things are."""
    name = dice.choice(people.town.shape.services)
    if people.town.is_database_away:
        return
    service = Service.objects.get(name=name)
    active = people.active(service)
    if active is not None and dice.random() < 0.75:
        _steer(people, active, dice)
    elif active is None and dice.random() < 0.8:
        dice.choice(STARTS)(people, service, dice)
    else:
        dice.choice(ORDERS)(people, service, dice)


def _steer(people: People, rollout: Rollout, dice: Random) -> None:
    if rollout.asks and dice.random() < 0.5:
        code = Asks(str(rollout.asks["code"]))
        people.answer(rollout, dice.choice(ANSWERS[code]))
        return
    words = (Word.PAUSE, Word.RESUME, Word.RESUME, Word.PROMOTE, Word.PROMOTE, Word.PROMOTE)
    word = dice.choice((*words, Word.CANCEL, Word.GONE))
    if word is Word.GONE:
        _say_gone(people, rollout, dice)
    elif word is not Word.CANCEL or dice.random() < 0.5:
        people.say(rollout, word)


def _say_gone(people: People, rollout: Rollout, dice: Random) -> None:
    lost = [
        target
        for target in rollout.targets.select_related("host").order_by("pk")
        if not people.town.fleet.machines[target.host.address].answers
    ]
    if lost and dice.random() < 0.3:
        people.say_gone(rollout, f"{lost[0].host.name}:{lost[0].port}")
