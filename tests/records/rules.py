"""A company that has the versions of main released by a rule."""

from datetime import timedelta

from slipway.core.builds.state import BuildStage
from slipway.core.words.versions import VersionStatus
from slipway.records.builds.operations.endings import end_as_duplicate
from slipway.records.catalog.models import Build, Version
from slipway.records.catalog.operations import versions
from slipway.records.releasing.models import ReleaseRule
from slipway.records.releasing.operations import rules as release_rules
from slipway.records.releasing.rules import get_release_rule, list_due_rules
from slipway.records.rollouts.models import Rollout
from tests.records.world import World, stored


class Rules(World):
    """billing runs 1.0 everywhere in prod, and versions of main are released there by a rule."""

    def __init__(self, hosts: int = 2, **policy: object) -> None:
        super().__init__(hosts, **policy)
        self.run("deploy", self.made("1.0"))
        self.rule = self.set_rule("main")

    def set_rule(self, *refs: str, enabled: bool = True) -> ReleaseRule:
        return release_rules.set_release_rule(
            service=self.service,
            environment=self.environment,
            refs=refs,
            enabled=enabled,
            by=self.boss,
            now=self.clock(),
        )

    def made(self, name: str, ref: str = "main") -> Version:
        version, _ = versions.take_version(
            service=self.service,
            stored=stored(f"billing {name}"),
            name=name,
            ref=ref,
            by=self.alice,
            now=self.clock(),
        )
        return version

    def merge(self, made: Version, into: str) -> None:
        """The commit comes to another ref, and its build ends as a duplicate."""
        now = self.clock()
        again = Version.objects.create(
            service=self.service,
            name=f"{made.name}-{into.replace('/', '-')}",
            ref=into,
            status=VersionStatus.BUILDING,
            created_at=now,
        )
        build = Build.objects.create(
            version=again,
            service=self.service,
            correlation=again.name,
            originator="server",
            stage=BuildStage.WATCHED,
            created_at=now,
            deadline_at=now + timedelta(hours=1),
        )
        end_as_duplicate(build, made, self.clock())

    def follow(self) -> Rollout | None:
        """What a worker does at each look, a while after the last one."""
        self.clock.now += timedelta(minutes=2)
        started = [
            release_rules.follow_release_rule(rule_id=rule, now=self.clock())
            for rule in list_due_rules(self.clock())
        ]
        assert len(started) <= 1
        return started[0] if started else None

    def said(self) -> str:
        return str(self.fresh().problem or "")

    def fresh(self) -> ReleaseRule:
        return get_release_rule(self.service, self.environment)
