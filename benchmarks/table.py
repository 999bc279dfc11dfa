"""Shows what was measured, and how much more the others needed than Slipway."""

from collections.abc import Mapping, Sequence

from benchmarks.measure import Cost

HEADINGS = (
    "",
    "seconds",
    "controller CPU s",
    "hosts CPU s",
    "MB moved",
    "seconds ×",
    "CPU ×",
    "bytes ×",
)


def table(title: str, costs: Mapping[str, Cost], *, against: str) -> str:
    """Return the table of one action at one number of hosts; ratios are to `against`."""
    base = costs.get(against)
    return told(title, [HEADINGS, *(_row(name, cost, base) for name, cost in costs.items())])


def told(title: str, rows: Sequence[Sequence[str]]) -> str:
    """Return rows as a table; the first of them is its head."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [title, *(_line(row, widths) for row in rows)]
    lines.insert(2, "  ".join("─" * width for width in widths))
    return "\n".join(lines)


def _row(name: str, cost: Cost, base: Cost | None) -> tuple[str, ...]:
    moved = f"{cost.moved / 1e6:.2f}"
    measured = (f"{cost.seconds:.2f}", f"{cost.cpu:.2f}", f"{cost.hosts_cpu:.2f}", moved)
    if base is None:
        return (name, *measured, "", "", "")
    return (
        name,
        *measured,
        _ratio(cost.seconds, base.seconds),
        _ratio(cost.cpu, base.cpu),
        _ratio(cost.moved, base.moved),
    )


def _ratio(value: float, base: float) -> str:
    return f"{value / base:.1f}" if base > 0 else "–"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = (
        cell.ljust(width) if column == 0 else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join([first, *rest])
