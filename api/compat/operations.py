"""The operations of the GB/T 36906 family, each said in what the service does anyway.

Members are named by pinyin initials, as the family names them: zzbs 证照标识, zzlxdm 证照类型代码,
czztdm 持证主体代码, dzzzsymd 使用目的. Rights, journals and verdicts are those of the API.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from api.catalogue import published_types
from api.errors import RequestInvalidError
from api.holding.journaling import Reader, record_download, record_shown
from api.seeing import readable_license
from api.services import Services
from license_vault.access.errors import AccessNotGrantedError
from license_vault.access.grants import AccessGuard
from license_vault.access.use import Use
from license_vault.api_clients import Caller
from license_vault.copies.making import CopyOrder, CopyRequest
from license_vault.errors import LicenseNotFoundError
from license_vault.issuing.license_request import request_digest
from license_vault.license import DOCUMENT_NAMES, STATUS_NAMES, LicenseStatus
from license_vault.license_metadata import xmp_elements
from license_vault.presenting.standing import standing_of
from license_vault.registry.holders import Holders
from license_vault.registry.license_record import LicenseOpener
from license_vault.registry.records import LicenseFilter, LicenseRecord
from license_vault.registry.registry import Registry
from license_vault.registry.writing import RequestMark
from license_vault.vault import OFD, PDF
from verification.errors import DocumentTooLargeError
from verification.report import Verdict, VerificationReport

# 信息验证 0 to 6; 文件验证 0 to 2. Source: two vendors that agree (docs/compat.md).
RIGHT, RIGHT_INACTIVE, RIGHT_SUSPENDED, RIGHT_ENDED = "0", "1", "2", "3"
TOO_LITTLE, NOT_THERE, DIFFERENT = "4", "5", "6"
FILE_PASSED, SEAL_FAILED, FILE_FAILED = "0", "1", "2"
_OF_STATE = {
    LicenseStatus.VALID: RIGHT,
    LicenseStatus.PENDING: RIGHT_INACTIVE,
    LicenseStatus.SUSPENDED: RIGHT_SUSPENDED,
}
_OF_VERDICT = {
    Verdict.VALID: FILE_PASSED,
    Verdict.VALID_COPY: FILE_PASSED,
    Verdict.UNTRUSTED: SEAL_FAILED,
    Verdict.UNSEALED: SEAL_FAILED,
}
_LONGEST, _MOST = 512, 100
_FORMS = {"ofd": OFD, "pdf": PDF}


@dataclass(frozen=True, slots=True)
class Call:
    """One call: its data, who calls and for what use; both None where anybody may."""

    services: Services
    data: Mapping[str, Any] = field(repr=False)
    caller: Caller | None = None
    use: Use | None = None

    @property
    def by(self) -> tuple[Caller, Use]:
        """Return who calls and for what; the route has asked for both."""
        if self.caller is None or self.use is None:
            raise LicenseNotFoundError("")
        return self.caller, self.use

    def text(self, name: str) -> str:
        """Return a text member that must be there.

        Raises:
            RequestInvalidError: it is missing, empty, or no short text.
        """
        value = self.optional(name)
        if not value:
            raise _wrong(name, "required", "缺少此项。", "This is required.")
        return value

    def optional(self, name: str) -> str:
        """Return a text member, "" where there is none.

        Raises:
            RequestInvalidError: it is no short text.
        """
        value = self.data.get(name, "")
        if not isinstance(value, str) or len(value) > _LONGEST:
            raise _wrong(name, "not-text", "应为文本。", "This must be a text.")
        return value.strip()


def directory(call: Call) -> object:
    """目录: the license types, each in its newest published version."""
    found = published_types(call.services.catalogue)
    return [{"zzlxdm": one.code, "zzmc": one.name_zh, "bbh": one.version} for one in found]


def retrieve(call: Call) -> object:
    """检索: the licenses of a holder, by document number, of the types granted for the use."""
    caller, use = call.by
    services, number = call.services, call.text("czztdm")
    wanted, named = call.optional("zzlxdm"), call.optional("czztdmlxdm")
    macs = [services.macs.holder(kind, number) for kind in ((named,) if named else DOCUMENT_NAMES)]
    with services.database.reading() as session:
        guard = AccessGuard(session, services.macs, services.clock())
        types = guard.types_for(caller, use)
        types = types & {wanted} if wanted else types
        if not types:
            raise AccessNotGrantedError(wanted or "*", use.item_code)
        found = [
            record
            for holder in Holders(session).by_macs(macs).values()
            for record in Registry(session).page(
                LicenseFilter(holder=holder.handle, type_codes=types), _MOST, None
            )
            if record.forms
        ]
    record_shown(services, Reader(caller.name, use), found)
    return [_row(call, record) for record in found]


def show(call: Call) -> object:
    """查询: what a license says, and its state."""
    record, elements = _read(call)
    return {**elements, "zzzt": _state_name(call, record)}


def metadata(call: Call) -> object:
    """元数据: the elements that are named, all where none is."""
    _, elements = _read(call)
    wanted = call.data.get("meladataRange") or []  # so written by the systems that ask
    if not isinstance(wanted, list) or not all(isinstance(one, str) for one in wanted):
        raise _wrong(
            "meladataRange", "not-a-list", "应为名称的列表。", "This must be a list of names."
        )
    return {name: text for name, text in elements.items() if not wanted or name in wanted}


def download(call: Call) -> object:
    """下载: the sealed file; with a purpose (dzzzsymd) a purpose-bound copy until jzjyxqjzsj."""
    caller, use = call.by
    record = _record(call)
    if call.optional("dzzzsymd"):
        return _file(record, _copy(call, record))
    form = record.form(_form(call))
    with call.services.database.reading() as session:
        kept = Registry(session).kept(record.identifier)
    data = LicenseOpener(call.services.vault).file(kept, form)
    record_download(call.services, Reader(caller.name, use), record, form.form)
    return _file(record, data)


def address(call: Call) -> object:
    """下载地址: where the file is fetched, with the same token and use."""
    record, form = _record(call), _form(call)
    record.form(form)
    path = f"/v1/licenses/{record.identifier}/file?form={form}"
    return {"contentType": "http", "zzbs": record.identifier, "content": f"{_base(call)}{path}"}


def check_information(call: Call) -> object:
    """信息验证: whether a license says what is sent, and its state; 0 to 6."""
    sent = {name.upper(): call.text(name) for name in call.data if name.lower() != "zzbs"}
    try:
        record, elements = _read(call)
    except LicenseNotFoundError:
        return {"result": NOT_THERE}
    if not sent:
        return {"result": TOO_LITTLE}
    known = {name.upper(): text for name, text in elements.items()}
    if any(known.get(name) != text for name, text in sent.items()):
        return {"result": DIFFERENT}
    return {"result": _OF_STATE.get(_state(call, record), RIGHT_ENDED)}


def check_file(call: Call) -> object:
    """文件验证: the verdict on a file; 0 only for a license in force, or a copy that counts."""
    report = call.services.verifier.verify(_content(call))
    return {"result": _file_result(report), "message": report.sentence.zh}


OPERATIONS: Mapping[str, Callable[[Call], object]] = {
    "zzml": directory,
    "zzjs": retrieve,
    "zzcx": show,
    "zzysj": metadata,
    "zzxxxz": download,
    "zzdzxz": address,
    "zzxxyz": check_information,
    "zzwjyz": check_file,
}
FOR_ANYBODY = frozenset({"zzml", "zzwjyz"})


def _file_result(report: VerificationReport) -> str:
    """Return 0 to 2; what cannot be determined has not passed, nor has a seal by itself."""
    if report.verdict is Verdict.VALID and report.license is None:
        return FILE_FAILED
    return _OF_VERDICT.get(report.verdict, FILE_FAILED)


def _record(call: Call) -> LicenseRecord:
    caller, use = call.by
    services = call.services
    with services.database.reading() as session:
        guard = AccessGuard(session, services.macs, services.clock())
        return readable_license(session, guard, call.text("zzbs"), caller, use)


def _read(call: Call) -> tuple[LicenseRecord, Mapping[str, str]]:
    """Return a license and its elements by their short names; the holders' journals say so."""
    caller, use = call.by
    record = _record(call)
    with call.services.database.reading() as session:
        kept = Registry(session).kept(record.identifier)
    content = LicenseOpener(call.services.vault).secrets(kept).content
    record_shown(call.services, Reader(caller.name, use), (record,), ("metadata",))
    return record, xmp_elements(content, record.content_id)


def _row(call: Call, record: LicenseRecord) -> dict[str, str]:
    catalogue = call.services.catalogue
    return {
        "zzbs": record.identifier,
        "zzlxdm": record.type_code,
        "zzmc": catalogue.get(record.type_code, record.type_version).name_zh,
        "zzbfjg": record.authority_name,
        "zzzt": _state_name(call, record),
    }


def _state(call: Call, record: LicenseRecord) -> LicenseStatus:
    with call.services.database.reading() as session:
        return standing_of(session, record, call.services.clock())


def _state_name(call: Call, record: LicenseRecord) -> str:
    return STATUS_NAMES[_state(call, record)][0]


def _copy(call: Call, record: LicenseRecord) -> bytes:
    """Return a copy for the caller's organisation; the same words on one day are one copy."""
    caller, use = call.by
    services, purpose = call.services, call.text("dzzzsymd")
    until = _day(call)
    with services.database.reading() as session:
        holder = Holders(session).by_handle(record.holders[0])
    order = CopyOrder(caller.name, purpose, use.item_name, use.item_code, until)
    told = {"compat": "zzxxxz", **{name: str(text) for name, text in call.data.items()}}
    digest = request_digest({**told, "on": services.clock().date().isoformat()})
    key = services.macs.idempotency_key(caller.name, f"compat-{digest}")
    mark = RequestMark(caller.name, key, bytes.fromhex(digest))
    request = CopyRequest(record, holder, caller.name, mark)
    copied = services.presenting.copies.make(order, request)
    return services.presenting.copies.file(copied.kept, holder)


def _day(call: Call) -> date:
    """Return the day until which a copy is to count: yyyyMMdd, alone or with a time behind."""
    text = call.text("jzjyxqjzsj").replace("-", "")[:8]
    try:
        return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 (a civil day)
    except ValueError as error:
        raise _wrong("jzjyxqjzsj", "not-a-day", "应为日期。", "This must be a day.") from error


def _form(call: Call) -> str:
    wanted = call.optional("wjgs") or "ofd"
    if wanted.lower() not in _FORMS:
        raise _wrong("wjgs", "not-a-choice", "应为 ofd 或 pdf。", "This must be ofd or pdf.")
    return _FORMS[wanted.lower()]


def _file(record: LicenseRecord, data: bytes) -> dict[str, str]:
    content = base64.b64encode(data).decode("ascii")
    return {"contentType": "base64", "zzbs": record.identifier, "content": content}


def _content(call: Call) -> bytes:
    text, limit = call.data.get("content"), call.services.limits.max_document_bytes
    if not isinstance(text, str) or not text:
        raise _wrong("content", "required", "缺少文件内容。", "The content is required.")
    if len(text) * 3 // 4 > limit:
        raise DocumentTooLargeError(len(text) * 3 // 4, limit)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _wrong("content", "not-base64", "应为 base64。", "This must be base64.") from error


def _base(call: Call) -> str:
    return call.services.public_url


def _wrong(name: str, code: str, zh: str, en: str) -> RequestInvalidError:
    return RequestInvalidError(f"/data/{name}", code, zh, en)
