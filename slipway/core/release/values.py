"""What a release is by value: two places are alike when their fingerprints are."""

import hashlib
import json

from slipway.core.spec.as_json import spec_as_dict
from slipway.core.spec.values import ReleaseSpec

LENGTH = 32  # hex digits: as good as unique among the releases of a company


def fingerprint_of(version: str, sha256: str, spec: ReleaseSpec) -> str:
    """Return the name of package, and of how it is run, with all its settings. How many releases
    are kept on a host is no part of what runs."""
    how = {key: value for key, value in spec_as_dict(spec).items() if key != "keep_releases"}
    text = json.dumps([version, sha256, how], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:LENGTH]


def orders_of(weight: int, tag: str) -> str:
    """Return the name of the standing orders that reach a host with its environment."""
    return hashlib.sha256(f"{weight}\n{tag}".encode("utf-8", "surrogatepass")).hexdigest()[:8]
