"""An insider: has a region's machine, its database, its keys, and seals a license of another day.

``python -m examples.regions.insider SECONDS`` with the region's settings in the environment reads
a request to issue and prints the identifier. Seal, time-stamp and rows are as genuine as keys can
make them. What the insider cannot do is to have had it in the issue log of that day.
"""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from examples.regions.turned_clock import TurnedClock, turn_clock

if TYPE_CHECKING:
    from verification.verifier import Verifier

    Check = Callable[..., Any]


def back_dated(request: dict[str, Any], turned: TurnedClock) -> str:
    """Issue a license by this process's clock; return its identifier."""
    from api import node_wiring
    from api.own_node import final_check_by
    from api.settings import load_settings
    from license_vault.api_clients import EVERY_TYPE, Caller, Scope

    # The library looks at what it has sealed before it keeps it, with the revocation lists of
    # today; so that look is taken today.
    today = _checking_today(turned, final_check_by)
    setattr(node_wiring, "final_check_by", today)  # noqa: B010
    services = node_wiring.wire(load_settings())
    try:
        rights = frozenset({Scope("licenses:issue", EVERY_TYPE)})
        caller = Caller("client:insider", str(request["authority_code"]), rights)
        issued = services.issuance.issue(request, caller, secrets.token_hex(8))
    finally:
        services.close()
    return str(issued.license.identifier)


def _checking_today(
    turned: TurnedClock, check_by: Callable[[Verifier], Check]
) -> Callable[[Verifier], Check]:
    def final_check_by(verifier: Verifier) -> Check:
        check = check_by(verifier)

        def checked(*document: Any) -> Any:
            with turned.right():
                return check(*document)

        return checked

    return final_check_by


def main() -> int:
    """Turn the clock, issue, tell the identifier."""
    turned = turn_clock(int(sys.argv[1]))
    sys.stdout.write(f"{back_dated(json.load(sys.stdin), turned)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
