"""Whose words each column keeps: none keeps prose of ours.

What Slipway says is a sentence (`SentenceField`), or a code of a few that `interfaces` has words
for. A new column that can keep text is listed here by its model, with whose words it keeps.
"""

from collections.abc import Iterator

from django.apps import apps
from django.db import models

from slipway.records.rows.secrets.encrypted import EncryptedTextField
from slipway.records.rows.sentences import SentenceField

# Written by people, for people: shown as they are, in every language.
PERSONS = {
    "Environment": "freeze_windows",
    "Event": "reason",
    "Instance": "description locked_reason tag",
    "Lock": "reason release_reason",
    "Rollout": "reason",
    "Service": "description labels",
    "Host": "labels",
    "User": "first_name last_name",
    "Version": "description",
    "Withdrawal": "cleared_why reason",
}
# Said or printed by hosts, services, build servers and the programs of others.
PROGRAMS = {
    "BuildLogPart": "text",
    "Comparison": "commits",
    "Host": "facts",
    "LogLine": "text",
    "Step": "output",
    "Version": "build_log hidden_content",
}
# Names, addresses, settings: whoever chose them calls a thing so.
NAMES = {
    "Build": "commit_asked external_id project settings variables",
    "BuildServer": "base_url ca_certificate name package_bases proxy username",
    "Comparison": "base head url",
    "Delivery": "commit external_id key ref source_address",
    "Environment": "batches failure_budget left_out_budget max_unavailable name",
    "Event": "by_name environment service source thing_id thing_name token",
    "Grant": "environment service",
    "Host": "address host_key name root user",
    "Instance": "seen_drained_by seen_link seen_version",
    "LoginAttempt": "source username",
    "LoginPlace": "source",
    "Package": "filename path",
    "PersonsWord": "place",
    "Release": "spec",
    "ReleaseRule": "refs",
    "Rollout": "batches gone withdrawn without",
    "ServerCheck": "project",
    "Service": "build build_project build_url default_ref name spec",
    "SshKey": "name public_key",
    "Token": "environment name service",
    "User": "email password username",
    "Version": "build_url commit filename name ref service_spec spec",
    "Worker": "version",
}
# Codes, digests and ids of ours: `interfaces` has the words, where people are to read any.
CODES = {
    "Build": "claimed_by correlation log_position originator seen stage",
    "BuildServer": "kind",
    "Delivery": "event source",
    "Event": "thing_kind verb",
    "Grant": "role",
    "Host": "become state",
    "HostCheck": "claimed_by code",
    "Installation": "name",
    "Instance": "seen_boot seen_drift seen_fingerprint seen_process seen_started_with",
    "LaterClaim": "installation",
    "LogLine": "level step",
    "Package": "format sha256",
    "PersonsWord": "answer word",
    "Release": "fingerprint",
    "RememberedRequest": "fingerprint key",
    "RetentionRun": "claimed_by",
    "Rollout": "answered driver end halted kind plan_hash state",
    "Service": "build_origin language",
    "ShownPlan": "hash",
    "Step": "heading name ticket",
    "Target": "boot cause heading process stage state step way",
    "Token": "digest prefix role",
    "User": "language theme",
    "Version": "format",
    "Worker": "id taken_over_by",
}
# Values of ours, whose sentences are codes and values inside.
SENTENCES_INSIDE = {
    "Event": "after before",
    "RememberedRequest": "answer",  # as it was given: English, codes and values
    "Rollout": "asks plan",
    "ServerCheck": "findings",
    "ShownPlan": "plan",
}


def listed(*lists: dict[str, str]) -> list[str]:
    return sorted(
        f"{model}.{name}"
        for columns in lists
        for model, names in columns.items()
        for name in names.split()
    )


def columns_of_text() -> Iterator[str]:
    for model in apps.get_models():
        if not model.__module__.startswith("slipway."):
            continue
        for field in model._meta.fields:
            is_text = isinstance(field, models.CharField | models.TextField | models.JSONField)
            if is_text and not isinstance(field, SentenceField | EncryptedTextField):
                yield f"{model.__name__}.{field.name}"


def test_each_column_of_text_is_known_for_whose_words_it_keeps() -> None:
    """One that is missing here: say whose words it keeps; ours belong into a SentenceField."""
    known = listed(PERSONS, PROGRAMS, NAMES, CODES, SENTENCES_INSIDE)
    assert sorted(columns_of_text()) == known
