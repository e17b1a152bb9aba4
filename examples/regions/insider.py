"""An insider: has a region's machine, its database, its keys, and seals a license of another day.

``python -m examples.regions.insider SECONDS`` with the region's settings in the environment reads
a request to issue and prints the identifier. Seal, time-stamp and rows are as genuine as keys can
make them. What the insider cannot do is to have had it in the issue log of that day.
"""

from __future__ import annotations

import json
import secrets
import sys
from typing import Any

from examples.regions.turned_clock import turn_clock


def back_dated(request: dict[str, Any]) -> str:
    """Issue a license by this process's clock; return its identifier."""
    from api.node_wiring import wire
    from api.settings import load_settings
    from license_vault.api_clients import EVERY_TYPE, Caller, Scope

    services = wire(load_settings())
    try:
        rights = frozenset({Scope("licenses:issue", EVERY_TYPE)})
        caller = Caller("client:insider", str(request["authority_code"]), rights)
        issued = services.issuance.issue(request, caller, secrets.token_hex(8))
    finally:
        services.close()
    return str(issued.license.identifier)


def main() -> int:
    """Turn the clock, issue, tell the identifier."""
    turn_clock(int(sys.argv[1]))
    sys.stdout.write(f"{back_dated(json.load(sys.stdin))}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
