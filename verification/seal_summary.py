"""What a report says of the electronic seal inside a value. No judgement."""

from __future__ import annotations

from signing.ses.seal import SESeal
from verification.report import SealDataSummary
from verification.trust import readable_certificate


def seal_data_summary(seal: SESeal) -> SealDataSummary:
    """Return the summary of a seal's data."""
    maker = readable_certificate(seal.maker_certificate)
    return SealDataSummary(
        es_id=seal.es_id,
        name=seal.name,
        maker=maker.common_name if maker is not None else "",
        valid_from=seal.valid_from,
        valid_until=seal.valid_until,
        version=seal.version,
    )
