"""Which network addresses no request goes to, whoever configured the name that leads there."""

import ipaddress
import re
from collections.abc import Iterator

from slipway.core.words.refusal import Refused

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")

# Private addresses are where build servers live, and the names that lead there were configured by
# an administrator; no build server lives in these. A cloud's metadata service answers anybody who
# asks from the machine itself, with the machine's own keys.
_NEVER = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",  # "this host"
        "100.100.100.200/32",  # metadata (Alibaba)
        "168.63.129.16/32",  # metadata (Azure)
        "169.254.0.0/16",  # link-local; metadata nearly everywhere
        "192.0.0.192/32",  # metadata (Oracle)
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
        "::/128",
        "64:ff9b:1::/48",  # somebody's own translation to IPv4: nobody can say to where
        "fd00:ec2::/32",  # metadata (AWS)
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
)
_TO_IPV4 = ipaddress.IPv6Network("64:ff9b::/96")
_OLD_IPV4 = ipaddress.IPv6Network("::/96")


def is_forbidden(text: str) -> bool:
    """Return whether nothing may be sent to the address, also when it hides in an IPv6 one."""
    address = ipaddress.ip_address(text.partition("%")[0])
    return any(form in network for form in _forms(address) for network in _NEVER)


def _forms(address: _Address) -> Iterator[_Address]:
    """The address, and those IPv4 addresses that it stands for."""
    yield address
    if isinstance(address, ipaddress.IPv4Address):
        return
    if address.ipv4_mapped:
        yield address.ipv4_mapped
    if address.sixtofour:
        yield address.sixtofour
    if address.teredo:
        yield from address.teredo
    if address in _TO_IPV4 or (address in _OLD_IPV4 and int(address) > 1):
        yield ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)


class Unfit(Refused):
    """The address cannot be used, and why."""

    code = "unfit_address"


def host_of(text: str) -> str:
    """Return the one spelling of the host of an address, in small letters. Raises Unfit. Numbers
    that some programs take for an address (127.1, 0x7f000001) are none: only the four numbers are,
    in the way they are usually written."""
    name = text.removesuffix(".")
    labels = name.split(".")
    try:
        if text.startswith("["):
            name = ipaddress.IPv6Address(text[1:-1]).compressed
        elif _NUMBER.fullmatch(labels[-1]):
            name = str(ipaddress.IPv4Address(name))
        elif len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
            raise Unfit("its host is no name")
        else:
            return name
    except ValueError as error:
        raise Unfit("its host is no address") from error
    if is_forbidden(name):
        raise Unfit("requests never go to {name}", name=name)
    return name
