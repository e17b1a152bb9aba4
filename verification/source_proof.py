"""Proofs of existence that came with files, set before whatever else knows an issue log.

A proof is handed on as received, and judged; where several came, the one that names the license
is, else the first, so that it is told to be another's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from verification.evidence import LogEvidence, LogKind
from verification.log_judgement import readable_proof
from verification.sources import LogSource, Sources


class ProofSource:
    """Answers with a proof, and with what is known besides."""

    def __init__(self, proofs: Sequence[bytes], beyond: LogSource | None) -> None:
        """Take at least one proof, and what else knows issue logs, if anything does."""
        self._proofs = tuple(proofs)
        self._beyond = beyond

    def log_of(self, content_id: str, authority_code: str) -> LogEvidence | None:
        """Return the evidence of a content_id, with a proof of it."""
        known = None
        if self._beyond is not None:
            known = self._beyond.log_of(content_id, authority_code)
        return replace(known or LogEvidence("", LogKind.PROOF), proof=self._proof_of(content_id))

    def _proof_of(self, content_id: str) -> bytes:
        for data in self._proofs:
            proof = readable_proof(data)
            if not isinstance(proof, str) and proof.content_id == content_id:
                return data
        return self._proofs[0]


def with_proofs(sources: Sources, proofs: Sequence[bytes]) -> Sources:
    """Return sources that have these proofs too."""
    return replace(sources, log=ProofSource(proofs, sources.log)) if proofs else sources
