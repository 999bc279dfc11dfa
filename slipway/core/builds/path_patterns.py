"""Which paths a pattern for the package of a build fits: the same for every kind of server."""

import fnmatch


def is_pattern(path: str) -> bool:
    return "*" in path or "?" in path


def fits(path: str, pattern: str) -> bool:
    """Return whether the pattern is of the whole path: step by step, for no mark stands for `/`."""
    steps, wanted = path.split("/"), pattern.split("/")
    return len(steps) == len(wanted) and all(map(fits_name, steps, wanted))


def fits_name(name: str, pattern: str) -> bool:
    """Return whether the pattern is of the name: `*` stands for any characters, or none, and `?`
    for one. All others, brackets too, stand for themselves."""
    return fnmatch.fnmatchcase(name, pattern.replace("[", "[[]"))
