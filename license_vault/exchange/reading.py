"""Operations that read: by holder, by identifier, metadata, state, information field by field."""

from collections.abc import Mapping
from typing import Any

from license_vault.clock import civil_date
from license_vault.database.sessions import Reading
from license_vault.errors import LicenseNotFoundError
from license_vault.exchange.errors import ExchangeBodyError
from license_vault.exchange.operations import (
    Asked,
    Ground,
    Result,
    Seen,
    done,
    granted_license,
    granted_types,
    not_found,
    optional_text,
    require_members,
    text_in,
)
from license_vault.exchange.question import (
    CHECK_INFORMATION,
    METADATA,
    QUERY_BY_HOLDER,
    QUERY_BY_IDENTIFIER,
    STATUS,
)
from license_vault.holding.journal import SHOWN, VERIFIED
from license_vault.license import LONG_TERM, LicenseContent, LicenseStatus
from license_vault.license_metadata import printed_values
from license_vault.presenting.standing import marks_of, standing_of
from license_vault.registry.holders import Holders
from license_vault.registry.live_states import LiveStates
from license_vault.registry.records import LicenseFilter, LicenseRecord
from license_vault.registry.registry import Registry
from license_vault.sharing.sharing import Sharing

MOST_LICENSES = 100
MOST_FIELDS = 64
_LONGEST_VALUE = 4096
_NEVER_MADE = (LicenseStatus.ISSUING, LicenseStatus.VOID)
_EQUAL, _DIFFERENT, _UNKNOWN = "equal", "different", "unknown"


class ReadingOperations:
    """Reads licenses for partners; made once, used by all threads."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def by_holder(self, asked: Asked) -> Result:
        """Tell which licenses a holder has, of the types that were granted for the use.

        Raises:
            AccessNotGrantedError, NotSharedError: no type was.
        """
        body, ground = asked.body, self._ground
        require_members(body, ("document_type", "document_number"), ("type_code",))
        mac = ground.macs.holder(
            text_in(body, "document_type", 64), text_in(body, "document_number", 64)
        )
        wanted = optional_text(body, "type_code", 21)
        with ground.database.reading() as session:
            types = granted_types(session, ground, asked, QUERY_BY_HOLDER, wanted)
            holder = Holders(session).by_macs((mac,)).get(mac)
            found: tuple[LicenseRecord, ...] = ()
            if holder is not None:
                wish = LicenseFilter(holder=holder.handle, type_codes=types)
                found = Registry(session).page(wish, MOST_LICENSES, None)
            found = tuple(record for record in found if record.status not in _NEVER_MADE)
            told = [_summary(session, record, asked) for record in found]
        seen = (Seen(record, SHOWN, result="query-by-holder") for record in found)
        return done({"licenses": told}, *seen)

    def by_identifier(self, asked: Asked) -> Result:
        """Tell what is known of one license, without what it says of its holder."""
        require_members(asked.body, ("identifier",))
        with self._ground.database.reading() as session:
            try:
                record = granted_license(session, self._ground, asked, QUERY_BY_IDENTIFIER)
            except LicenseNotFoundError:
                return not_found()
            told = _summary(session, record, asked)
        return done({"license": told}, Seen(record, SHOWN, result="query-by-identifier"))

    def metadata(self, asked: Asked) -> Result:
        """Tell what a license says, in the fields that are shared for the use."""
        require_members(asked.body, ("identifier",))
        with self._ground.database.reading() as session:
            try:
                record = granted_license(session, self._ground, asked, METADATA)
            except LicenseNotFoundError:
                return not_found()
            values = self._shared(session, record, asked, METADATA)
            told = _summary(session, record, asked)
        body = {
            "license": told,
            "content_id": record.content_id,
            "fields": values,
            "files": {form.form: form.sm3.hex() for form in record.forms},
        }
        return done(body, Seen(record, SHOWN, tuple(sorted(values)), "metadata"))

    def status(self, asked: Asked) -> Result:
        """Tell the state of a license by its identifier, or of a place in a status list.

        A place is as public as the list itself and needs no grant.
        """
        if "uri" in asked.body:
            return self._status_of_place(asked)
        require_members(asked.body, ("identifier",))
        with self._ground.database.reading() as session:
            try:
                record = granted_license(session, self._ground, asked, STATUS)
            except LicenseNotFoundError:
                return not_found()
            told = _summary(session, record, asked)
        return done({"license": told}, Seen(record, VERIFIED, (), "status"))

    def _status_of_place(self, asked: Asked) -> Result:
        require_members(asked.body, ("uri", "index"))
        uri, index = text_in(asked.body, "uri", 512), text_in(asked.body, "index", 12)
        if not (index.isascii() and index.isdigit()):
            raise ExchangeBodyError("/index", "not-a-number")
        with self._ground.database.reading() as session:
            live = LiveStates(session)
            state = live.as_of(uri, int(index), asked.at)
            marks = live.marks_as_of(uri, int(index), asked.at)
        if state is None:
            return not_found()
        return done({"state": state.value, "marks": " ".join(mark.value for mark in marks)})

    def check_information(self, asked: Asked) -> Result:
        """Say of each field whether the license says the same: equal, different or unknown."""
        require_members(asked.body, ("identifier", "fields"))
        shown = _fields_of(asked.body["fields"])
        with self._ground.database.reading() as session:
            try:
                record = granted_license(session, self._ground, asked, CHECK_INFORMATION)
            except LicenseNotFoundError:
                return not_found()
            values = self._shared(session, record, asked, CHECK_INFORMATION)
            told = _summary(session, record, asked)
        results = {path: _compared(values.get(path), text) for path, text in shown.items()}
        paths = tuple(sorted(shown))
        return done({"license": told, "results": results}, Seen(record, VERIFIED, paths))

    def _shared(
        self, session: Reading, record: LicenseRecord, asked: Asked, operation: str
    ) -> Mapping[str, str]:
        """Return the printed texts that the catalogue shares for the use, by their paths."""
        values = printed_values(self._content(session, record))
        sharing = Sharing(session, self._ground.region)
        shared = frozenset(sharing.fields_shared(record.type_code, asked.use, operation))
        return {path: text for path, text in values.items() if _is_shared(path, shared)}

    def _content(self, session: Reading, record: LicenseRecord) -> LicenseContent:
        return self._ground.opener.secrets(Registry(session).kept(record.identifier)).content


def _is_shared(path: str, shared: frozenset[str]) -> bool:
    """Say whether a path, or the field that it is a part of, is among JSON pointers."""
    parts = path.split(".")
    return any("/" + "/".join(parts[:length]) in shared for length in range(1, len(parts) + 1))


def _summary(session: Reading, record: LicenseRecord, asked: Asked) -> dict[str, Any]:
    """Return what stands in the clear of a license, and its state at the instant of the answer."""
    until = record.valid_until
    return {
        "identifier": record.identifier,
        "type_code": record.type_code,
        "authority": {"code": record.authority_code, "name": record.authority_name},
        "region": record.region,
        "issued_on": record.issued_on.isoformat(),
        "valid_from": record.valid_from.isoformat(),
        "valid_until": LONG_TERM if until is None else until.isoformat(),
        "state": _state(session, record, asked),
        "marks": marks_of(session, record, asked.at),
        "status": {"uri": record.status_uri, "index": str(record.status_index)},
    }


def _state(session: Reading, record: LicenseRecord, asked: Asked) -> str:
    """Return the state that counts: what was decided, and a license in force ends by its date."""
    state, until = standing_of(session, record, asked.at), record.valid_until
    over = until is not None and civil_date(asked.at) > until
    return LicenseStatus.LAPSED if over and state is LicenseStatus.VALID else state


def _fields_of(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not 0 < len(value) <= MOST_FIELDS:
        raise ExchangeBodyError("/fields", "wrong-count")
    for path, text in value.items():
        if not isinstance(text, str) or len(text) > _LONGEST_VALUE or len(path) > _LONGEST_VALUE:
            raise ExchangeBodyError(f"/fields/{path}"[:128], "not-text")
    return value


def _compared(text: str | None, shown: str) -> str:
    if text is None:
        return _UNKNOWN
    return _EQUAL if text == shown.strip() else _DIFFERENT
