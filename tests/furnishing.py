"""One of everything that has an address, each belonging to Jiading and to one holder.

Made once, for tests that go over all routes of the OpenAPI document: ``Furnished.values`` has a
value for every parameter of every path, so a route with a new kind of thing fails until the
thing is made here.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

from api_node import EVERYTHING, EXAMPLES, JIADING, USE, Node
from PIL import Image

from api import wiring
from api.authentication import read_scopes
from api.use_header import written_use
from license_vault.access.use import Use
from license_vault.api_clients import ApiClientWriter
from license_vault.bulk.judgement import TrustLevel
from license_vault.exchange.dispute_rows import NewPartnerDispute, PartnerDisputeWriter
from license_vault.exchange.rows import OUT, ExchangeWriter, NewExchange
from license_vault.license import Holder, HolderKind
from license_vault.presenting.devices import DeviceWriter
from license_vault.registry.holders import Holders
from license_vault.sharing.partner_licenses import IntakeFile, PartnerLicenseWriter

ITEM = json.loads((EXAMPLES / "items" / "public-place-hygiene.json").read_text("utf-8"))
EXAMPLE = json.loads((EXAMPLES / "public-place-hygiene.json").read_text("utf-8"))
STATED = {
    name: EXAMPLE["holders"][0][name] for name in ("name", "document_type", "document_number")
}
HOLDER = (STATED["document_type"], STATED["document_number"])
SEAL, HYGIENE = "31011400000001", "11310000MBDEM00076002"
AGENT = {"name": "赵一", "document_type": "111", "document_number": "110101199003070011"}
PUBLIC = (
    "/v1/prints/",
    "/v1/license-types/",
    "/v1/status-lists/",
    "/v1/issue-log/",
    "/v1/trust-lists/",
    "/v1/trust-roots/",
    "/v1/verifications/receipts/",
    "/schemas/",
)
"""What everybody may read: it tells nothing of anybody, or a random number opens it (receipts).

Lists, roots and the log are what other regions judge ours by.
"""
APPROVALS = "/v1/trust-lists/{region}/approvals"
"""Not public, though it stands below what is."""


def is_public(path: str) -> bool:
    """Tell whether everybody may ask a path."""
    return path.startswith(PUBLIC) and path != APPROVALS


class Furnished:
    """The things, and who may reach them."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.holder = node.holder(*HOLDER)
        self.counter = self._counter()
        self.kiosk = self._kiosk(JIADING)
        self.values = {
            "receipt_id": "0" * 26,
            "file_name": "verification-receipt-1.json",
            **{name: "1" for name in ("sequence", "version", "size")},
            "level": "0",
            "content_id": "0" * 64,
            "type_code": HYGIENE,
            **self._license(),
        }
        self.values |= self._of_the_holder()
        self.values |= self._of_the_authority()
        self.values |= self._between_regions()

    def parameters(self, path: str) -> dict[str, str]:
        """Return a value for every parameter of a path."""
        known = {**self.values, **self._meant_by(path)}
        names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        return {name: known[name] for name in names}

    def owner(self, path: str) -> dict[str, str]:
        """Return the headers of somebody who may read what stands at a path."""
        if path.startswith("/v1/devices"):
            return self.kiosk
        if path == APPROVALS:
            token = self.node.jwt(roles=["security-administrator"], sub="furnishing")
            return {"Authorization": f"Bearer {token}"}
        if path.endswith(("/receipt", "/representations")):
            return self.counter
        if path.startswith(("/v1/holders", "/v1/mandates", "/v1/presentations")):
            return self.holder
        if path.startswith("/v1/seals"):
            return self.node.seal_person("seal-manager", JIADING, "anna")
        if path.startswith(("/v1/disputes", "/v1/partner-disputes")):
            return self.node.officer(JIADING)
        return self.counter

    def _meant_by(self, path: str) -> Mapping[str, str]:
        """Return what a name means on this path, where it means something else elsewhere."""
        if path.endswith("/resumption") and path.startswith("/v1/jobs"):
            return {"name": self.values["going"]}
        meant = {
            "/v1/webhooks": ("number", self.values["webhook"]),
            "/v1/access-requests": ("number", self.values["request"]),
            "/v1/issue-log": ("number", "0"),
            "/v1/holders/{handle}/partner-licenses": ("name", self.values["partner_license"]),
            "/v1/prints": ("code", self.values["print"]),
            "/v1/license-types": ("code", HYGIENE),
            "/v1/items": ("code", ITEM["code"]),
            "/v1/devices": ("handle", self.values["kiosk_handle"]),
        }
        return dict(value for start, value in meant.items() if path.startswith(start))

    def _counter(self) -> dict[str, str]:
        """Return the headers of a client of Jiading that may do everything."""
        scopes = read_scopes(f"{EVERYTHING} cases:handle items:define seals:use")
        with self.node.services.database.writing() as session:
            writer = ApiClientWriter(session, self.node.services.keys, secrets.token_bytes)
            made = writer.add(JIADING, "furnishing", scopes, wiring.clock())
        self.node.credentials["furnishing"] = (made.client_id, made.secret)
        return self.node.auth("furnishing")

    def _kiosk(self, organisation: str) -> dict[str, str]:
        services = self.node.services
        with services.database.writing() as session:
            writer = DeviceWriter(session, services.keys, services.random_bytes)
            made = writer.add(organisation, "大厅 9 号机", services.clock())
        body = {"device_id": made.device_id, "device_secret": made.secret}
        token = self.node.client.post("/v1/devices/token", json=body).json()["access_token"]
        use = Use(organisation, "AA-BB-CC", "延续", ITEM["code"], "C-1", "自助申报")
        return {"Authorization": f"Bearer {token}", "License-Use": written_use(use)}

    def _post(self, path: str, who: Mapping[str, str], body: Any = None, **more: Any) -> Any:
        headers = {**who, "Idempotency-Key": secrets.token_hex(8)}
        answer = self.node.client.post(f"/v1{path}", json=body, headers=headers, **more)
        assert answer.status_code in (200, 201, 202), f"{path}: {answer.text}"
        return answer.json()

    def _license(self) -> dict[str, str]:
        photo = BytesIO()
        Image.new("RGB", (8, 8), (9, 9, 9)).save(photo, "JPEG")
        files = {"file": ("现场.jpg", photo.getvalue(), "image/jpeg")}
        evidence = self._post("/evidence", self.counter, files=files)["id"]
        due = (date.today() + timedelta(days=30)).isoformat()
        asked = self.node.body(
            evidence=[evidence], conditions=[{"text": "补交检测报告", "due": due}]
        )
        package = {
            "item_code": ITEM["code"], "case_number": "一件事-9", "licenses": [asked],
        }  # fmt: skip
        made = self._post("/packages", self.counter, package)
        # A proof needs a checkpoint that has the license.
        self.node.services.issue_log.checkpoint()
        return {
            "evidence_id": evidence,
            "package_id": made["id"],
            "identifier": made["licenses"][0]["identifier"],
            "position": "1",
            "verb": "suspension",
            "code": SEAL,
            "shard": "0",
        }

    def _between_regions(self) -> dict[str, str]:
        """Return a question to a region and a dispute there, as if the region were a partner."""
        services = self.node.services
        at, region, reference = services.clock(), "990000", "KY20260601FURNISHED"
        new = NewExchange(
            OUT, region, secrets.token_hex(13), "status", JIADING, "9", bytes(32), "client:f", at
        )
        question = {"use": asdict(replace(USE, organisation=JIADING)), "body": {"grounds": "x"}}
        dispute = NewPartnerDispute(
            reference, region, self.values["identifier"], "number", JIADING, None, "officer:f", at,
            secrets.token_hex(13), json.dumps(question).encode(),
        )  # fmt: skip
        with services.database.writing() as session:
            writer = ExchangeWriter(session, services.keys, services.vault)
            made = writer.begin(new)
            writer.keep(made, "request", f"request {made.exchange_id}".encode(), at)
            PartnerDisputeWriter(session, services.keys, services.vault).raise_(dispute)
        return {
            "partner_license": self._partner_license(region),
            "region": region,
            "exchange_id": made.exchange_id,
            "message": "request",
            "reference": reference,
        }

    def _partner_license(self, region: str) -> str:
        """Return the name of a file in the holder's vault, as if the region had issued it."""
        services, mac = self.node.services, self.node.services.macs.holder(*HOLDER)
        named = Holder(HolderKind.LEGAL_PERSON, "演示公司", *HOLDER)
        file = IntakeFile(
            self.values["identifier"], HYGIENE, JIADING, region, "pdf", bytes(32),
            TrustLevel.A, named, b"%PDF-1.4\n%%EOF\n",
        )  # fmt: skip
        with services.database.writing() as session:
            writer = PartnerLicenseWriter(
                session, services.vault, Holders(session).by_macs((mac,))[mac]
            )
            return writer.add(file, services.random_bytes, "furnishing", services.clock()).handle

    def _of_the_holder(self) -> dict[str, str]:
        identifier, own = self.values["identifier"], self.holder
        handle = self.node.client.get("/v1/holders/me", headers=own).json()["handle"]
        base, day = f"/holders/{handle}", (datetime.now(UTC) + timedelta(days=20)).date()
        mandate = {
            "agent": AGENT, "type_codes": ["*"], "actions": ["view"], "until": day.isoformat(),
        }  # fmt: skip
        copy = {
            "user": "演示市甲单位", "purpose": "投标报名", "item_name": "招标资格审查",
            "item_code": "9", "until": day.isoformat(),
        }  # fmt: skip
        shown = {"licenses": [identifier], "fields": {identifier: ["number"]}, "minutes": 5}
        license_ = f"{base}/licenses/{identifier}"
        dispute = {"field": "valid_until", "grounds": "有效期应为三年"}
        return {
            "handle": handle,
            "mandate_id": self._post(f"{base}/mandates", own, mandate)["id"],
            "copy_id": self._post(f"{license_}/copies", own, copy)["copy_id"],
            "presentation_id": self._post("/presentations", own, shown)["presentation_id"],
            "number": self._post(f"{license_}/disputes", own, dispute)["number"],
            "print": self._post(f"{license_}/prints", own)["code"],
        }

    def _of_the_authority(self) -> dict[str, str]:
        client, counter = self.node.client, self.counter
        put = client.put(f"/v1/items/{ITEM['code']}", json=ITEM, headers=counter)
        assert put.status_code == 200, put.text
        case = {"item_code": ITEM["code"], "case_number": "JD-9-0001", "holders": [STATED]}
        wish = {
            "item_code": ITEM["code"], "type_code": HYGIENE,
            "purpose": USE.purpose, "basis": "依法",
        }  # fmt: skip
        # A literal address: no name is resolved, and nothing is sent while nobody tells.
        hook = {"url": "https://1.1.1.1/in", "kinds": ["license.rescinded"]}
        job, going = (
            self._post("/jobs", counter, files={"file": ("rows", data, "text/plain")})["id"]
            for data in (b"{}\n", b"{} \n")
        )
        # The events of a stopped job end.
        self._post(f"/jobs/{job}/pause", counter)
        opened = self._post("/cases", counter, case)["case"]
        given = {**STATED, "evidence": {"kind": "id-card-read", "reference": "r-1"}}
        brought = {"file": ("旧证.pdf", b"%PDF-1.4\n%%EOF\n", "application/pdf")}
        return {
            "case": opened,
            "document": self._post(f"/cases/{opened}/documents", counter, files=brought)[
                "document"
            ],
            "webhook": self._post("/webhooks", counter, hook)["number"],
            "request": self._post("/access-requests", counter, wish)["number"],
            "name": job,
            "going": going,
            "kiosk_handle": self._post("/devices/holder-handles", self.kiosk, given)["handle"],
        }
