"""Bulk jobs in a test's world: rows, files that were sealed elsewhere, and the workers."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from pki import OWNER_CODE
from vault_world import CALLER, World, example

from license_vault.bulk.adoption import Adoption
from license_vault.bulk.importing import RowImporting
from license_vault.bulk.jobs import Job, JobKind
from license_vault.bulk.judgement import FileJudgement, TrustLevel
from license_vault.bulk.row_issuing import RowIssuing
from license_vault.bulk.row_revalidation import RowRevalidation
from license_vault.bulk.rows import Layout
from license_vault.bulk.staging import JobOrder, Staging, StagingServices, input_digest
from license_vault.bulk.working import ChunkWorker, WorkingServices
from license_vault.check_digits import uscc_check_character
from license_vault.issuing.issuance import Issuance
from license_vault.lifecycle.versions import Versions
from license_vault.vault import JSON, PDF

HOLDERS = 40


def uscc(number: int) -> str:
    body = f"9131011{number:010d}"
    return body + uscc_check_character(body)


def row(number: int, **changes: object) -> dict[str, object]:
    """A license of stock: no case, its own number, one of some holders."""
    body = example("public-place-hygiene")
    del body["case_number"]
    holder = {
        "kind": "legal_person",
        "name": f"演示企业{number % HOLDERS}号",
        "document_type": "001",
        "document_number": uscc(number % HOLDERS),
    }
    return {
        **body,
        "authority_code": OWNER_CODE,
        "number": f"沪嘉卫公证字〔2026〕第{number:06d}号",
        "holders": [holder],
        "issued_on": "2024-05-06",
        **changes,
    }


def write_rows(path: Path, rows: Iterator[dict[str, object]] | list[dict[str, object]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for body in rows:
            file.write(json.dumps(body, ensure_ascii=False) + "\n")


def order(folder: Path, kind: JobKind = JobKind.IMPORT) -> JobOrder:
    return JobOrder(kind, Layout.NDJSON, {}, str(folder))


def judge(data: bytes) -> FileJudgement:
    """A stand-in for the verifier: whatever says so is altered, the rest is grade B."""
    altered = b"altered" in data[-16:]
    level = None if altered else TrustLevel.B
    return FileJudgement(PDF, "altered" if altered else "indeterminate", level, ("x",))


@dataclass
class BulkWorld:
    """Workers over a world; licenses are issued in the JSON form only, which is the cheapest."""

    world: World
    folder: Path
    rows_a_chunk: int = 500

    def take_in(self, path: Path, wanted: JobOrder) -> Job:
        world = self.world
        services = StagingServices(
            world.database,
            world.keys,
            world.clock,
            secrets.token_bytes,
            self.rows_a_chunk,
            world.checkpoint,
        )
        with path.open("rb") as stream:
            digest = input_digest(stream, wanted)
            return Staging(services).take_in(stream, digest, wanted, CALLER)

    def worker(self) -> ChunkWorker:
        issuing = self.world.services()
        issuing = replace(issuing, make_form={JSON: issuing.make_form[JSON]})
        issuance = Issuance(issuing)
        importing = RowImporting(RowIssuing(issuance), Adoption(issuing, judge))
        versions = Versions(issuance, self.world.settling())
        works = {
            JobKind.IMPORT: importing,
            JobKind.REVALIDATION: RowRevalidation(issuance, versions),
        }
        return ChunkWorker(
            WorkingServices(
                database=self.world.database,
                keys=self.world.keys,
                clock=self.world.clock,
                random_bytes=secrets.token_bytes,
                works=works,
                checkpoint=self.world.checkpoint,
            )
        )
