"""Write the published set: ``PYTHONPATH=.:tests python -m mutants.publish tests/vectors/seals``.

Every key is made at random and forgotten when the program ends; only certificates are written. So
the files differ from one run to the next, and what is expected of them does not.
"""

from __future__ import annotations

import base64
import json
import shutil
import sys
from pathlib import Path
from typing import Any

from mutants.families import families, originals
from mutants.mutant import Mutant
from mutants.vector_world import VERIFY_AT, VectorWorld

from verification.explanations import reason

SCHEMA = "license-vault/mutants/1"
ORIGIN = "made by this project's own generator (tests/mutants) from its own files; nothing copied"
MOST_BYTES = 3_000_000
# What the standards let pass, and only a license of ours must not have or must have: another
# verifier may accept these.
PROFILE = frozenset(
    {
        "deviation-not-allowed",
        "entry-uncovered",
        "entry-unreferenced",
        "last-seal-does-not-lock",
        "seal-file-missing",
        "seal-form-not-ours",
        "seal-number-differs",
        "seal-owner-not-entitled",
        "seal-owner-unreadable",
        "seal-twice",
        "seals-missing",
        "timestamp-required",
    }
)
_FOLDERS = ("originals", "package", "ses", "cms", "sm2", "certificates")


def publish(folder: Path) -> int:
    """Write all files and the index into a folder; return how many bytes they are."""
    for name in _FOLDERS:
        shutil.rmtree(folder / name, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    world = VectorWorld()
    index = {
        "schema": SCHEMA,
        "origin": ORIGIN,
        "licence": "Apache-2.0",
        "verify_at": f"{VERIFY_AT:%Y-%m-%dT%H:%M:%SZ}",
        "trust_bundle": "trust-bundle.json",
        "originals": [_written(folder, "originals", each) for each in originals(world)],
        "mutants": [
            _written(folder, family, each)
            for family, found in families(world).items()
            for each in found
        ],
    }
    (folder / "index.json").write_text(_lines(index), "utf-8")
    (folder / "trust-bundle.json").write_bytes(world.bundle)
    _write_certificates(folder / "certificates", world)
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _written(folder: Path, family: str, mutant: Mutant) -> dict[str, Any]:
    path = Path(family) / f"{mutant.name}.{mutant.form}"
    (folder / family).mkdir(exist_ok=True)
    if (folder / path).exists():
        raise FileExistsError(path)
    (folder / path).write_bytes(mutant.data)
    return {**expectation(family, mutant), "file": str(path)}


def expectation(family: str, mutant: Mutant) -> dict[str, Any]:
    """What the index says of a file whatever its bytes: the same each time the set is made."""
    said: dict[str, Any] = {"id": f"{family}/{mutant.name}", "family": family}
    if mutant.attack:
        said |= {"attack": mutant.attack, "made_with": mutant.made_with}
    said |= {"zh": mutant.zh, "en": mutant.en, "verdict": mutant.verdict}
    if mutant.policy != "default":
        said["policy"] = mutant.policy
    if mutant.reasons:
        said["clause"] = reason(mutant.reasons[0].code).clause
        said["profile"] = mutant.reasons[0].code in PROFILE
        said["reasons"] = [{"code": each.code, "detail": each.detail} for each in mutant.reasons]
    return said


def _lines(index: dict[str, Any]) -> str:
    """JSON with one line for each file."""
    parts = []
    for key, value in index.items():
        if isinstance(value, list):
            rows = ",\n".join(f"  {json.dumps(row, ensure_ascii=False)}" for row in value)
            parts.append(f" {json.dumps(key)}: [\n{rows}\n ]")
        else:
            parts.append(f" {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _write_certificates(folder: Path, world: VectorWorld) -> None:
    """The hierarchy as DER files, for those who do not read the trust bundle."""
    pki = world.pki
    folder.mkdir()
    named = {
        "root": pki.root,
        "seal-ca": pki.seal_ca,
        "tsa-ca": pki.tsa_ca,
        "tsa": pki.tsa,
        "status": pki.status,
        "seal-maker": pki.maker,
        "seal": world.seal.certificate,
        "attacker-root": world.attacker.root,
    }
    for name, certificate in named.items():
        (folder / f"{name}.cer").write_bytes(certificate)
    lists = json.loads(world.bundle)["crls"]
    for name, encoded in zip(("root", "seal-ca", "tsa-ca"), lists, strict=True):
        (folder / f"{name}.crl").write_bytes(base64.b64decode(encoded))


if __name__ == "__main__":
    total = publish(Path(sys.argv[1]))
    sys.stdout.write(f"{total} bytes\n")
    sys.exit(total >= MOST_BYTES)
