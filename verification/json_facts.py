"""Find over the bytes of a sealed JSON what its signatures are over, whatever the parser says.

The file has one form: its parts, written again, must give the same bytes. So nothing need be
parsed here to know that the claims are those in the file and that nothing stands beside them.

Source: ADR 0036; RFC 8785.
"""

from __future__ import annotations

from keys.sm3 import sm3
from license_vault.license_metadata import CONTENT_ID_ELEMENT
from signing.sealed_json.reader import SealedJson, write_sealed_json
from verification.evidence import ParsedDocument, SealFacts


def json_facts(data: bytes, parsed: ParsedDocument) -> tuple[SealFacts, ...]:
    """Return the same facts for every signature: SM3 of the claims, and whether that is all."""
    claims = parsed.claims or b""
    named = parsed.metadata.get(CONTENT_ID_ELEMENT, "")
    values = tuple(seal.value for seal in parsed.seals)
    whole = write_sealed_json(SealedJson(claims, named, values)) == data
    problem = None if whole else "not-as-written"
    return (SealFacts(sm3(claims), whole, problem),) * len(values)
