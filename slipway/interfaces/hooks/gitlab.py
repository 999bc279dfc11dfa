"""GitLab's webhooks: pipelines to look at, and pushes to repositories that commands build."""

from collections.abc import Callable, Iterator
from functools import partial

from slipway.core.builds.orders import ServerKind
from slipway.core.reading.gitlab_notice import PipelineNotice, parse_gitlab
from slipway.interfaces.hooks.letters import (
    UNREADABLE_JSON,
    Letter,
    name_in,
    no_json,
    prove,
    receives,
    require_any,
    turn_away,
)
from slipway.interfaces.hooks.proofs import Proof, is_fresh, standard_proof, token_proof
from slipway.records.builds.operations import deliveries, pushes
from slipway.records.builds.queries import hooks

SOURCE = "gitlab"
_KINDS = (ServerKind.GITLAB, ServerKind.COMMAND)
_URLS = ("git_http_url", "git_ssh_url", "http_url", "ssh_url", "web_url", "url", "homepage")


def _take(letter: Letter) -> None:
    proof, key = _proof(letter)
    values = letter.values()
    ids = [name_in(values, "project", key) for key in ("id", "path_with_namespace")]
    urls = [name_in(values, "project", key) for key in _URLS]
    if not any(ids) and not any(urls):
        require_any(letter, proof, _KINDS)
        if values is UNREADABLE_JSON:
            raise no_json()
        parse_gitlab(letter.header("X-Gitlab-Event"), values)
        return
    projects = {
        ServerKind.GITLAB: list(filter(None, ids)),
        ServerKind.COMMAND: list(_spellings(urls)),
    }
    proven = prove(proof, hooks.list_hooked_by_projects(projects))
    event = letter.header("X-Gitlab-Event")
    notice = parse_gitlab(event, values)
    if notice is None:
        return
    take: Callable[..., object] = pushes.take_push
    # Where GitLab builds, a push has started a pipeline already, and that one is told, too.
    kind = ServerKind.COMMAND
    if isinstance(notice, PipelineNotice):
        take = partial(deliveries.take_delivery, external_id=notice.pipeline)
        kind = ServerKind.GITLAB
    for service in hooks.get_hooked_services(proven):
        if service.build_server is not None and service.build_server.kind == kind:
            take(
                service=service,
                source=SOURCE,
                key=key,
                event=event,
                ref=notice.ref,
                commit=notice.commit,
                source_address=letter.address,
                now=letter.at,
            )


def _proof(letter: Letter) -> tuple[Proof, str]:
    """Return the proof, and what tells the letter from others. Raises NotProven where there is
    nothing that could prove it."""
    signature = letter.header("webhook-signature")
    if not signature:
        if not (token := letter.header("X-Gitlab-Token")):
            raise turn_away()
        # The event's id last: a retry has it, too, but it was not made for this.
        key = letter.key("Idempotency-Key", "webhook-id", "X-Gitlab-Event-UUID")
        return token_proof(token), key
    timestamp, said = letter.header("webhook-timestamp"), letter.header("webhook-id")
    if not said or not is_fresh(timestamp, letter.at):
        raise turn_away()
    signed = f"{said}.{timestamp}.".encode("latin-1", "replace") + letter.body
    # Only the id that is signed: whoever copies the letter can change the other headers.
    return standard_proof(signature, signed), letter.key("webhook-id")


def _spellings(urls: list[str]) -> Iterator[str]:
    """Yield the ways in which people write the address of a repository."""
    for url in filter(None, urls):
        plain = url.rstrip("/").removesuffix(".git")
        yield from (plain, f"{plain}.git", f"{plain}/", f"{plain}.git/")


take_gitlab = receives(_take)
