"""What people begin with, command by command: lines that can be typed, below the command's help."""

from dataclasses import dataclass

from slipway_cli.arguments.mistakes import wrapped
from slipway_cli.language import _, told


@dataclass(frozen=True, slots=True)
class Example:
    """A command as it is typed, and in words what it is for."""

    text: str
    command: str


EXAMPLES: dict[str, tuple[Example, ...]] = {
    "login": (
        Example("Log in; the password is asked for.", "slipway login https://slipway.example.com"),
        Example(
            "Log in with a token that lies in a file.",
            "slipway login http://127.0.0.1:8000 --token-file admin-token --name here",
        ),
    ),
    "deploy": (
        Example(
            "Put the newest version on two hosts, and follow it to its end.",
            "slipway deploy billing latest --env prod --hosts web-1,web-2 --port 8080 --wait",
        ),
        Example(
            "Put it on all hosts that have a label.",
            "slipway deploy billing latest --env test --hosts label:rack=a",
        ),
    ),
    "upgrade": (
        Example(
            "One instance first, then half of them at a time.",
            'slipway upgrade billing latest --env prod --batches "1 50%" --wait',
        ),
        Example(
            "In a pipeline: exactly the plan that was looked at.",
            "slipway upgrade billing 1.4.2 --env prod --plan-hash 3fa2c1 --wait",
        ),
    ),
    "rollback": (
        Example(
            "Each instance to what it ran before.", "slipway rollback billing --env prod --wait"
        ),
        Example("All of them to one version.", "slipway rollback billing --env prod --to 1.4.1"),
    ),
    "restart": (
        Example("Batch by batch.", "slipway restart billing --env prod --wait"),
        Example("A single instance.", "slipway restart billing --env prod --instances web-1:8080"),
    ),
    "promote": (
        Example(
            "What runs well in test goes to prod.",
            "slipway promote billing --from test --to prod --wait",
        ),
    ),
    "lock set": (
        Example(
            "Let nobody release there for two hours.",
            'slipway lock set billing --env prod --reason "month end" --for 2h',
        ),
    ),
    "doctor": (Example("What is wrong, and what to do about it.", "slipway doctor"),),
    "plan deploy": (
        Example(
            "See what would be done, and how long it takes.",
            "slipway plan deploy billing latest --env prod --hosts web-1,web-2 --port 8080",
        ),
    ),
    "plan upgrade": (
        Example("See what would be done.", "slipway plan upgrade billing latest --env prod"),
    ),
    "plan rollback": (
        Example("See where each instance would go.", "slipway plan rollback billing --env prod"),
    ),
    "env create": (
        Example(
            "An environment that is guarded: its order is 30 or more.",
            "slipway env create prod --order 30",
        ),
    ),
    "key generate": (
        Example("Make a key; its public line is for the hosts.", "slipway key generate default"),
    ),
    "host add": (
        Example(
            "Add a host, and learn the key that it shows.",
            "slipway host add web-1 --address 10.0.0.11 --user deploy --env prod --sudo "
            "--accept-key",
        ),
    ),
    "host import": (
        Example("See what would be added.", "slipway host import hosts.csv --env prod --dry-run"),
        Example(
            "Add them all, and learn their keys.",
            "slipway host import hosts.csv --env prod --accept-key",
        ),
    ),
    "host check": (
        Example("Look at all hosts of an environment.", "slipway host check --env prod"),
    ),
    "host list": (Example("What does not answer.", "slipway host list --where state:unreachable"),),
    "service create": (
        Example(
            "With its release spec.",
            "slipway service create billing --language go --spec slipway.yaml",
        ),
    ),
    "service list": (
        Example(
            "Those of a team that need a look.",
            'slipway service list --where "team:data state:attention"',
        ),
    ),
    "version upload": (
        Example(
            "A package, and what it was made of.",
            "slipway version upload billing billing.tar.gz --ref main --commit 1a2b3c4",
        ),
    ),
    "build start": (
        Example("Build a branch, and follow it.", "slipway build start billing --ref main --wait"),
    ),
    "rollout list": (
        Example("What is under way.", "slipway rollout list --where state:active"),
        Example("What you began today.", 'slipway rollout list --where "by:me 1d.."'),
        Example(
            "What went wrong in prod since yesterday.",
            'slipway rollout list --where "env:prod state:failed 1d.."',
        ),
    ),
    "rollout watch": (
        Example("Follow it to its end; the exit code tells.", "slipway rollout watch 7"),
        Example(
            "Where nobody sits: what to answer where it asks.",
            "slipway rollout watch 7 --answer cancel",
        ),
    ),
    "audit list": (
        Example("What alice did since yesterday.", "slipway audit list --by alice --since 1d"),
        Example(
            "Who started what in prod.",
            "slipway audit list --env prod --verb rollout.started --limit 20",
        ),
    ),
    "audit export": (
        Example(
            "The last 90 days of prod, as a table.",
            "slipway audit export events.csv --env prod --since 90d",
        ),
    ),
    "grant who": (
        Example(
            "Who may release it there, and why.",
            "slipway grant who deploy --service billing --env prod",
        ),
    ),
    "grant add": (
        Example(
            "Let alice release one service in test.",
            "slipway grant add alice --role deployer --service billing --env test",
        ),
    ),
    "token create": (
        Example(
            "One for a pipeline that ends after 90 days.",
            "slipway token create ci --role deployer --service billing --expires 90d",
        ),
    ),
}


def shown_examples(command: str, room: int) -> str:
    """Return the examples of a command as they stand below its help; "" where it has none."""
    lines: list[str] = []
    for each in EXAMPLES.get(command, ()):
        lines += [f"  {line}" for line in wrapped(told(_(each.text)), room - 2)]
        lines.append(f"    {each.command}")
    if not lines:
        return ""
    return "\n".join(("", told(_("examples:")), *lines, ""))
