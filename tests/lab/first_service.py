"""A service with scripts of its own, as the documents begin with one, and who builds it."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.lab.document_world import SERVICES, World
from tests.lab.documents import PERSON
from tests.lab.machines import Machine
from tests.lab.names import answering
from tests.lab.packages import pack
from tests.stands.gitlab import GitLabStand
from tests.stands.gitlab_state import Pipeline
from tests.stands.jenkins import JenkinsStand

START = b"""#!/bin/sh
setsid perl ./bin/server.pl "$PORT" >>"$SHARED/logs/out" 2>&1 </dev/null &
echo $! >"$SHARED/logs/pid"
"""
STOP = b"""#!/bin/sh
kill "$(cat "$SHARED/logs/pid")"
"""
STATUS = b"""#!/bin/sh
kill -0 "$(cat "$SHARED/logs/pid")"
"""
# In what every Debian has: says that all is well, whatever it is asked.
SERVER = b"""use IO::Socket::INET;
my $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $ARGV[0], Listen => 9,
    ReuseAddr => 1) or die $!;
while (my $c = $s->accept) {
    while (<$c>) { last if /^\\r?\\n$/ }
    print $c "HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nok";
    close $c;
}
"""


def pack_first_service(world: World, spec: str) -> None:
    """Put packages of it, which differ, and a list of hosts where commands are typed; and let its
    user write where its releases come to."""
    files = {
        "slipway.yaml": spec.encode(),
        "bin/start.sh": START,
        "bin/stop.sh": STOP,
        "bin/status.sh": STATUS,
        "bin/server.pl": SERVER,
    }
    world.other.path(SERVICES).mkdir()
    for name in ("billing", "next", "built", "last"):
        content = files | {"README": name.encode()}
        pack(content, world.other.path(f"{SERVICES}/{name}.tar.gz"))
    row = f"app-3,{world.machines['app-3'].address},{PERSON}"
    world.other.path(f"{SERVICES}/hosts.csv").write_text(f"name,address,user\n{row}\n")
    for name in ("app-2", "app-3", "app-4"):
        world.machines[name].run("install", "-d", "-o", PERSON, "-g", PERSON, "/opt/slipway")


def spare_time(world: World) -> None:
    """Let a moment without failure be enough."""
    health = '{http: "http://127.0.0.1:${PORT}/healthz", interval: 200ms, min_healthy_time: 1s}'
    world.other.path("/root/spec.yaml").write_text(f"health: {health}\n")
    world.slipway("service", "change", "billing", "--spec", "/root/spec.yaml", on=world.other)


@contextmanager
def company(address: str, machine: Machine) -> Iterator[GitLabStand]:
    """Let the machine reach a GitLab and a Jenkins. The first pipeline that Slipway starts ends
    well; those after it wait."""
    with GitLabStand() as gitlab, JenkinsStand() as jenkins:
        stands = {"gitlab.example.com": gitlab.url, "jenkins.example.com": jenkins.url}
        project = gitlab.add_project("team/billing")
        project.commit("main", "Add invoices")
        package = machine.path(f"{SERVICES}/built.tar.gz").read_bytes()

        def build(pipeline: Pipeline) -> None:
            if gitlab.made == 1:
                gitlab.print(pipeline, "packing\n")
                gitlab.succeed(pipeline, {"dist/billing.tar.gz": package})

        gitlab.world.web = "https://gitlab.example.com"
        gitlab.world.on_pipeline = build
        with answering(address, stands, machine):
            yield gitlab


def put_into_production(world: World) -> None:
    """Have what was built run in prod, on a host of its own."""
    machine, host = world.other, world.machines["app-4"]
    world.slipway("env", "create", "prod", on=machine)
    place = ("--address", host.address, "--user", PERSON, "--env", "prod", "--accept-key")
    world.slipway("host", "add", "app-4", *place, on=machine)
    there = ("--env", "prod", "--hosts", "app-4", "--port", "8080", "--wait")
    world.slipway("deploy", "billing", "latest", *there, on=machine)
