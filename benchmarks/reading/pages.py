"""The pages that are asked for."""

from benchmarks.filled.size import LARGEST, Size


def pages_of(size: Size, board: str) -> dict[str, str]:
    """Return addresses by what is asked for; `board` is the number of the rollout that is
    largest."""
    service = size.service(size.services // 2)  # one of many, with a handful of places
    host = size.host(size.hosts // 2)
    runs, newest = size.version(-2), size.version(-1)
    plan = f"/rollouts/new?kind=upgrade&environment=prod&version={newest}&service="
    return {
        "home": "/",
        "services": "/services",
        "services, a word": "/services?where=billing",
        "services, a label": "/services?where=team:team-7",
        "services, state:ill": "/services?where=state:ill",
        "services, state:attention": "/services?where=state:attention",
        "services, the fifth page": "/services?after=ledger",
        "a service": f"/services/{service}",
        "a service of 1,000 places": f"/services/{LARGEST}",
        "its versions": f"/services/{LARGEST}/versions",
        "a version": f"/services/{service}/versions/{runs}",
        "a version on 1,000 places": f"/services/{LARGEST}/versions/{runs}",
        "hosts": "/hosts",
        "hosts, a label": "/hosts?where=rack:r7",
        "hosts, state:unreachable": "/hosts?where=state:unreachable",
        "a host": f"/hosts/{host}",
        "environments": "/environments",
        "an environment": "/environments/prod",
        "rollouts": "/rollouts",
        "rollouts, state:failed": "/rollouts?where=state:failed",
        "rollouts, a host": f"/rollouts?where=host:{host}",
        "rollouts, a label": "/rollouts?where=team:team-7",
        "a plan": plan + service,
        "a plan of 1,000 places": plan + LARGEST,
        "a board of 1,000 places": f"/rollouts/{board}",
        "its head": f"/rollouts/{board}/head",
        "packages": "/packages",
        "packages of a service": f"/packages?service={service}",
        "builds": "/builds",
        "audit": "/audit",
        "audit, a service": f"/audit?service={service}",
        "audit, a thing": "/audit?thing=billing",
        "palette, a service": "/find?q=bill",
        "palette, a host": "/find?q=prod-10",
    }
