"""How often somebody may ask."""

from slipway.interfaces.entrance.buckets import Buckets, Rate

RATE = Rate(per_second=2, burst=3)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_let_through_and_the_next_one_waits() -> None:
    buckets = Buckets(Clock())
    assert [buckets.take("alice", RATE) for _ in range(3)] == [0, 0, 0]
    assert buckets.take("alice", RATE) == 0.5


def test_after_the_wait_it_goes_on() -> None:
    clock = Clock()
    buckets = Buckets(clock)
    for _ in range(4):
        buckets.take("alice", RATE)
    clock.now += 0.5
    assert buckets.take("alice", RATE) == 0
    assert buckets.take("alice", RATE) > 0


def test_one_asker_does_not_use_up_what_belongs_to_another() -> None:
    buckets = Buckets(Clock())
    for _ in range(4):
        buckets.take("alice", RATE)
    assert buckets.take("bob", RATE) == 0


def test_a_bucket_never_holds_more_than_its_burst() -> None:
    clock = Clock()
    buckets = Buckets(clock)
    buckets.take("alice", RATE)
    clock.now += 3600
    assert [buckets.take("alice", RATE) > 0 for _ in range(4)] == [False, False, False, True]


def test_a_million_addresses_do_not_fill_the_memory() -> None:
    buckets = Buckets(Clock())
    for number in range(20_000):
        buckets.take(f"address {number}", RATE)
    assert len(buckets._levels) == 10_000
