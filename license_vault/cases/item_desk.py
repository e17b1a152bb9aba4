"""Put and show items: what each needs, its form, and the types that it issues."""

from collections.abc import Callable
from typing import Final

from license_vault.audit import Act, AuditWriter
from license_vault.cases.case_services import CaseServices
from license_vault.cases.item_definition import read_item_definition
from license_vault.cases.needs import ItemNeeds, ItemNeedsWriter, KeptDefinition
from license_vault.errors import FieldInvalidError, FieldProblem
from license_vault.license_types.license_type import LicenseType

DEFINED: Final = "item.defined"


class ItemDesk:
    """Works on items. Made once, used by all threads."""

    def __init__(self, services: CaseServices, find_type: Callable[[str], LicenseType]) -> None:
        self._services = services
        self._find_type = find_type

    def put(self, code: str, document: object, by: str) -> tuple[KeptDefinition, bool]:
        """Make a definition the one that counts; say whether anything changed.

        Putting what counts already changes nothing, so this can simply be sent again.

        Args:
            document: parsed JSON of schema license-vault/item/1.
            by: who puts it, "client:…".

        Raises:
            FieldInvalidError: with every problem of the document.
            RowConflictError: somebody else put one at the same moment.
        """
        item = read_item_definition(document, self._find_type)
        if item.code != code:
            zh, en = "与地址中的事项编码不一致。", "This is not the code in the address."
            raise FieldInvalidError((FieldProblem("/code", "differs-from-address", zh, en),))
        with self._services.database.writing() as session:
            at = self._services.clock()
            kept, changed = ItemNeedsWriter(session).put(item, by, at)
            if changed:
                details = {"version": str(kept.version), "mode": item.mode.value}
                AuditWriter(session).append(Act(by, DEFINED, f"item:{code}", details, at))
        return kept, changed

    def get(self, code: str) -> KeptDefinition:
        """Return what counts of an item.

        Raises:
            ItemUnknownError: nothing was put.
        """
        with self._services.database.reading() as session:
            return ItemNeeds(session).get(code)

    def everything(self) -> tuple[KeptDefinition, ...]:
        """Return what counts of all items, in the order of their codes."""
        with self._services.database.reading() as session:
            needs = ItemNeeds(session)
            return tuple(needs.get(code) for code in needs.codes())
