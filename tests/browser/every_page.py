"""The addresses of all pages, in a company in which something of everything is to be seen."""

from django.utils import timezone

from slipway.core.rollout.value.words import Cause, End
from slipway.interfaces.web.rollouts.tabs import TABS
from slipway.records.accounts.rights import Actor
from slipway.records.fleet.models import Environment, Instance
from slipway.records.fleet.operations.windows import add_window
from tests.browser.company import V1, V2, found_company
from tests.interfaces.people import person
from tests.interfaces.web import fleet
from tests.interfaces.web.driving import Drive
from tests.interfaces.web.planting import plant_builds

# What is no page: parts of one, streams, downloads, and what only buttons ask for.
NO_PAGES = (
    *(
        "/head",
        "/events",
        "/parts",
        "/package",
        "/log",
        "/log.txt",
        "/export",
        ".tar.gz",
        "/targets/",
    ),
    *("/star", "/unstar"),
    *("/lock", "/unlock", "/rules", "/claims"),
    *("/withdraw", "/clear", "/cancel", "/take", "/test", "/delete", "/checks", "/check", "/keys"),
    *(
        "/maintenance",
        "/named-users",
        "/forget-key",
        "/restore",
        "/remove",
        "/retention",
        "/looks",
        "/password",
        "/signing-in",
        "/grants",
        "/grants/take",
        "/tokens",
        "/revoke",
    ),
    *("/plan", "/pause", "/resume", "/promote", "/retry", "/rollback", "/without", "logout"),
)
APART = {"login", "builds/<id:build_id>"}  # without signing in; leads to a version
# Lists, where there is nothing to list.
EMPTY = ("/", "/services", "/builds", "/rollouts", "/rollouts/new", "/hosts", "/packages", "/audit")


def every_page() -> list[str]:
    """A company in which something of everything is to be seen; the addresses of its pages."""
    alice = found_company()
    built = plant_builds("a text")
    person("root", is_superuser=True)
    drive = Drive.take(fleet.begin(alice.actor, "upgrade", "billing", "prod", V2))
    drive.start(drive.targets()[0])
    drive.fail(drive.targets()[0])
    done = fleet.run(Actor.system(), "deploy", "billing", "dev", V1, hosts=("dev-1",), port=8080)
    halted = Drive.take(fleet.begin(Actor.system(), "restart", "billing", "dev"))
    halted.start(halted.targets()[0])
    halted.fail(halted.targets()[0])
    halted.close(End.HALTED, halted=Cause.VERSION)
    add_window(
        environment=Environment.objects.get(name="dev"),
        begin="2026-01-01T00:00:00Z",
        until="2026-01-02T00:00:00Z",
        reason="holidays",
        by=Actor.system(),
        now=timezone.now(),
    )
    plan = "/rollouts/new?service=billing&environment=dev&kind=upgrade"
    return [
        *("/", "/services", "/services/billing", "/services/shop", "/services/billing/versions"),
        f"/services/billing/versions/{V1}",
        *(each for each in built if not each.endswith("/parts") and "/checks/" not in each),
        *("/rollouts", "/rollouts/new", plan, f"{plan}&version={V2}"),
        *(f"/rollouts/{drive.value.number}", f"/rollouts/{done.pk}"),
        f"/rollouts/{halted.value.number}",
        *(f"/rollouts/{halted.value.number}?tab={name}" for name in TABS),
        *(f"/rollouts/{halted.value.number}?wall", f"/find?q={halted.value.number}"),
        *("/hosts", "/hosts?search=nothing", "/hosts/web-1", "/hosts/web-1/change"),
        *(
            "/environments/dev",
            "/environments/prod",
            "/packages",
            "/audit",
            "/audit?from=x&to=x",
            "/me",
            "/find?q=b",
        ),
        *("/docs", "/docs?q=canary", "/docs?q=zzzz", "/docs/meanings", "/docs/howto/first-service"),
        *("/system", "/people", "/people/-/new", "/people/-/may", "/people/alice"),
        f"/instances/{Instance.objects.filter(service__name='billing').earliest('pk').pk}",
        *("/hosts/-/new", "/hosts/-/import", "/keys", "/environments", "/environments/-/new"),
        *("/environments/prod/change", "/services/-/new", "/services/billing/spec"),
        *("/services/billing/versions/-/new", "/services/billing/change"),
        *("/build-servers/-/new", "/services/nothing", "/no-such-page", "/builds?service=none"),
    ]
