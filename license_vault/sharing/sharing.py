"""What counts of sharing now: the own region's catalogue, use list and maps, read.

Everything that answers a partner asks here which fields it may give; everything that decides
about paper asks here what is listed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from license_vault.access.use import Use
from license_vault.database.sessions import Reading
from license_vault.sharing.catalogue import SharingCatalogue, read_catalogue
from license_vault.sharing.documents import SharingDocuments
from license_vault.sharing.maps import NO_MAPS, SharingMaps, read_maps
from license_vault.sharing.use_list import (
    LicenseShown,
    ListAnswer,
    ListWord,
    UseList,
    read_use_list,
)
from signing.sealed_json.sharing_document import SharingKind


@dataclass(frozen=True, slots=True)
class LicenseOfRegion:
    """A license as its own region names it: type ("" if unknown), region, claim paths it has.

    ``fields`` None: they cannot be seen, as in a purpose-bound copy, and are not asked.
    """

    type_code: str
    region: str
    fields: Collection[str] | None


class Sharing:
    """Answers from the newest documents of one region, usually the own one."""

    def __init__(self, session: Reading, region: str) -> None:
        self._documents = SharingDocuments(session)
        self.region = region

    # --- what is given ---

    def catalogue(self) -> SharingCatalogue | None:
        """Return the catalogue, None if none is published: then nothing is shared."""
        found = self._documents.newest(self.region, SharingKind.CATALOGUE)
        return None if found is None else read_catalogue(found.document.content)

    def fields_shared(
        self, type_code: str, use: Use, operation: str | None = None
    ) -> tuple[str, ...]:
        """Return the claim paths of a type that are shared for a use; none: nothing is.

        Args:
            operation: of ``catalogue.OPERATIONS``; None: by any of them.
        """
        found = self.catalogue()
        if found is None:
            return ()
        return found.fields_shared(type_code, use.item_code, operation)

    # --- what is taken ---

    def use_list(self) -> tuple[UseList | None, int]:
        """Return the use list with its version, None and 0 if none is published."""
        found = self._documents.newest(self.region, SharingKind.USE_LIST)
        if found is None:
            return None, 0
        return read_use_list(found.document.content), found.document.version

    def maps(self) -> SharingMaps:
        """Return the maps; without any, codes mean the same everywhere."""
        found = self._documents.newest(self.region, SharingKind.MAPS)
        return NO_MAPS if found is None else read_maps(found.document.content)

    def ask_use_list(self, item_code: str, license_: LicenseOfRegion) -> ListAnswer:
        """Say what the use list says of a license, its codes mapped to ours, for an item."""
        use_list, version = self.use_list()
        if use_list is None:
            return ListAnswer(ListWord.NO_USE_LIST)
        maps = self.maps()
        own_type = maps.own_type(license_.region, license_.type_code)
        paths = license_.fields
        fields = None if paths is None else maps.own_fields(license_.region, own_type, paths)
        answer = use_list.ask(item_code, LicenseShown(own_type, license_.region, fields))
        return ListAnswer(answer.word, answer.detail, version)
