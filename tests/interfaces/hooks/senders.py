"""Build servers that send webhooks, and whoever pretends to be one."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

from django.test import Client

SECRET = "a secret of billing's webhooks"
SERVERS_SECRET = "a secret of the whole build server"
SHA = "bcbb5ec396a2c0f828686f14fac9b80b780504f2"
HTTP_URL = "https://gitlab.example.com/team/billing.git"


def send(where: str, body: bytes, headers: dict[str, str]) -> Any:
    """POST as a program does: no cookie, and no proof that a page of ours was seen."""
    client = Client(enforce_csrf_checks=True)
    return client.generic("POST", f"/hooks/{where}", body, "application/json", headers=headers)


def encoded(document: Any) -> bytes:
    return json.dumps(document).encode()


def notice(service: str = "billing", event: str = "push", **more: str) -> bytes:
    """Return the body of a generic webhook."""
    return encoded({"service": service, "event": event, **more})


def signed(body: bytes, secret: str = SECRET, at: float | None = None, key: str = "") -> Any:
    """Return the headers of a generic webhook; signed now, unless told otherwise."""
    timestamp = str(int(time.time() if at is None else at))
    text = f"{timestamp}.".encode() + body
    signature = hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
    return {
        "X-Slipway-Timestamp": timestamp,
        "X-Slipway-Signature": f"sha256={signature}",
        **({"Idempotency-Key": key} if key else {}),
    }


def standard(body: bytes, secret: bytes, id: str = "msg-1", at: float | None = None) -> Any:
    """Return the headers of a webhook that newer GitLabs sign."""
    timestamp = str(int(time.time() if at is None else at))
    made = hmac.new(secret, f"{id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": id,
        "webhook-timestamp": timestamp,
        "webhook-signature": "v1," + base64.b64encode(made).decode(),
        "X-Gitlab-Event": "Pipeline Hook",
    }


def pipeline(number: int = 31, project: int = 15, ref: str = "main", sha: str = SHA) -> bytes:
    """Return what GitLab tells of a pipeline."""
    return encoded(
        {
            "object_kind": "pipeline",
            "object_attributes": {"id": number, "ref": ref, "sha": sha, "status": "success"},
            "project": {"id": project, "path_with_namespace": f"team/project-{project}"},
        }
    )


def push(ref: str = "refs/heads/main", after: str = SHA, url: str = HTTP_URL) -> bytes:
    """Return what GitLab tells of a push."""
    return encoded(
        {
            "object_kind": "push",
            "ref": ref,
            "after": after,
            "project": {
                "id": 15,
                "path_with_namespace": "team/billing",
                "git_http_url": url,
                "git_ssh_url": "git@gitlab.example.com:team/billing.git",
            },
        }
    )


def gitlab(token: str, event: str = "Pipeline Hook", key: str = "") -> dict[str, str]:
    """Return GitLab's headers."""
    named = {"Idempotency-Key": key} if key else {}
    return {"X-Gitlab-Token": token, "X-Gitlab-Event": event, **named}


def jenkins(job: str = "team/billing", number: int = 18, phase: str = "COMPLETED") -> bytes:
    """Return what Jenkins' Notification plugin tells of a build."""
    path = "".join(f"job/{name}/" for name in job.split("/"))
    return encoded({"name": "x", "url": path, "build": {"number": number, "phase": phase}})
