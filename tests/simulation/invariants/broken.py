"""An invariant that does not hold."""


class Broken(Exception):
    def __init__(self, name: str, words: str) -> None:
        super().__init__(f"{name}: {words}")
        self.name = name


def hold(holds: bool, name: str, *words: object) -> None:
    """Say which invariant is broken, and where, unless it holds."""
    if not holds:
        raise Broken(name, " ".join(str(word) for word in words))
