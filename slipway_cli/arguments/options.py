"""The options that commands share, and what they send to the API."""

from dataclasses import dataclass
from typing import Annotated

from slipway_cli.arguments.grammar import Argument, Option
from slipway_cli.arguments.values import given, seconds, words
from slipway_cli.errors import Usage
from slipway_cli.language import _

ANSWERS = ("go-on", "without", "cancel")
SHELLS = ("bash", "zsh", "fish")

Service = Annotated[str, Argument("Name of the service.")]
Version = Annotated[str, Argument("Name of the version, or latest.")]
Environment = Annotated[str, Option("Name of the environment.", flags=("--env",))]
Yes = Annotated[
    bool,
    Option(
        "Do not ask.",
        flags=(
            "--yes",
            "-y",
        ),
    ),
]
Wait = Annotated[bool, Option("Follow until the end; the exit code tells.", flags=("--wait",))]
Reply = Annotated[
    str,
    Option("Answer what it asks while waiting: go-on, without or cancel.", flags=("--answer",)),
]
Reason = Annotated[str, Option("Why; kept in the audit.")]
Confirm = Annotated[
    str, Option("Where the environment is guarded: the service's name; of a restore, the host's.")
]

Where = Annotated[
    str, Option("Only what this says: words, labels, states, a time: team:data 2h.. state:failed")
]

Batches = Annotated[str, Option('For example "1 10% 50%"; the last part repeats.')]
MaxUnavailable = Annotated[str, Option("How many may be down at once: 2 or 25%.")]
FailureBudget = Annotated[str, Option("How many may fail after the canary: 1 or 10%.")]
LeftOutBudget = Annotated[
    str, Option("How many may be left out, because they could not be reached: 1 or 10%.")
]
BakeTime = Annotated[str, Option("How long a batch must stay well: 5m.")]
AutomaticRollback = Annotated[
    bool | None,
    Option("Go back by itself when it goes wrong.", flags=("--rollback",)),
]


def hosts_said(text: str) -> dict[str, object]:
    """Return hosts as the API takes them: names, or what they have in common where the text has a
    mark that is in no name."""
    if text.startswith("-") or any(mark in text for mark in ':："'):
        return given(where=text)
    return given(hosts=words(text))


@dataclass(frozen=True, slots=True, kw_only=True)
class WishOptions:
    """What every operation takes; the environment's policy answers what is not said."""

    env: Environment
    hosts: Annotated[
        str, Option("Only these hosts: web-1,web-2, or what they have in common: label:rack=a.")
    ] = ""
    instances: Annotated[str, Option("Only these instances: web-1:8090,web-2:8090.")] = ""
    batches: Batches = ""
    max_unavailable: MaxUnavailable = ""
    failure_budget: FailureBudget = ""
    left_out_budget: LeftOutBudget = ""
    bake_time: BakeTime = ""
    rollback: AutomaticRollback = None
    skip_unreachable: Annotated[
        bool, Option("Leave out hosts that do not answer.", flags=("--skip-unreachable",))
    ] = False
    without: Annotated[
        str, Option("Not these, and do not count them: web-3:8080, or all of web-3.")
    ] = ""

    def body(self, kind: str, service: str, version: str = "") -> dict[str, object]:
        """Return the wish as the API takes it."""
        return {
            "kind": kind,
            "service": service,
            "environment": self.env,
            **given(
                version=version,
                **hosts_said(self.hosts),
                instances=words(self.instances),
                batches=self.batches,
                max_unavailable=self.max_unavailable,
                failure_budget=self.failure_budget,
                left_out_budget=self.left_out_budget,
                bake_time=seconds(self.bake_time) if self.bake_time else None,
                automatic_rollback=self.rollback,
                skip_unreachable=self.skip_unreachable or None,
                without=words(self.without),
            ),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployOptions(WishOptions):
    port: Annotated[
        int, Option("Port of the instance; 0 for a service without.", least=0, most=65535)
    ] = 0

    def body(self, kind: str, service: str, version: str = "") -> dict[str, object]:
        said = WishOptions.body(self, kind, service, version)
        return {**said, "port": self.port} if self.port else said


@dataclass(frozen=True, slots=True, kw_only=True)
class RevertOptions(WishOptions):
    to: Annotated[
        str, Option("Go back to this version, not to each one's own earlier.", flags=("--to",))
    ] = ""
    settings: Annotated[
        bool, Option("Go back one revision of settings, and no version.", flags=("--settings",))
    ] = False
    even_if_never_well: Annotated[
        bool,
        Option(
            "Also to a version that never was well in the environment.",
            flags=("--even-if-never-well",),
        ),
    ] = False

    def body(self, kind: str, service: str, version: str = "") -> dict[str, object]:
        return WishOptions.body(self, kind, service, version or self.to) | given(
            settings_back=self.settings or None,
            even_if_never_well=self.even_if_never_well or None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitOptions:
    """Whether the command stays to watch, and what it answers meanwhile."""

    wait: Wait = False
    reply: Reply = ""
    confirm: Confirm = ""

    def check(self) -> None:
        """Raises Usage for a reply that never can be an answer; nothing was started then."""
        if self.reply not in ("", *ANSWERS):
            known = ", ".join(ANSWERS)
            raise Usage(
                _("{reply} is no answer.", reply=self.reply),
                hint=_("--answer is one of {known}.", known=known),
            )
        if self.reply and not self.wait:
            raise Usage(_("--answer is given while waiting."), hint=_("Add --wait."))


@dataclass(frozen=True, slots=True, kw_only=True)
class StartOptions(WaitOptions):
    """How an operation starts."""

    reason: Reason = ""
    plan_hash: Annotated[str, Option("Start only if the plan is still the one with this hash.")] = (
        ""
    )
    yes: Yes = False

    def body(self) -> dict[str, object]:
        """Return what the API takes. Raises Usage."""
        self.check()
        return given(reason=self.reason, plan_hash=self.plan_hash)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyOptions:
    """The policy of an environment."""

    order: Annotated[int | None, Option("dev < test < prod.")] = None
    approvals: Annotated[int | None, Option("How many must approve.", least=0)] = None
    batches: Batches = ""
    max_unavailable: MaxUnavailable = ""
    failure_budget: FailureBudget = ""
    left_out_budget: LeftOutBudget = ""
    canary_budget: Annotated[int | None, Option("How many may fail in the canary.", least=0)] = None
    bake_time: BakeTime = ""
    progress_deadline: Annotated[str, Option("Longest time without progress.")] = ""
    watch_time: Annotated[str, Option("How long it is watched after its end: 1m.")] = ""
    patience: Annotated[str, Option("How long what gives no answer is asked again: 10m.")] = ""
    promotion: Annotated[bool | None, Option("A person lets it go on.", flags=("--promotion",))] = (
        None
    )
    rollback: AutomaticRollback = None
    named_user: Annotated[
        bool | None,
        Option("Nothing comes that runs as root.", flags=("--named-user",)),
    ] = None

    def fields(self) -> dict[str, object]:
        """Return what was said, as the API takes it; times in seconds."""
        return given(
            order=self.order,
            approvals_needed=self.approvals,
            batches=self.batches,
            max_unavailable=self.max_unavailable,
            failure_budget=self.failure_budget,
            left_out_budget=self.left_out_budget,
            canary_budget=self.canary_budget,
            bake_time=seconds(self.bake_time) if self.bake_time else None,
            progress_deadline=seconds(self.progress_deadline) if self.progress_deadline else None,
            watch_time=seconds(self.watch_time) if self.watch_time else None,
            patience=seconds(self.patience) if self.patience else None,
            promotion_needed=self.promotion,
            automatic_rollback=self.rollback,
            named_user_needed=self.named_user,
        )
