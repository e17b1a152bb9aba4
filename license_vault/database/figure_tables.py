"""The rows that figures are counted from and no other table has, as SQLModel classes.

Conventions are those of ``tables``. Nothing personal: how the canary did, and of cases only how
many licenses their items need and how many of those were there without paper.
"""

from datetime import datetime

from sqlmodel import Field, SQLModel

from license_vault.database.columns import key, reference


class CanaryRunRow(SQLModel, table=True):
    """One time that a node signed a document of no meaning and verified it, to see whether it can.

    Old runs are deleted.
    """

    __tablename__ = "canary_run"

    id: int | None = key()
    began_at: datetime = Field(index=True)
    failed_step: str = ""  # empty: it passed
    reason: str = ""  # the kind of error, or the codes that the verifier gave; never a value
    seal_milliseconds: int = 0
    verify_milliseconds: int = 0


class CaseWaiverRow(SQLModel, table=True):
    """Of how many licenses that a case's item needs no paper was needed, when last looked."""

    __tablename__ = "case_waiver"

    case_id: int = reference("service_case.id", primary_key=True)
    needed: int
    waived: int
    counted_at: datetime = Field(index=True)
