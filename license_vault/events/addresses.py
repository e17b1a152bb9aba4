"""Which addresses we call when somebody else names them: never one inside our own network.

A name is resolved once, every address it has must be one of the open Internet, and exactly the
one that was looked at is called, so that a name server that answers otherwise the second time
gains nothing. Networks that the settings name are called too.

Source: RFC 6890 and its registries, as ``ipaddress`` has them.
"""

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from urllib.parse import SplitResult, urlsplit

from license_vault.events.errors import AddressRefusedError

LONGEST = 2000

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Sequence[str]]
"""Gives the addresses of a host, as texts; OSError if there are none."""

_NAT64 = ip_network("64:ff9b::/96")
# What this Python's own table takes for open, and the registries do not.
_SPECIAL = tuple(
    map(
        ip_network,
        (
            "192.0.0.0/24",
            "192.88.99.0/24",
            "64:ff9b:1::/48",
            "100::/64",
            "2001::/23",
            "3fff::/20",
            "5f00::/16",
        ),
    )
)


@dataclass(frozen=True, slots=True)
class AddressRules:
    """What may be called: which schemes, and which networks though they are not open ones."""

    schemes: frozenset[str]
    networks: tuple[Network, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """An address that may be called: ``ip`` is what the host's name was resolved to."""

    scheme: str
    host: str
    port: int
    path: str
    ip: str


def checked_form(url: str, rules: AddressRules) -> SplitResult:
    """Return the parts of an address that looks as it should; nothing is resolved.

    Raises:
        AddressRefusedError: "form" or "scheme".
    """
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url:
        raise AddressRefusedError("form")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise AddressRefusedError("form") from error
    if parts.scheme not in rules.schemes:
        raise AddressRefusedError("scheme")
    if not parts.hostname or parts.username or parts.password or parts.fragment or port == 0:
        raise AddressRefusedError("form")
    return parts


def resolved(url: str, rules: AddressRules, resolve: Resolve) -> Target:
    """Return what to call for an address.

    Raises:
        AddressRefusedError: as ``checked_form``; "not-open": the host has no address, or one
            that is not to be called.
    """
    parts = checked_form(url, rules)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = [ip_address(text.partition("%")[0]) for text in resolve(host, port)]
    except (OSError, ValueError) as error:
        raise AddressRefusedError("not-open") from error
    # Whether a name exists inside is nobody's business either.
    if not found or not all(_may_be_called(address, rules) for address in found):
        raise AddressRefusedError("not-open")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path, str(found[0]))


def _may_be_called(address: Address, rules: AddressRules) -> bool:
    meant = _meant(address)
    if _is_in(meant, rules.networks):
        return True
    return meant.is_global and not meant.is_multicast and not _is_in(meant, _SPECIAL)


def _is_in(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in net for net in networks if net.version == address.version)


def _meant(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address stands for, else itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def resolve_by_system(host: str, port: int) -> tuple[str, ...]:
    """Return the addresses that the machine's resolver gives for a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
