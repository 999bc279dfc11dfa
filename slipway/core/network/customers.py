"""Whose an address is: all that one customer of a provider has counts as one."""

from ipaddress import IPv6Address, ip_address, ip_network

ONE_CUSTOMER = 64  # bits of an IPv6 address: whoever has one has all with the same beginning


def customer_of(address: str) -> str:
    """Return one IPv4 address, or a /64 of IPv6; what is no address as it is."""
    try:
        found = ip_address(address)
    except ValueError:
        return address[:64]
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ip_network((found, ONE_CUSTOMER), strict=False))
