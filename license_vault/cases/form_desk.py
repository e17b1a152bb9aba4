"""What a case shows: files that are brought and verified, the pre-filled form, the sealed sheet.

A file is kept encrypted with what our verifier said of it when it came. The form is filled anew
each time it is asked for, and each use of a license from the vault is in its holder's journal. A
sheet is the filled form as a document; with the holder's own seal set on it by this node, it
comes back into the case.
"""

from dataclasses import dataclass, field, replace
from typing import Final

from sqlalchemy import select

from keys.sm3 import sm3
from license_vault.access.use import Use
from license_vault.api_clients import Caller
from license_vault.cases.case import (
    CaseDocument,
    CaseState,
    DocumentKind,
    Judged,
    OpenCase,
    SealPlace,
)
from license_vault.cases.case_services import (
    CaseServices,
    Request,
    act_on_case,
    answered_before,
    opened,
    visible_case,
)
from license_vault.cases.documents import (
    CaseDocuments,
    CaseDocumentWriter,
    NewDocument,
    object_key_of,
)
from license_vault.cases.errors import (
    CaseStateError,
    SealedFormRefusedError,
)
from license_vault.cases.gathering import Gathered, Gathering, Reader, verified
from license_vault.cases.prefill import FilledField, FilledForm, fill, meet_needs
from license_vault.cases.used_licenses import record_used
from license_vault.database.columns import table_of
from license_vault.database.seal_tables import DocumentSealingRow, HolderSealRow
from license_vault.database.sessions import Reading
from license_vault.database.tables import HolderRow
from license_vault.errors import FieldInvalidError, FieldProblem
from license_vault.face.form_sheet import FormSheet
from license_vault.figures.waivers import count_waived
from license_vault.holding.journal import PREFILLED, Journal, JournalAct
from license_vault.registry.holders import new_handle

SHEET_FORMS: Final = ("pdf", "ofd")
_BROUGHT_FORMS: Final = frozenset({"pdf", "ofd", "json"})

_SEALING = table_of(DocumentSealingRow)
_OWN_SEAL = table_of(HolderSealRow)
_HOLDER = table_of(HolderRow)


@dataclass(frozen=True, slots=True)
class KeptDocument:
    """A file of a case with what was said of it; of a sheet of our own, where its seal goes."""

    document: CaseDocument
    said: Judged | SealPlace
    replayed: bool = False

    @property
    def judged(self) -> Judged | None:
        """Return what the verifier said of it."""
        return self.said if isinstance(self.said, Judged) else None


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A file of a case: its bytes, and what the case keeps it as."""

    kept: KeptDocument
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class _NewFile:
    """A file that is to be kept; ``sheet_row_id`` is the sheet that bears this seal."""

    form: str
    data: bytes = field(repr=False)
    said: Judged | SealPlace
    kind: DocumentKind
    sheet_row_id: int | None = None


class FormDesk:
    """Works on what a case shows. Made once, used by all threads."""

    def __init__(self, services: CaseServices) -> None:
        self._services = services

    # --- files ---

    def bring(self, handle: str, data: bytes, request: Request) -> KeptDocument:
        """Verify a file that the applicant brings, and keep it with the verdict.

        Raises:
            CaseUnknownError: there is no such case.
            CaseStateError: it is closed.
            VerificationError of ``judge``: the file is of no form that we read.
        """
        earlier = answered_before(self._services, request)
        if earlier is not None:
            return self._again(handle, earlier, request.caller)
        case = self._open_case(handle, request.caller)
        judged = self._services.judge(data, case.definition.item.code)
        if judged.form not in _BROUGHT_FORMS:
            raise _not_a_document()
        file = _NewFile(judged.form, data, judged, DocumentKind.BROUGHT)
        return self._keep(handle, file, request)

    def documents(self, handle: str, caller: Caller) -> tuple[KeptDocument, ...]:
        """Return the files of a case with what was said of them.

        Raises:
            CaseUnknownError: there is no such case.
        """
        with self._services.database.reading() as session:
            case = opened(self._services, session, visible_case(session, handle, caller))
            found = CaseDocuments(session).of_case(case.record)
        secrets = self._services.secrets
        return tuple(KeptDocument(d, secrets.opened_report(case.key, d)) for d in found)

    def document(self, handle: str, document: str, caller: Caller) -> KeptDocument:
        """Return a file of a case with what was said of it.

        Raises:
            CaseUnknownError, CaseDocumentUnknownError: there is no such case or file.
        """
        with self._services.database.reading() as session:
            record = visible_case(session, handle, caller)
            found = CaseDocuments(session).get(record, document)
        secrets = self._services.secrets
        return KeptDocument(found, secrets.opened_report(secrets.key(record), found))

    def file(self, handle: str, document: str, caller: Caller) -> CaseFile:
        """Return a file of a case.

        Raises:
            CaseUnknownError, CaseDocumentUnknownError: there is no such case or file.
            ObjectMissingError, ObjectDamagedError, StoreUnavailableError: it cannot be had.
        """
        with self._services.database.reading() as session:
            record = visible_case(session, handle, caller)
            found = CaseDocuments(session).get(record, document)
        secrets = self._services.secrets
        key = secrets.key(record)
        kept = KeptDocument(found, secrets.opened_report(key, found))
        return CaseFile(kept, secrets.file(key, found))

    # --- the form ---

    def form(self, handle: str, caller: Caller, use: Use) -> FilledForm:
        """Fill the item's form from what the case's holders have; it is in their journals.

        Raises:
            CaseUnknownError: there is no such case.
            FieldInvalidError: the use is of another item or case.
            ObjectMissingError, ObjectDamagedError, StoreUnavailableError: a file cannot be had.
        """
        case = self._visible(handle, caller)
        _require_use_of(case, use)
        with self._services.database.reading() as session:
            found = Gathering(self._services, session, case).look(Reader(caller, use))
        gathered = verified(self._services, case, found)
        form = _filled(case, gathered)
        with self._services.database.writing() as session:
            at = self._services.clock()
            act = JournalAct(PREFILLED, use, (), at, actor=caller.name)
            record_used(Journal(session, self._services.vault), form, gathered.records, act)
            count_waived(session, case.record.row_id, (form.have, len(form.needs)), at)
        return form

    def sheet(self, handle: str, form: str, use: Use, request: Request) -> CaseFile:
        """Draw the filled form as a document, to be sealed by the holder, and keep it.

        Raises:
            As ``form``; CaseStateError: the case is decided.
            FaceError: a value cannot be drawn.
        """
        earlier = answered_before(self._services, request)
        if earlier is not None:
            return self.file(handle, earlier.rpartition("/")[2], request.caller)
        case = self._open_case(handle, request.caller)
        filled = self.form(handle, request.caller, use)
        item = case.definition.item
        rows = tuple(map(_row, filled.fields))
        sheet = FormSheet("申请表（预填） Application, filled in", item.name.zh, case.number, rows)
        drawn = self._services.draw_sheet(sheet, form)
        file = _NewFile(form, drawn.data, drawn.place, DocumentKind.SHEET)
        return CaseFile(self._keep(handle, file, request), drawn.data)

    def sealed(self, handle: str, data: bytes, request: Request) -> KeptDocument:
        """Take back a sheet of the case with the seal of its holder, and keep it.

        That it is this sheet with that seal is on this node's own record of sealings: SM3 of the
        sheet, of the result, and whose seal it was. The verifier judges it besides.

        Raises:
            SealedFormRefusedError: it is none.
            CaseUnknownError, CaseStateError: there is no such case, or it is decided.
        """
        earlier = answered_before(self._services, request)
        if earlier is not None:
            return self._again(handle, earlier, request.caller)
        case = self._open_case(handle, request.caller)
        with self._services.database.reading() as session:
            sheet = _sheet_sealed_by_holder(session, case, data)
        judged = self._services.judge(data, "")
        file = _NewFile(judged.form, data, judged, DocumentKind.SEALED_SHEET, sheet.row_id)
        return self._keep(handle, file, request)

    # --- keeping ---

    def _keep(self, handle: str, file: "_NewFile", request: Request) -> KeptDocument:
        services, said = self._services, file.said
        name = new_handle(services.random_bytes)
        case = self._visible(handle, request.caller)
        place = object_key_of(handle, name, file.form)
        deposited = services.secrets.deposit(case.key, place, file.form, file.data)
        with act_on_case(services, request, f"case.document-{file.kind.value}") as act:
            _require_open(visible_case(act.session, handle, request.caller).state, handle)
            document = CaseDocumentWriter(act.session).add(
                case.record,
                NewDocument(
                    handle=name,
                    kind=file.kind,
                    verdict=said.verdict if isinstance(said, Judged) else "",
                    deposited=deposited,
                    sealed_report=services.secrets.sealed_report(case.key, name, said),
                    sheet_row_id=file.sheet_row_id,
                    added_by=request.caller.name,
                    added_at=act.at,
                ),
            )
            act.made, act.subject = f"case:{handle}/{name}", f"case:{handle}"
            act.details = {"document": name, "sm3": document.sm3.hex()}
        return KeptDocument(document, said)

    def _again(self, handle: str, resource: str, caller: Caller) -> KeptDocument:
        kept = self.document(handle, resource.rpartition("/")[2], caller)
        return replace(kept, replayed=True)

    def _visible(self, handle: str, caller: Caller) -> OpenCase:
        with self._services.database.reading() as session:
            return opened(self._services, session, visible_case(session, handle, caller))

    def _open_case(self, handle: str, caller: Caller) -> OpenCase:
        case = self._visible(handle, caller)
        _require_open(case.record.state, handle)
        return case


def _require_open(state: CaseState, handle: str) -> None:
    if state is not CaseState.OPEN:
        raise CaseStateError(handle, state.value)


def _require_use_of(case: OpenCase, use: Use) -> None:
    """Check that a use names the case that it is about."""
    for name, said, is_ in (
        ("item_code", use.item_code, case.definition.item.code),
        ("case_number", use.case_number, case.number),
    ):
        if said != is_:
            zh, en = "与办件不一致。", "This is not what the case says."
            pointer = f"/header/license-use/{name}"
            raise FieldInvalidError((FieldProblem(pointer, "not-of-this-case", zh, en),))


def _not_a_document() -> FieldInvalidError:
    zh, en = "应为 PDF、OFD 或 JSON 文件。", "This must be a PDF, an OFD or a JSON."
    return FieldInvalidError((FieldProblem("/file", "not-a-document", zh, en),))


def _filled(case: OpenCase, gathered: Gathered) -> FilledForm:
    needs = meet_needs(case.definition.item, gathered.shown, gathered.withheld)
    return fill(case.definition.item, case.holders, needs)


def _row(filled: FilledField) -> tuple[str, str, str]:
    """Return a line of the sheet: label, value, and the license that the value stands in."""
    source = "" if filled.license is None else filled.license.identifier
    if filled.value is not None and filled.license is None:
        source = "申请人"
    return filled.field.label.zh, filled.value or "", source


def _sheet_sealed_by_holder(session: Reading, case: OpenCase, data: bytes) -> CaseDocument:
    """Return the sheet of a case that a file is, sealed by one of the case's holders."""
    rows = session.execute(
        select(_SEALING.c.document_sm3, _HOLDER.c.lookup_mac)
        .join(_OWN_SEAL, _OWN_SEAL.c.seal_id == _SEALING.c.seal_id, isouter=True)
        .join(_HOLDER, _HOLDER.c.id == _OWN_SEAL.c.holder_id, isouter=True)
        .where(_SEALING.c.result_sm3 == sm3(data))
    ).all()
    sheets = {
        document.sm3: document
        for document in CaseDocuments(session).of_case(case.record)
        if document.kind is DocumentKind.SHEET
    }
    found = [(sheets[row.document_sm3], row) for row in rows if row.document_sm3 in sheets]
    if not found:
        raise SealedFormRefusedError("not-sealed-here")
    for sheet, row in found:
        if row.lookup_mac in case.record.holder_macs:
            return sheet
    raise SealedFormRefusedError("seal-of-another")
