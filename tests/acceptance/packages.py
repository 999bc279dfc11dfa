"""Packages for the town: services that note what is done to them, good ones and bad ones."""

import io
import json
import tarfile
from dataclasses import asdict, dataclass
from pathlib import Path

SCRIPTS = ("before_activate", "drain", "start", "stop", "status", "undrain", "after_activate")
COUNTED = ("before_activate", "drain", "start", "stop", "undrain", "after_activate")
SHOP = Path(__file__).with_name("shop.py")
ROOT = '"${SHARED%/*/*/*}"'


@dataclass(frozen=True, slots=True)
class Manners:
    """What is wrong with a version of the shop. Times in seconds, 0 for never."""

    ill: bool = False
    ill_but_on: str = ""  # address of the one host where it is well
    dies_after: float = 0
    says: str = ""  # another version than it is


def package(service: str, version: str, **health: str) -> bytes:
    """A service of scripts. Each of them notes that it ran; `health` replaces keys of the check."""
    check = {"command": "./status", "interval": "100ms", "min_healthy_time": "200ms"}
    check |= {"healthy_deadline": "5s"} | health
    pid = f"{ROOT}/pid-{service}"
    start = f"sleep 100000 >/dev/null 2>&1 </dev/null &\necho $! {version} >{pid}"
    does = {"start": start, **_stop_and_status(pid)}
    scripts = {}
    for name in SCRIPTS:
        note = f"echo {name} {version} >>{ROOT}/bodies-{service}\n" if name in COUNTED else ""
        scripts[name] = f"#!/bin/sh\n{note}{does.get(name, '')}\n"
    return _archive({"slipway.yaml": _spec(SCRIPTS, check), **scripts})


def shop_package(service: str, version: str, manners: Manners) -> bytes:
    """A service that answers by HTTP with its version, behaved as `manners` say."""
    check = {"http": "http://${ADDRESS}:${PORT}/healthz", "expect": '"version": "${VERSION}"'}
    check |= {"interval": "200ms", "min_healthy_time": "1s", "healthy_deadline": "6s"}
    pid = f"{ROOT}/pid-{service}"
    start = (
        'mkdir -p "$SHARED"\n'
        'python3 shop.py >>"$SHARED/log" 2>&1 </dev/null &\n'
        f"echo $! {version} >{pid}"
    )
    scripts = {
        name: f"#!/bin/sh\n{text}\n"
        for name, text in {"start": start, **_stop_and_status(pid)}.items()
    }
    told = {"manners.json": json.dumps(asdict(manners)), "shop.py": SHOP.read_text()}
    return _archive({"slipway.yaml": _spec(tuple(scripts), check), **told, **scripts})


def _stop_and_status(pid: str) -> dict[str, str]:
    return {
        "stop": f"[ -f {pid} ] || exit 0\nread pid _ <{pid}\nkill $pid || :\nrm {pid}",
        "status": f"[ -f {pid} ] || exit 1\nread pid _ <{pid}\nkill -0 $pid",
    }


def _spec(scripts: tuple[str, ...], check: dict[str, str]) -> str:
    lines = ["supervisor: script", "stop_timeout: 5s", "scripts:"]
    lines += [f"  {name}: ./{name}" for name in scripts]
    lines += ["health:", *(f"  {key}: {json.dumps(value)}" for key, value in check.items())]
    return "\n".join(lines)


def _archive(files: dict[str, str]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(text.encode()), 0o755
            archive.addfile(member, io.BytesIO(text.encode()))
    return made.getvalue()
