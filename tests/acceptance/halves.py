"""What is tried on SQLite and what on PostgreSQL, where all on both would tell nothing more."""

import os
from collections.abc import Sequence
from itertools import product

from slipway.controller.worker.failpoints import AFTER_STEP, Point

# What is under way then is a step on a host: no row is being written.
ON_HOSTS = {Point.VERIFIED, Point.UPLOADED, *AFTER_STEP.values()}


def half(kind: str, ways: Sequence[str]) -> list[tuple[Point, str]]:
    """Return each moment of a kind ("S" of rollouts, "B" of builds) with half of the ways to try
    it, way by way: the other half is the other database's. Moments on hosts are SQLite's alone."""
    points = [point for point in Point if point.value.startswith(kind)]
    is_postgresql = bool(os.environ.get("SLIPWAY_DATABASE_URL"))
    return [
        (point, way)
        for (order, way), (number, point) in product(enumerate(ways), enumerate(points))
        if (number + order + is_postgresql) % 2 == 0 and not (is_postgresql and point in ON_HOSTS)
    ]
