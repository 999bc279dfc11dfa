"""Reads and writes the rows of the installation that is measured, in a process of its own.

`… fill SIZE` makes an empty one full; `… sessions N` prints cookies of so many people who are
signed in; `… queries PATH …` how many statements each page needs; `… board` the number of the
largest rollout that is under way; `… write ROLLOUT LINES PAUSE` writes lines into its log, and
prints the revision that they lead to.
"""

import json
import sys
import time

import django

django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.models import F  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from benchmarks.filled.grounds import lay_grounds, write_instances  # noqa: E402
from benchmarks.filled.size import LARGEST, PERSON, Size  # noqa: E402
from benchmarks.filled.stories import tell_stories  # noqa: E402
from slipway.project.installation.preparation import migrate  # noqa: E402
from slipway.records.accounts.models import User  # noqa: E402
from slipway.records.rollouts.models import UNDER_WAY, LogLine, Rollout, Step, Target  # noqa: E402

_MODULE = "django.contrib.auth.backends.ModelBackend"


def fill(size: Size) -> None:
    migrate()
    began = time.monotonic()
    with transaction.atomic():
        grounds = lay_grounds(size, timezone.now())
        tell_stories(grounds, write_instances(grounds))
    if connection.vendor == "postgresql":  # which does so by itself, a little later
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    counted = {
        "seconds": round(time.monotonic() - began),
        "rollouts": Rollout.objects.count(),
        "targets": Target.objects.count(),
        "steps": Step.objects.count(),
    }
    print(json.dumps(counted))


def sessions(count: int) -> None:
    for user in User.objects.order_by("pk")[:count]:
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = _MODULE
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        print(session.session_key)


def queries(paths: list[str]) -> None:
    """Ask in this process, where they can be counted: as the web process does otherwise."""
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(username=PERSON))
    for path in paths:
        client.get(path)  # what is asked once in a process
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(path)
        if answer.status_code != 200:
            raise LookupError(f"{path} is answered by {answer.status_code}")
        print(len(asked))


def write(rollout: int, lines: int, pause: float) -> None:
    rows = Rollout.objects.filter(pk=rollout)
    for _ in range(lines):
        began = time.monotonic_ns()
        with transaction.atomic():
            rows.update(rev=F("rev") + 1)
            revision = rows.values_list("rev", flat=True).get()
            LogLine.objects.create(
                rollout_id=rollout, text=f"written at {began}", at=timezone.now(), rev=revision
            )
        time.sleep(pause)
    print(revision)


def board() -> None:
    print(Rollout.objects.filter(UNDER_WAY, service__name=LARGEST).latest("pk").pk)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["fill", said]:
            fill(Size(**json.loads(said)))
        case ["sessions", number]:
            sessions(int(number))
        case ["write", number, lines, pause]:
            write(int(number), int(lines), float(pause))
        case ["queries", *paths]:
            queries(paths)
        case _:
            board()
