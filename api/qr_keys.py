"""GET /v1/qr-keys: the keys by which the QR codes of faces are signed, ours and partner regions'.

Each is a certificate that a region names as its license library's own. The verification page
carries the same list, so that it needs nobody once it is loaded.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Response

from api.catalogue import published_types
from api.dependencies import ServicesDep
from api.documentation import JSON_TYPE, problems, tagged_answers
from api.headers import tagged_by_content
from api.own_node import OwnTrust
from api.pages.rendering import STATIC
from api.services import Services
from keys.certificate import Certificate
from license_vault.partners.partners import Partners
from signing.qr_claims import key_id
from signing.trust_list import KEY_COMPROMISED
from verification.evidence import SignerEvidence, TrustEvidence
from verification.library_signer import SYSTEM
from verification.report import instant_text
from verification.source_trust_list import signers_of
from verification.trust import readable_certificate

SCHEMA = "license-vault/qr-keys/1"
# The worker fetches what it keeps from this node, and nothing else from anywhere.
_WORKER_POLICY = "default-src 'none'; connect-src 'self'"

router = APIRouter(tags=["trust"])


def qr_keys(services: Services) -> dict[str, Any]:
    """Return the keys as JSON values: region, name, key id and public point (hex), period."""
    return {"schema": SCHEMA, "keys": list(_keys(services))}


def page_keys(services: Services) -> dict[str, Any]:
    """Return what the page needs to read codes by itself: keys, type names, and when that was."""
    return {
        **qr_keys(services),
        "types": {one.code: one.name_zh for one in published_types(services.catalogue)},
        "taken_at": instant_text(services.clock()),
    }


def _signers(services: Services) -> Iterator[tuple[str, SignerEvidence]]:
    """Yield whom each region names: ourselves by our rows, partners by their accepted lists."""
    own = OwnTrust(services.database, services.region_code, services.clock).trust_for(None)
    if isinstance(own, TrustEvidence):
        yield from ((own.region, signer) for signer in own.signers)
    with services.database.reading() as session:
        accepted = {each.region for each in Partners(session).all() if each.is_accepted}
    for region, found in sorted(services.partners.lists.all().items()):
        if region in accepted and found.content.next_update >= services.clock():
            yield from ((region, signer) for signer in signers_of(found.content.entries))


def _keys(services: Services) -> Iterator[dict[str, Any]]:
    """Yield the libraries' keys, those of before too: paper outlives keys. Not stolen ones."""
    for region, signer in _signers(services):
        certificate = readable_certificate(signer.certificate)
        if signer.role == SYSTEM and signer.why != KEY_COMPROMISED and certificate is not None:
            yield _key(region, certificate)


def _key(region: str, certificate: Certificate) -> dict[str, Any]:
    return {
        "region": region,
        "name": certificate.common_name,
        "key_id": key_id(certificate.der).hex(),
        "public_point": certificate.public_point.hex(),
        "not_before": instant_text(certificate.not_before),
        "not_after": instant_text(certificate.not_after),
    }


@router.get(
    "/v1/qr-keys",
    summary="The keys that sign QR codes · 二维码签名公钥",
    response_class=Response,
    responses=problems("temporarily-unavailable") | tagged_answers(),
)
def show_qr_keys(
    services: ServicesDep, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """Return the keys of the license libraries: of this region, and of partner regions.

    `{"schema", "keys": [{"region", "name", "key_id", "public_point", "not_before", "not_after"}]}`;
    `key_id` is the first 8 bytes of SM3 of the certificate, `public_point` 04 || x || y, both hex.
    """
    content = json.dumps(qr_keys(services), ensure_ascii=False, sort_keys=True).encode()
    return tagged_by_content(content, JSON_TYPE, if_none_match, "public, max-age=60")


@router.get("/verify-offline.js", include_in_schema=False)
def page_worker() -> Response:
    """Return the script that keeps the page where there is no network; it must stand at the top."""
    return Response(
        (STATIC / "verify-offline.js").read_bytes(),
        media_type="text/javascript",
        headers={"Content-Security-Policy": _WORKER_POLICY, "Cache-Control": "no-cache"},
    )
