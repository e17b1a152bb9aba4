"""What tables are made of: the names of constraints, keys, references, partial unique indexes."""

from typing import Any

from sqlalchemy import BigInteger, Index, Integer, MetaData, Table, text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Field, SQLModel

metadata: MetaData = SQLModel.metadata
metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def table_of(row: type[SQLModel]) -> Table:
    """Return the table behind a row class, for statements that bypass the unit of work."""
    return metadata.tables[str(row.__tablename__)]


class BigKey(TypeDecorator[int]):
    """A bigint key; SQLite numbers rows only in a column called INTEGER, which is as wide."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the engine's own type."""
        kind = Integer() if dialect.name == "sqlite" else BigInteger()
        return dialect.type_descriptor(kind)


def key() -> Any:
    """Return the column of a key that the database gives."""
    return Field(default=None, sa_type=BigKey, primary_key=True)


def given_key() -> Any:
    """Return the column of a key that the writer gives."""
    return Field(sa_type=BigKey, primary_key=True, sa_column_kwargs={"autoincrement": False})


def reference(target: str, *, primary_key: bool = False, index: bool = False) -> Any:
    """Return the column of a reference to another table's key, "table.id"."""
    return Field(sa_type=BigKey, foreign_key=target, primary_key=primary_key, index=index)


def optional_reference(target: str, *, index: bool = False) -> Any:
    """Return the column of a reference that may be missing."""
    return Field(default=None, sa_type=BigKey, foreign_key=target, index=index)


def unique_where(name: str, condition: str, *columns: str) -> Index:
    """Return an index that is unique among the rows of which a condition (SQL) holds."""
    return Index(
        name, *columns, unique=True, sqlite_where=text(condition), postgresql_where=text(condition)
    )


def index_where(name: str, condition: str, *columns: str) -> Index:
    """Return an index of the rows of which a condition (SQL) holds."""
    return Index(name, *columns, sqlite_where=text(condition), postgresql_where=text(condition))
