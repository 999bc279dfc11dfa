"""Many hosts at once, from a file that another tool reads."""

import base64
import binascii
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from slipway.core.reading.inventory.encodings import decoded
from slipway.core.reading.inventory.reading import HostList, parse_hosts
from slipway.core.words.refusal import Invalid
from slipway.core.words.roles import Action
from slipway.core.words.sentence import Sentence
from slipway.interfaces.api.frame.policy import Over, policy
from slipway.interfaces.api.frame.reasons import SaidOut, said_out
from slipway.interfaces.api.frame.values import Input, Labels, Line, LongText, Word, answers
from slipway.interfaces.entrance.admission import asker
from slipway.records.fleet import queries
from slipway.records.fleet.operations import imports
from slipway.records.fleet.queries import visible_environment

router = Router(tags=["hosts"])
_PLAIN = ("name", "address", "port", "user", "root", "become", "labels")


class HostFile(Input):
    """A file of hosts: its `text`, or its bytes as base64 in `content`, whose encoding is then
    found out unless `encoding` names it. `format` says what it is where the name does not."""

    text: LongText = ""
    content: LongText = ""
    filename: Line
    encoding: Word = ""
    format: Word = ""
    environment: Word = ""
    key: Word = ""
    user: Word = ""
    become: Word = ""
    root: Line = ""
    labels: Labels = {}
    update: bool = False
    dry_run: bool = False


class ImportedHost(Schema):
    """A host as the import makes or changes it."""

    action: str  # add, change
    name: str
    address: str
    port: int
    user: str
    root: str
    become: str
    environment: str
    key: str
    labels: dict[str, str]


class ImportReport(Schema):
    added: list[str]
    changed: list[str]
    skipped: list[str]
    hosts: list[ImportedHost]
    problems: list[str]
    problems_told: list[SaidOut]  # the same, as code and values
    left_out: list[str]  # what the file says and no host has
    left_out_told: list[SaidOut]
    format: str
    encoding: str
    dry_run: bool


@router.post("/import", response=answers(ImportReport))
@policy(Action.MANAGE_HOST, Over.ENVIRONMENT)
def import_hosts(request: HttpRequest, body: HostFile) -> object:
    """Add the hosts of a CSV file, an Ansible inventory or an SSH configuration; `dry_run` says
    what that would do."""
    actor = asker(request)
    environment = visible_environment(body.environment, actor) if body.environment else None
    if environment:
        actor.require(Action.MANAGE_HOST, environment=environment.name)
    else:
        # The file names environments of its own: those are asked for host by host, and reported.
        actor.require_somewhere(Action.MANAGE_HOST)
    text, encoding = _text_of(body)
    hosts = parse_hosts(text, body.filename, body.format)
    report = imports.import_hosts(
        entries=hosts,
        environment=environment,
        key=queries.visible_key(body.key, actor) if body.key else None,
        user=body.user,
        become=body.become,
        root=body.root,
        labels=body.labels,
        update=body.update,
        dry_run=body.dry_run,
        by=actor,
        now=timezone.now(),
    )
    return _answer(report, hosts, encoding, body)


def _text_of(body: HostFile) -> tuple[str, str]:
    if bool(body.text) == bool(body.content) and body.content:
        raise Invalid("A file is sent as its text or as its content, not as both.")
    if not body.content:
        marked = body.text.startswith("\N{ZERO WIDTH NO-BREAK SPACE}")
        return body.text, "utf-8-sig" if marked else "utf-8"
    try:
        content = base64.b64decode(body.content, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid("The content of the file is not base64.") from error
    return decoded(content, body.encoding)


def _answer(
    report: imports.ImportReport, hosts: HostList, encoding: str, body: HostFile
) -> dict[str, Any]:
    left_out = [*hosts.left_out, *report.notes]
    return {
        "added": report.added,
        "changed": report.changed,
        "skipped": report.skipped,
        "hosts": [
            {
                "action": action,
                **{name: getattr(host, name) for name in _PLAIN},
                "environment": host.environment.name,
                "key": host.key.name,
            }
            for action, host in report.planned
        ],
        **_said("problems", list(report.problems)),
        **_said("left_out", left_out),
        "format": hosts.format,
        "encoding": encoding,
        "dry_run": body.dry_run,
    }


def _said(name: str, sentences: list[Sentence]) -> dict[str, Any]:
    whole = [Sentence.joined(each, each.advice) if each.advice else each for each in sentences]
    return {
        name: [sentence.english for sentence in whole],
        f"{name}_told": [said_out(sentence) for sentence in sentences],
    }
