"""Where symbolic links lead, through one another, in a tree that is not on any disk yet."""

from collections.abc import Mapping

_LONGEST_END = 1024  # characters; chained links could otherwise add up to gigabytes


class LinkLeaves(Exception):
    """Following `link` climbs above the root."""

    def __init__(self, link: str) -> None:
        super().__init__(link)
        self.link = link


class LinkNeverEnds(Exception):
    """Following `link` comes back to itself, or goes on for longer than any real path."""

    def __init__(self, link: str) -> None:
        super().__init__(link)
        self.link = link


def resolve_links(links: Mapping[str, str]) -> dict[str, str]:
    """Say for each link's path where it ends, seen from the root ("" is the root itself).

    `s -> .` and `d/t -> ../s/..` both look harmless when read as text; followed, the second one
    leaves. So each target is walked part by part, as the kernel does. Raises LinkLeaves and
    LinkNeverEnds. Keeps its own stack: a chain of links may be longer than Python's.
    """
    ends: dict[str, str] = {}
    for link in links:
        stack = [link]
        waiting = {link}
        while stack:
            needed = _walk(stack[-1], links, ends)
            if needed is None:
                waiting.discard(stack.pop())
            elif needed in waiting:
                raise LinkNeverEnds(needed)
            else:
                stack.append(needed)
                waiting.add(needed)
    return ends


def _walk(link: str, links: Mapping[str, str], ends: dict[str, str]) -> str | None:
    """Write down where `link` ends, or return the link that must be known before."""
    if link in ends:
        return None
    place = link.split("/")[:-1]
    for part in _parts(links[link]):
        if part == "..":
            if not place:
                raise LinkLeaves(link)
            place.pop()
            continue
        place.append(part)
        path = "/".join(place)
        if path in links:
            if path not in ends:
                return path
            place = _parts(ends[path])
    ends[link] = "/".join(place)
    if len(ends[link]) > _LONGEST_END:
        raise LinkNeverEnds(link)
    return None


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in {"", "."}]
