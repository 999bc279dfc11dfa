"""Keys to log in to hosts with."""

from datetime import datetime

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_ssh_private_key,
)
from django.db import transaction
from django.db.models import ProtectedError

from slipway.core.words.names import check_host_name, shown
from slipway.core.words.refusal import Invalid, Refused
from slipway.core.words.roles import Action
from slipway.records.accounts.rights import Actor
from slipway.records.audit.operations import record
from slipway.records.fleet.models import Environment, KeyGrant, SshKey
from slipway.records.fleet.queries import no_key
from slipway.records.rows.writing.uniqueness import refused_if_taken

PrivateKey = Ed25519PrivateKey | EllipticCurvePrivateKey | RSAPrivateKey
LONGEST_KEY = 32 * 1024


class KeyExists(Refused):
    """There is a key of that name."""

    code = "key_exists"


class KeyInUse(Refused):
    """Hosts there are opened by the key."""

    code = "key_in_use"


class NotGranted(Refused):
    """The key is not granted there."""

    code = "key_not_granted"


@transaction.atomic
def add_key(
    *, name: str, private_key: str, by: Actor, now: datetime, passphrase: str = ""
) -> SshKey:
    """Keep a private key (OpenSSH or PEM), encrypted by us. Raises Invalid, KeyExists."""
    by.require(Action.MANAGE_HOST)
    return _keep(name, _loaded(private_key, passphrase), by=by, now=now)


@transaction.atomic
def generate_key(*, name: str, by: Actor, now: datetime) -> SshKey:
    """Make an ed25519 key: only its public half is ever shown. Raises Invalid, KeyExists."""
    by.require(Action.MANAGE_HOST)
    return _keep(name, Ed25519PrivateKey.generate(), by=by, now=now)


@transaction.atomic
def grant_key(*, key: SshKey, environment: Environment, by: Actor, now: datetime) -> None:
    """Let hosts of an environment be opened by a key; granted twice is granted once."""
    by.require(Action.MANAGE_HOST)
    _, made = KeyGrant.objects.get_or_create(
        key=key, environment=environment, defaults={"created_at": now, "created_by": by.user}
    )
    if made:
        _tell("key.granted", key, environment, by, now)


@transaction.atomic
def revoke_key(*, key: SshKey, environment: Environment, by: Actor, now: datetime) -> None:
    """Let no host of an environment be opened by a key any more. Raises KeyInUse, NotGranted."""
    by.require(Action.MANAGE_HOST)
    used = key.hosts.filter(environment=environment).order_by("name").values_list("name", flat=True)
    if used:
        raise KeyInUse(
            "{hosts} of {environment} are opened by the key {key}.",
            hint="Give them another key first: slipway host change HOST --key KEY",
            hosts=shown(", ".join(used), 200),
            environment=environment.name,
            key=key.name,
        )
    if not KeyGrant.objects.filter(key=key, environment=environment).delete()[0]:
        raise NotGranted(
            "The key {key} is not granted to {environment}.",
            key=key.name,
            environment=environment.name,
        )
    _tell("key.revoked", key, environment, by, now)


@transaction.atomic
def remove_key(*, key: SshKey, by: Actor, now: datetime) -> None:
    """Forget a key for good, with what it is granted to. Raises KeyInUse."""
    by.require(Action.MANAGE_HOST)
    pk, before = key.pk, {"public_key": key.public_key}
    try:
        key.delete()
    except ProtectedError as error:
        used = key.hosts.order_by("name").values_list("name", flat=True)
        raise KeyInUse(
            "The key {key} still opens {hosts}.",
            hint="Give them another key first: slipway host change HOST --key KEY",
            hosts=shown(", ".join(used), 200),
            key=key.name,
        ) from error
    record("key.removed", "key", pk, key.name, by=by, now=now, before=before)


def may_use_key(key: SshKey, environment: Environment, by: Actor) -> bool:
    """Whether a host that `by` adds there may be opened by that key."""
    return key.grants.filter(environment=environment).exists() or by.may(Action.MANAGE_HOST)


def require_key(key: SshKey, environment: Environment, by: Actor, now: datetime) -> None:
    """A key opens every machine that trusts it, known here or not: so it is used where it is
    granted, and only admins over everything bring it to another environment: that grants it. Raises
    NotFound, as for a key that is not there."""
    if key.grants.filter(environment=environment).exists():
        return
    if not by.may(Action.MANAGE_HOST):
        raise no_key(key.name)
    grant_key(key=key, environment=environment, by=by, now=now)


def _keep(name: str, key: PrivateKey, *, by: Actor, now: datetime) -> SshKey:
    check_host_name(name)
    if len(name) > 64:
        raise Invalid("The name of a key is at most 64 characters.").at("name")
    private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    kept = SshKey(
        name=name,
        private_key=private.decode(),
        public_key=public.decode(),
        created_at=now,
        created_by=by.user,
    )
    taken = KeyExists(
        "There is a key {name} already.", hint="Add the new one under another name.", name=name
    ).at("name")
    with refused_if_taken(taken):
        kept.save()
    after = {"public_key": kept.public_key}
    record("key.added", "key", kept.pk, name, by=by, now=now, after=after)
    return kept


def _tell(verb: str, key: SshKey, environment: Environment, by: Actor, now: datetime) -> None:
    record(verb, "key", key.pk, key.name, by=by, now=now, environment=environment.name)


def _loaded(text: str, passphrase: str) -> PrivateKey:
    if len(text) > LONGEST_KEY:
        raise Invalid("This is longer than any private key.")
    data, password = text.strip().encode(errors="replace") + b"\n", passphrase.encode() or None
    try:
        key = (
            load_ssh_private_key(data, password)
            if "OPENSSH PRIVATE KEY" in text
            else load_pem_private_key(data, password)
        )
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        # The library's words could hold parts of the key: none of them is repeated.
        raise Invalid(
            "This is not a private key, or its passphrase is missing or wrong.",
            hint="Give the file that ssh-keygen made (without .pub), in OpenSSH or PEM form.",
        ) from error
    if not isinstance(key, PrivateKey):
        raise Invalid(
            "Keys of this kind cannot be used for SSH any more.", hint="Make an ed25519 key."
        )
    return key
