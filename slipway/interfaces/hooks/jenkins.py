"""Jenkins' notices: builds to look at. The secret comes in a header, for addresses are logged."""

from slipway.core.builds.orders import ServerKind
from slipway.core.reading.jenkins_notice import JenkinsNotice, parse_jenkins
from slipway.core.words.refusal import Invalid
from slipway.interfaces.hooks.letters import (
    UNREADABLE_JSON,
    Letter,
    no_json,
    prove,
    receives,
    require_any,
    turn_away,
)
from slipway.interfaces.hooks.proofs import Proof, token_proof
from slipway.records.builds.operations import deliveries
from slipway.records.builds.queries import hooks

SOURCE = "jenkins"


def _take(letter: Letter) -> None:
    token = letter.header("X-Slipway-Token")
    if not token:
        raise turn_away()
    proof = token_proof(token)
    notice = _notice(letter, proof)
    if notice is None:
        return
    found = hooks.list_hooked_by_projects({ServerKind.JENKINS: _jobs(notice.job)})
    for service in hooks.get_hooked_services(prove(proof, found)):
        if (build_id := notice.build_id(service.build_project)) is not None:
            deliveries.take_delivery(
                service=service,
                source=SOURCE,
                key=letter.key("Idempotency-Key"),
                event=notice.phase,
                external_id=build_id,
                source_address=letter.address,
                now=letter.at,
            )


def _notice(letter: Letter, proof: Proof) -> JenkinsNotice | None:
    """Return what it says, None when that is nothing of a build. What cannot be meant is told only
    to those who know a secret. Raises NotProven, Invalid."""
    try:
        if (values := letter.values()) is UNREADABLE_JSON:
            raise no_json()
        notice = parse_jenkins(values)
    except Invalid:
        require_any(letter, proof, (ServerKind.JENKINS,))
        raise
    if notice is None:
        require_any(letter, proof, (ServerKind.JENKINS,))
    return notice


def _jobs(job: str) -> list[str]:
    """Return the projects that the job may belong to: itself, or the multibranch one above it."""
    above = job.rpartition("/")[0]
    return [f"{start}{path}{end}" for path in (job, above) if path for start, end in _EDGES]


_EDGES = (("", ""), ("/", ""), ("", "/"), ("/", "/"))

take_jenkins = receives(_take)
