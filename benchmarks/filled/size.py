"""How much there is in an installation that is filled to be measured."""

from dataclasses import dataclass

PERSON = "reader"  # an admin; others are called reader-1, reader-2 …
WORDS = ("billing", "search", "mail", "stock", "ledger", "gateway", "report", "session")
ENVIRONMENTS = ("dev", "test", "prod")
LARGEST = "checkout-000"  # the service that has most places, all in prod but a few


@dataclass(frozen=True, slots=True)
class Size:
    """`places` are those of the largest service in prod: a rollout of it is under way there.
    `others` are instances of a service in dev, test and prod, `rollouts` those of all."""

    services: int = 300
    hosts: int = 2000
    places: int = 1000
    others: tuple[int, int, int] = (2, 3, 8)
    versions: int = 66  # of each service
    rollouts: int = 10_000
    people: int = 20

    def service(self, number: int) -> str:
        """Return what a service is called; the first is the largest."""
        return f"{WORDS[number % len(WORDS)]}-{number:03}" if number else LARGEST

    def host(self, number: int) -> str:
        shares = (self.hosts * 15 // 100, self.hosts * 40 // 100)
        environment = ENVIRONMENTS[sum(number >= share for share in shares)]
        return f"{environment}-{number:04}.dc{number % 3}.example.com"

    def version(self, number: int) -> str:
        """Return what a version of any service is called; -1 is the newest."""
        return f"1.{number % self.versions}.0"
