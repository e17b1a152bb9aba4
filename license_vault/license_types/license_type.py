"""A license type as the catalogue defines it: what one version of a type asks and allows.

Data only, pure. Where it comes from is ``license_types.reader``; whether a request fits it is
``issuing.license_request``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Final

from license_vault.license import CopyKind, HolderKind

FACE_NAME: Final = "face.yaml"
DUPLICATE_FACE_NAME: Final = "face-duplicate.yaml"
# Where the rules of the type say nothing else. Source: 行政许可法, art. 50.
RENEWAL_DAYS: Final = 30


class TypeState(StrEnum):
    """How far a version of a type has come; only a published one issues (ADR 0007)."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class CodeStatus(StrEnum):
    """How sure the type's code is.

    REGISTERED: read in a public register. OBSERVED: seen on licenses in the field, not compared
    with a register. PROVISIONAL: ours, under a demonstration authority.
    """

    REGISTERED = "registered"
    OBSERVED = "observed"
    PROVISIONAL = "provisional"


class FieldKind(StrEnum):
    """What the value of a field is.

    All are texts but LIST, a list of texts, and RECORDS, a list of objects of texts. TEXT stands
    on one line, LONG_TEXT may be wrapped; NUMBER_TEXT is digits with an optional fraction; MONEY
    names currency and amount as printed.
    """

    TEXT = "text"
    LONG_TEXT = "long_text"
    DATE = "date"
    NUMBER_TEXT = "number_text"
    MONEY = "money"
    CHOICE = "choice"
    LIST = "list"
    RECORDS = "records"
    USCC = "uscc"
    CITIZEN_ID = "citizen_id"


class Agreement(StrEnum):
    """With which fact of the first holder's citizen number a field must agree."""

    HOLDER_GENDER = "holder_gender"
    HOLDER_BIRTH_DATE = "holder_birth_date"


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One member of the objects of a RECORDS field; ``kind`` is none that is a list."""

    key: str
    name_zh: str
    name_en: str
    kind: FieldKind
    required: bool
    max_length: int


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of a type beside the standard elements.

    ``pattern`` must match a whole text, in a list each item. ``max_length`` counts characters,
    in a list of each item. ``columns`` are of RECORDS only. ``source`` names the rule or form the
    field comes from; ``personal`` says that the value is personal data.
    """

    key: str
    name_zh: str
    name_en: str
    kind: FieldKind
    required: bool
    pattern: re.Pattern[str] | None
    choices: tuple[str, ...]
    max_length: int
    max_items: int
    agrees_with: Agreement | None
    source: str
    personal: bool
    columns: tuple[ColumnSpec, ...] = ()


@dataclass(frozen=True, slots=True)
class DefiningAuthority:
    """Who defines the type (证照定义机构). Source: GB/T 36902-2018."""

    code: str
    name: str
    level: str


@dataclass(frozen=True, slots=True)
class HolderRule:
    """Who may hold a license of the type: category as in GB/T 36902, kinds, documents, number."""

    category: str
    kinds: tuple[HolderKind, ...]
    document_types: tuple[str, ...]
    maximum: int


@dataclass(frozen=True, slots=True)
class NumberRule:
    """The form of the 证照编号, which the approval system gives."""

    pattern: re.Pattern[str]
    example: str
    source: str


@dataclass(frozen=True, slots=True)
class CopyRule:
    """Which copies there are, and how many duplicates at most."""

    kinds: tuple[CopyKind, ...]
    duplicates: int


@dataclass(frozen=True, slots=True)
class PartKind:
    """One kind of part of a composite type: the code that stands in claims, and its name."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class PartRule:
    """Which parts a license of a composite type may have (一业一证), and how many at most."""

    maximum: int
    kinds: tuple[PartKind, ...]

    def kind(self, code: str) -> PartKind | None:
        """Return the kind with this code, None if the type has none."""
        return next((kind for kind in self.kinds if kind.code == code), None)


@dataclass(frozen=True, slots=True)
class RelatedItem:
    """A government service item (关联事项); the code is empty where it is not known."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class TypeEvent:
    """Who moved the version to a state, and when."""

    state: TypeState
    by: str
    at: date


@dataclass(frozen=True, slots=True)
class LicenseType:
    """One version of a license type. ``labels`` are the words of the paper form, zh and en.

    ``parts`` is None for a type that is no composite one; ``renewal_days`` is how long before its
    last day a renewal has to be applied for.

    Source: GB/T 36902-2018, elements of the catalogue.
    """

    code: str
    version: str
    name_zh: str
    name_en: str
    state: TypeState
    history: tuple[TypeEvent, ...]
    code_status: CodeStatus
    code_source: str
    defining_authority: DefiningAuthority
    holder: HolderRule
    validity_range: tuple[str, ...]
    issuing_levels: tuple[str, ...]
    related_items: tuple[RelatedItem, ...]
    number: NumberRule
    copies: CopyRule
    seals: int
    labels: Mapping[str, tuple[str, str]]
    fields: tuple[FieldSpec, ...]
    folder: Path
    parts: PartRule | None = None
    renewal_days: int = RENEWAL_DAYS

    @property
    def face(self) -> Path:
        """The layout of the type's face."""
        return self.folder / FACE_NAME

    @property
    def duplicate_face(self) -> Path | None:
        """The layout that duplicates have instead; None where they look like the original."""
        path = self.folder / DUPLICATE_FACE_NAME
        return path if path.is_file() else None

    def face_of(self, kind: CopyKind) -> Path:
        """Return the layout of the original's face, or of a duplicate's."""
        return (self.duplicate_face if kind is CopyKind.DUPLICATE else None) or self.face

    def field(self, key: str) -> FieldSpec | None:
        """Return the field with this key, None if the type has none."""
        return next((spec for spec in self.fields if spec.key == key), None)
