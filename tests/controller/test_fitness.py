"""A host that answers is not yet one that can take a release."""

from dataclasses import replace

import pytest

from slipway.controller.hosts.fitness import unfit
from slipway.core.hosts.access import HostAccess
from slipway.core.hosts.facts import HostFacts
from slipway.core.words.sentence import Sentence

ACCESS = HostAccess("web-1", "10.0.0.1", 22, "deploy", "/opt/slipway", "sudo", "", "")
WELL = HostFacts(
    os="Debian",
    arch="x86_64",
    cpus=2,
    memory=2**30,
    disk_total=2**34,
    disk_free=2**33,
    inodes_free=10**6,
    root_writable=True,
    systemd=True,
    can_become_root=True,
    tools=("tar",),
)


BARRED = Sentence.of("foreign_folder", "{path} belongs to app", path="/opt/slipway/billing")


def test_a_host_that_has_all_is_fit() -> None:
    assert unfit(ACCESS, WELL) is None
    without_root = replace(WELL, can_become_root=False)
    assert unfit(replace(ACCESS, become="none"), without_root) is None
    slow = replace(WELL, sudo_milliseconds=5000)
    assert unfit(replace(ACCESS, become="none"), slow) is None


@pytest.mark.parametrize(
    ("facts", "said", "hint"),
    [
        (replace(WELL, can_become_root=False), "may not use sudo", "NOPASSWD"),
        (replace(WELL, lacking=("GNU-tar", "setsid")), "GNU tar, setsid", "busybox"),
        (replace(WELL, root_writable=False), "cannot write in /opt/slipway", "chown deploy:"),
        (replace(WELL, sudo_milliseconds=5000), "sudo takes 5 s", "/etc/hosts"),
        (replace(WELL, single_session=True), "one session at a time", "MaxSessions"),
        (replace(WELL, noexec=True), "mounted noexec", "/etc/fstab"),
        (replace(WELL, barred=(BARRED,)), "billing belongs to app", "Put it right on web-1"),
        (replace(WELL, disk_free=1000), "1000 bytes", "Free some room"),
        (replace(WELL, inodes_free=3), "3 inodes", "Free some room"),
    ],
)
def test_what_a_host_lacks_is_named_with_what_helps(facts: HostFacts, said: str, hint: str) -> None:
    refused = unfit(ACCESS, facts)
    assert refused is not None
    assert said in refused.message
    assert hint in refused.hint
    assert "web-1" in refused.hint
