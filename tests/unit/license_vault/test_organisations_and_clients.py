"""The tree of organisations, API clients, their rights and tokens."""

import secrets
from datetime import UTC, datetime, timedelta

import pytest
from memory_keys import MemoryKeys
from sqlalchemy import text

from license_vault.api_clients import ApiClients, ApiClientWriter, Caller, NewClient, Scope
from license_vault.database.sessions import Database
from license_vault.errors import (
    AuthorityNotPermittedError,
    ClientUnknownError,
    CredentialsRefusedError,
    OrganisationExistsError,
    OrganisationUnknownError,
    ScopeMissingError,
)
from license_vault.license import IssuingAuthority
from license_vault.registry.authorities import Authorities, AuthorityWriter

NOW = datetime(2026, 6, 1, 4, 0, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
# 省 above 市 above 区 above 街道, and a second 市 beside.
TREE = {"P": None, "C1": "P", "D": "C1", "S": "D", "C2": "P"}


@pytest.fixture
def tree(either_database: Database) -> Database:
    with either_database.writing() as session:
        for code, parent in TREE.items():
            authority = IssuingAuthority(code, f"机关{code}", "110000")
            AuthorityWriter(session).add(authority, parent, NOW)
    return either_database


@pytest.mark.parametrize(
    ("code", "below"),
    [("P", ["C1", "C2", "D", "P", "S"]), ("C1", ["C1", "D", "S"]), ("S", ["S"]), ("C2", ["C2"])],
)
def test_a_subtree_is_an_organisation_and_all_below_it(
    tree: Database, code: str, below: list[str]
) -> None:
    with tree.reading() as session:
        assert [o.code for o in Authorities(session).subtree(code)] == below


def test_one_acts_within_the_own_subtree_only(tree: Database) -> None:
    with tree.reading() as session:
        authorities = Authorities(session)
        assert authorities.within("S", "C1").code == "S"
        assert authorities.within("C1", "C1").code == "C1"
        for elsewhere in ("P", "C2"):
            with pytest.raises(AuthorityNotPermittedError):
                authorities.within(elsewhere, "C1")


def test_an_unknown_organisation_is_named(tree: Database) -> None:
    with tree.writing() as session:
        writer = AuthorityWriter(session)
        with pytest.raises(OrganisationUnknownError):
            writer.get("X")
        with pytest.raises(OrganisationUnknownError):
            writer.add(IssuingAuthority("Y", "y", "110000"), "X", NOW)
        with pytest.raises(OrganisationExistsError):
            writer.add(IssuingAuthority("C1", "y", "110000"), "P", NOW)


KEYS = MemoryKeys()


def _client(database: Database, *scopes: Scope) -> NewClient:
    with database.writing() as session:
        writer = ApiClientWriter(session, KEYS, secrets.token_bytes)
        return writer.add("C1", "审批系统", scopes, NOW)


def _token(database: Database, client: NewClient, at: datetime = NOW) -> str:
    with database.writing() as session:
        writer = ApiClientWriter(session, KEYS, secrets.token_bytes)
        return writer.give_token(client.client_id, client.secret, HOUR, at).token


def _caller(database: Database, token: str, at: datetime = NOW) -> Caller:
    with database.reading() as session:
        return ApiClients(session, KEYS).caller_of(token, at)


def test_a_token_says_who_holds_it(tree: Database) -> None:
    scopes = (Scope("licenses:issue", "T1"), Scope("licenses:read"))
    client = _client(tree, *scopes)
    caller = _caller(tree, _token(tree, client))
    assert caller == Caller(f"client:{client.client_id}", "C1", frozenset(scopes))


@pytest.mark.parametrize("wrong", ["id", "secret"])
def test_wrong_credentials_are_refused_alike(tree: Database, wrong: str) -> None:
    client = _client(tree)
    tried = {
        "id": NewClient("nobody", client.secret),
        "secret": NewClient(client.client_id, "guess"),
    }
    with pytest.raises(CredentialsRefusedError):
        _token(tree, tried[wrong])


def test_a_token_ends(tree: Database) -> None:
    token = _token(tree, _client(tree))
    assert _caller(tree, token, NOW + HOUR - timedelta(seconds=1))
    for when in (NOW + HOUR, NOW - timedelta(seconds=1)):
        with pytest.raises(CredentialsRefusedError):
            _caller(tree, token, when)


def test_a_withdrawn_token_is_worthless(tree: Database) -> None:
    token = _token(tree, _client(tree))
    with tree.writing() as session:
        writer = ApiClientWriter(session, KEYS, secrets.token_bytes)
        writer.withdraw_token(token, NOW)
        writer.withdraw_token("unknown", NOW)
    with pytest.raises(CredentialsRefusedError):
        _caller(tree, token)


def test_a_disabled_client_is_shut_out_with_its_tokens(tree: Database) -> None:
    client = _client(tree)
    token = _token(tree, client)
    with tree.writing() as session:
        writer = ApiClientWriter(session, KEYS, secrets.token_bytes)
        writer.disable(client.client_id, NOW)
        with pytest.raises(ClientUnknownError):
            writer.disable("nobody", NOW)
    with pytest.raises(CredentialsRefusedError):
        _caller(tree, token)
    with pytest.raises(CredentialsRefusedError):
        _token(tree, client)


def test_clients_are_listed_as_each_is_found_alone(tree: Database) -> None:
    made = [_client(tree, Scope("licenses:read"), Scope("licenses:issue", "T")), _client(tree)]
    with tree.writing() as session:
        ApiClientWriter(session, KEYS, secrets.token_bytes).disable(made[0].client_id, NOW)
    with tree.reading() as session:
        clients = ApiClients(session, KEYS)
        listed = clients.everyone()
        assert listed == tuple(clients.get(client.client_id) for client in made)
    assert [client.disabled for client in listed] == [True, False]
    assert [len(client.scopes) for client in listed] == [2, 0]


def test_secrets_and_tokens_are_not_kept(tree: Database) -> None:
    client = _client(tree)
    token = _token(tree, client)
    with tree.reading() as session:
        rows = session.execute(text("SELECT secret_mac FROM api_client")).all()
        rows += session.execute(text("SELECT token_mac FROM access_token")).all()
    kept = b"".join(bytes(row[0]) for row in rows)
    for secret in (client.secret, token):
        assert secret.encode() not in kept
        assert secret not in repr(client)


def test_what_was_not_given_is_denied() -> None:
    caller = Caller("client:x", "C1", frozenset({Scope("licenses:issue", "T1")}))
    caller.require("licenses:issue", "T1")
    for action, type_code in (("licenses:issue", "T2"), ("licenses:cancel", "T1")):
        with pytest.raises(ScopeMissingError):
            caller.require(action, type_code)
    Caller("client:x", "C1", frozenset({Scope("licenses:issue")})).require("licenses:issue", "T2")
