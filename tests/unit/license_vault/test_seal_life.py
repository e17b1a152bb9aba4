"""The states of a seal and their arrows; the roles, and that nobody has two of them."""

import pytest
from made_seals import ANNA
from pki import NOW

from license_vault.database.sessions import Database
from license_vault.seals.errors import (
    PersonInvalidError,
    SealRoleMissingError,
    SealRolesConflictError,
    SealStateError,
)
from license_vault.seals.life import (
    ACT_NAMES,
    ARROWS,
    KIND_NAMES,
    KIND_NUMBERS,
    STATE_NAMES,
    SealAct,
    SealKind,
    SealState,
    next_state,
)
from license_vault.seals.roles import (
    ROLE_NAMES,
    SealPerson,
    SealRole,
    SealRoles,
    SealRoleWriter,
    claimed_role,
)

CODE = "11010100000001"


def _walk(*acts: SealAct, start: SealState = SealState.APPLIED) -> SealState:
    state = start
    for act in acts:
        state = next_state(CODE, state, act)
    return state


def test_a_seal_is_in_use_only_after_every_step() -> None:
    steps = (SealAct.APPROVE, SealAct.MAKE, SealAct.FILE)
    assert _walk(*steps) is SealState.ACTIVE
    for left_out in steps[:-1]:
        with pytest.raises(SealStateError):
            _walk(*(step for step in steps if step is not left_out))
    assert _walk(*steps[:-1]) is SealState.MADE


def test_a_seal_made_anew_is_made_and_filed_again() -> None:
    for start in (SealState.ACTIVE, SealState.SUSPENDED, SealState.MADE):
        assert _walk(SealAct.REMAKE, start=start) is SealState.REMAKING
    assert _walk(SealAct.MAKE, SealAct.FILE, start=SealState.REMAKING) is SealState.ACTIVE
    with pytest.raises(SealStateError):
        _walk(SealAct.RESUME, start=SealState.REMAKING)


@pytest.mark.parametrize("act", list(SealAct))
def test_nothing_is_done_to_a_cancelled_seal(act: SealAct) -> None:
    with pytest.raises(SealStateError) as caught:
        next_state(CODE, SealState.CANCELLED, act)
    assert (caught.value.current, caught.value.act) == ("cancelled", act.value)


def test_every_state_but_the_first_is_reached_by_an_arrow() -> None:
    reached = {becomes for _, becomes in ARROWS.values()}
    assert reached == set(SealState)
    # What led nowhere is asked for again; what ended stays ended.
    left = {state for leaves, _ in ARROWS.values() for state in leaves}
    assert set(SealState) - left == {SealState.CANCELLED}


def test_all_words_are_in_both_languages() -> None:
    for enum, names in (
        (SealState, STATE_NAMES),
        (SealAct, ACT_NAMES),
        (SealKind, KIND_NAMES),
        (SealRole, ROLE_NAMES),
    ):
        assert set(names) == set(enum)
        assert all(zh and en for zh, en in names.values())
    assert set(KIND_NUMBERS) == set(SealKind)


# --- roles ---


@pytest.fixture
def database(either_database: Database) -> Database:
    return either_database


def test_a_person_has_one_role_at_a_time(database: Database) -> None:
    with database.writing() as session:
        roles = SealRoleWriter(session)
        assert roles.give("anna", SealRole.MANAGE, "operator:test", NOW)
        assert not roles.give("anna", SealRole.MANAGE, "operator:test", NOW)
        with pytest.raises(SealRolesConflictError) as caught:
            roles.give("anna", SealRole.USE, "operator:test", NOW)
        assert (caught.value.holds, caught.value.role) == ("manage", "use")
        assert roles.withdraw("anna", "operator:test", NOW)
        assert not roles.withdraw("anna", "operator:test", NOW)
        assert roles.give("anna", SealRole.USE, "operator:test", NOW)
        roles.give("bert", SealRole.AUDIT, "operator:test", NOW)
    with database.reading() as session:
        found = SealRoles(session).everyone()
        assert [(r.person, r.role) for r in found] == [
            ("anna", SealRole.USE),
            ("bert", SealRole.AUDIT),
        ]
        assert SealRoles(session).role_of("carl") is None


@pytest.mark.parametrize("person", ["", "王", "a b", "x" * 129, "a\n"])
def test_a_person_is_named_as_tokens_name_them(database: Database, person: str) -> None:
    with database.writing() as session, pytest.raises(PersonInvalidError):
        SealRoleWriter(session).give(person, SealRole.USE, "operator:test", NOW)


def test_the_database_itself_refuses_a_second_role(database: Database) -> None:
    from license_vault.database.columns import table_of
    from license_vault.database.seal_tables import SealRoleRow
    from license_vault.errors import RowConflictError

    values = {"person": "anna", "given_by": "x", "given_at": NOW}
    with database.writing() as session:
        session.add_row(table_of(SealRoleRow), role="manage", **values)
    with pytest.raises(RowConflictError), database.writing() as session:
        session.add_row(table_of(SealRoleRow), role="use", **values)


def test_at_the_node_the_register_decides_and_over_http_the_token(database: Database) -> None:
    with database.writing() as session:
        SealRoleWriter(session).give("anna", SealRole.MANAGE, "operator:test", NOW)
        roles = SealRoles(session)
        roles.require(ANNA, SealRole.MANAGE)
        roles.require(SealPerson("zoe", SealRole.MANAGE, "ORG"), SealRole.MANAGE)
        for person, role in (
            (ANNA, SealRole.USE),
            (SealPerson("zoe"), SealRole.MANAGE),
            (SealPerson("zoe", SealRole.USE, "ORG"), SealRole.MANAGE),
            # In the register, but the token says nothing of it.
            (SealPerson("anna", None, "ORG"), SealRole.MANAGE),
        ):
            with pytest.raises(SealRoleMissingError) as caught:
                roles.require(person, role)
            assert caught.value.role == role


def test_a_token_does_not_give_a_second_role(database: Database) -> None:
    with database.writing() as session:
        SealRoleWriter(session).give("anna", SealRole.MANAGE, "operator:test", NOW)
        for wanted in (SealRole.USE, SealRole.MANAGE):
            with pytest.raises(SealRolesConflictError):
                SealRoles(session).require(SealPerson("anna", SealRole.USE, "ORG"), wanted)


def test_two_roles_in_one_token_are_refused() -> None:
    assert claimed_role("anna", ["license-officer"]) is None
    assert claimed_role("anna", ["license-officer", "seal-user"]) is SealRole.USE
    with pytest.raises(SealRolesConflictError):
        claimed_role("anna", ["seal-user", "seal-auditor"])
