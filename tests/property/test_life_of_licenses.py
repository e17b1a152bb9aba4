"""Random verbs by several actors, against a model that knows the law and no code of ours.

The model is plain: versions with a state, the day on which one follows another, the last day. What
the vault says is compared with it after every step, and every past noon is asked about again.
"""

import tempfile
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from effort import examples
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from pki import OWNER_CODE
from vault_world import World, copied_world, example

from api.authentication import HolderPerson
from api.holding.acting import Acting, license_of, vault_of
from license_vault.api_clients import Caller, Scope
from license_vault.database.sessions import Reading, open_database
from license_vault.errors import (
    AuthorityNotPermittedError,
    HolderNotFoundError,
    LicenseNotFoundError,
    LicenseVaultError,
    NumberInForceError,
    ScopeMissingError,
    TransitionNotAllowedError,
    VersionPendingError,
)
from license_vault.holding.mandates import VIEW
from license_vault.issuing.issuance import Issuance
from license_vault.issuing.sealed_forms import read_form
from license_vault.license import IssuingAuthority, LicenseStatus
from license_vault.lifecycle.verbs import VERBS
from license_vault.lifecycle.versions import Versions
from license_vault.registry.authorities import AuthorityWriter
from license_vault.registry.live_states import LiveStates
from license_vault.registry.lookup_macs import LookupMacs
from license_vault.registry.records import LicenseFilter, LicenseRecord
from license_vault.registry.registry import Registry
from license_vault.store.directory import DirectoryStore
from license_vault.vault import JSON

SCOPES = frozenset(map(Scope, ("licenses:issue", "licenses:suspend", "licenses:cancel")))
HOME = Caller("client:home", OWNER_CODE, SCOPES)
CLERK = Caller("client:clerk", OWNER_CODE, frozenset({Scope("licenses:read")}))
ELSEWHERE = "11320100MB0000002G"
STRANGER = Caller("client:stranger", ELSEWHERE, SCOPES)
HOLDERS = (
    HolderPerson("001", "91310114MADEM0038G"),
    HolderPerson("001", "12310114MBDEM00237"),
)
NUMBERS = tuple(f"沪嘉卫公证字〔2026〕第{i:06d}号" for i in (1, 2))

VALID, SUSPENDED, PENDING = "valid", "suspended", "pending"
LAPSED, SUPERSEDED, CANCELLED = "lapsed", "superseded", "cancelled"
TRANSFERRED, RESCINDED, REVOKED = "transferred", "rescinded", "revoked"

# 行政许可法 and the national model, written down once more: from where, to where.
MOVES = {
    "suspension": ({VALID}, SUSPENDED),
    "resumption": ({SUSPENDED}, VALID),
    "transfer-out": ({VALID}, TRANSFERRED),
    "transfer-out-withdrawal": ({TRANSFERRED}, VALID),
    "rescission": ({PENDING, VALID, SUSPENDED}, RESCINDED),
    "revocation": ({PENDING, VALID, SUSPENDED}, REVOKED),
    "cancellation": (
        {PENDING, VALID, SUSPENDED, TRANSFERRED, LAPSED, RESCINDED, REVOKED},
        CANCELLED,
    ),
}
ENDS = {"rescission", "revocation", "cancellation"}
FOLLOWING = ("change", "renewal", "reissue", "revalidation", "correction")
IN_FORCE = {VALID, SUSPENDED}


@dataclass
class Version:
    """One version as the model knows it; ``begins`` is set while it waits for its day."""

    identifier: str
    number: str
    holder: int
    last_day: date
    state: str
    before: "Version | None" = None
    ended_as: str = SUPERSEDED
    begins: date | None = None
    renews: bool = False
    renewal_waited_for: bool = False
    noons: dict[datetime, str] = field(default_factory=dict)


class LivesOfLicenses(RuleBasedStateMachine):
    """A vault and its model, side by side."""

    versions = Bundle("versions")

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        here = Path(self.folder.name)
        database = open_database(f"sqlite:///{here / 'vault.db'}")
        self.world: World = copied_world(database, DirectoryStore(here / "store"))
        self.world.final_check = lambda form, data: read_form(form, data).seals
        with database.writing() as session:
            other = IssuingAuthority(ELSEWHERE, "邻区行政审批局（演示）", "320100")
            AuthorityWriter(session).add(other, None, self.world.now)
        services = self.world.services()
        only_json = {JSON: services.make_form[JSON]}
        self.issuance = Issuance(replace(services, make_form=only_json))
        self.making = Versions(self.issuance, self.world.settling())
        self.lifecycle = self.world.lifecycle()
        self.macs = LookupMacs(self.world.keys)
        self.model: dict[str, Version] = {}
        self.keys = 0
        # Noon, so that a civil day begins between any two days.
        self.world.now = datetime(2026, 6, 1, 4, tzinfo=UTC)

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.world.database.close()
            self.folder.cleanup()

    @property
    def today(self) -> date:
        return (self.world.now + timedelta(hours=8)).date()

    def key(self) -> str:
        self.keys += 1
        return f"key-{self.keys}"

    # --- what may be done ---

    @rule(
        target=versions,
        number=st.sampled_from(NUMBERS),
        holder=st.sampled_from((0, 1)),
        term=st.sampled_from((3, 30, 60, 400)),
    )
    def issue(self, number: str, holder: int, term: int) -> Version | None:
        last = self.today + timedelta(days=term)
        body = self.application(number, holder, last)
        if any(one.number == number and one.state in IN_FORCE for one in self.model.values()):
            with pytest.raises(NumberInForceError):
                self.issuance.issue(body, HOME, self.key())
            return self.any_version()
        return self.add(self.issuance.issue(body, HOME, self.key()).license, number, holder, last)

    @rule(version=versions, verb=st.sampled_from(sorted(MOVES)))
    def move(self, version: Version, verb: str) -> None:
        sources, becomes = MOVES[verb]
        waiting = self.waiting(version)
        body = {"basis": "《中华人民共和国行政许可法》"}
        if version.state not in sources:
            self.refused(version, verb, body, TransitionNotAllowedError)
        elif verb == "transfer-out" and waiting is not None:
            self.refused(version, verb, body, VersionPendingError)
        elif verb == "transfer-out-withdrawal" and self.taken(version):
            self.refused(version, verb, body, NumberInForceError)
        else:
            key = b"key" + self.key().encode()
            self.lifecycle.act(version.identifier, VERBS[verb], body, HOME, key)
            again = self.lifecycle.act(version.identifier, VERBS[verb], body, HOME, key)
            assert again.replayed
            version.state = becomes
            if verb in ENDS:
                version.renewal_waited_for = False
                version.begins = None
                if waiting is not None:
                    waiting.state, waiting.begins = becomes, None

    @rule(
        target=versions,
        version=versions,
        verb=st.sampled_from(FOLLOWING),
        wait=st.sampled_from((0, 0, 2, 20)),
    )
    def follow(self, version: Version, verb: str, wait: int) -> Version:
        begins = self.today + timedelta(days=wait)
        last = begins + timedelta(days=45) if verb == "renewal" else version.last_day
        body = {"basis": "《中华人民共和国行政许可法》", "case_number": f"{self.key()}"}
        if wait:
            body["effective"] = begins.isoformat()
        if verb == "renewal":
            body["valid_until"] = last.isoformat()
        if version.state != VALID or self.waiting(version) is not None:
            expected = TransitionNotAllowedError, VersionPendingError
            self.refused(version, verb, body, expected)
            return version
        if last < begins:
            # No period is left for it (only a renewal that is waited for keeps what was over).
            self.refused(version, verb, body, LicenseVaultError)
            return version
        if version.last_day + timedelta(days=1) < begins:
            return version
        made = self.making.make(version.identifier, VERBS[verb], body, HOME, self.key()).license
        new = self.add(made, version.number, version.holder, last)
        new.before, new.ended_as = version, CANCELLED if verb == "correction" else SUPERSEDED
        new.renews = verb == "renewal"
        if wait:
            new.state, new.begins = PENDING, begins
        else:
            self.pass_on(new)
        return new

    @rule(version=versions)
    def apply_for_renewal(self, version: Version) -> None:
        body = {"basis": "《中华人民共和国行政许可法》第五十条"}
        in_time = self.today <= version.last_day - timedelta(30)
        alone = self.waiting(version) is None
        if version.state != VALID or version.renewal_waited_for or not in_time or not alone:
            self.refused(version, "renewal-application", body, LicenseVaultError)
            return
        self.act(version, "renewal-application", body)
        version.renewal_waited_for = True

    @rule(version=versions)
    def refuse_renewal(self, version: Version) -> None:
        body = {"basis": "《中华人民共和国行政许可法》第五十条"}
        waited = version.renewal_waited_for and version.state in IN_FORCE
        if not waited or self.waiting(version) is not None:
            return
        self.act(version, "renewal-refusal", body)
        version.renewal_waited_for = False
        self.lapse_if_over(version)

    @rule(days=st.sampled_from((1, 2, 20, 40)))
    def pass_days(self, days: int) -> None:
        for _ in range(days):
            self.world.later(days=1)
            for version in list(self.model.values()):
                if version.begins is not None and version.begins <= self.today:
                    self.pass_on(version)
            for version in self.model.values():
                self.lapse_if_over(version)

    # --- who may not ---

    @rule(version=versions, verb=st.sampled_from(sorted({*MOVES, *FOLLOWING})))
    def a_stranger_does_nothing(self, version: Version, verb: str) -> None:
        body = {"basis": "x", "case_number": "x-1", "valid_until": "长期"}
        if verb != "renewal":
            del body["valid_until"]
        for who, error in ((STRANGER, AuthorityNotPermittedError), (CLERK, ScopeMissingError)):
            with pytest.raises(error):
                self.attempt(version, verb, body, who)

    @rule(version=versions)
    def another_holder_finds_nothing(self, version: Version) -> None:
        owner, other = HOLDERS[version.holder], HOLDERS[1 - version.holder]
        services = SimpleNamespace(macs=self.macs)
        with self.world.database.reading() as session:
            handle = Registry(session).get(version.identifier).holders[0]
            access = vault_of(session, services, self.acting(owner), handle, VIEW)
            assert license_of(session, access, version.identifier).identifier
            with pytest.raises(HolderNotFoundError):
                vault_of(session, services, self.acting(other), handle, VIEW)
            if any(one.holder != version.holder for one in self.model.values()):
                theirs = self.handle_of(session, 1 - version.holder)
                own = vault_of(session, services, self.acting(other), theirs, VIEW)
                with pytest.raises(LicenseNotFoundError):
                    license_of(session, own, version.identifier)
            listed = Registry(session).page(LicenseFilter(holder=handle), 100)
        held = {one.identifier for one in self.model.values() if one.holder == version.holder}
        assert {one.identifier for one in listed} == held

    def acting(self, person: HolderPerson) -> Acting:
        return Acting(person, None, self.world.now)

    def handle_of(self, session: Reading, holder: int) -> str:
        one = next(one for one in self.model.values() if one.holder == holder)
        return Registry(session).get(one.identifier).holders[0]

    # --- what always holds ---

    @invariant()
    @precondition(lambda self: hasattr(self, "model"))
    def the_vault_says_what_the_model_says(self) -> None:
        self.world.settling().settle(self.world.now)
        self.remember()
        with self.world.database.reading() as session:
            registry, live = Registry(session), LiveStates(session)
            for version in self.model.values():
                found = registry.get(version.identifier)
                assert found.status.value == version.state, version.identifier
                self.compare_past(live, found, version)

    @invariant()
    @precondition(lambda self: hasattr(self, "model"))
    def no_number_has_two_versions_in_force(self) -> None:
        with self.world.database.reading() as session:
            for number in NUMBERS:
                mac = self.macs.license_number(number)
                found = Registry(session).page(LicenseFilter(number_mac=mac), 100)
                in_force = [one for one in found if one.status.value in IN_FORCE]
                assert len(in_force) <= 1

    def compare_past(self, live: LiveStates, found: LicenseRecord, version: Version) -> None:
        """The version is answered as it was at its first noon, its last, and one between."""
        noons = list(version.noons.items())
        for noon, state in {*noons[:1], *noons[len(noons) // 2 :][:1], *noons[-1:]}:
            said = live.as_of(found.status_uri, found.status_index, noon)
            assert said is not None
            # Its own last day is not an event until somebody looks.
            assert said.value == state or (said is LicenseStatus.VALID and state == LAPSED)

    # --- the model ---

    def add(self, license_: LicenseRecord, number: str, holder: int, last: date) -> Version:
        version = Version(license_.identifier, number, holder, last, VALID)
        self.model[version.identifier] = version
        return version

    def pass_on(self, new: Version) -> None:
        """Let a version come into force, and the one before it end in the same moment."""
        before, new.begins = new.before, None
        assert before is not None
        new.state = SUSPENDED if before.state == SUSPENDED else VALID
        if before.state in IN_FORCE:
            before.state = new.ended_as
        # An application waits on for whatever is in force, unless this is what it asked for.
        new.renewal_waited_for = before.renewal_waited_for and not new.renews
        before.renewal_waited_for = False

    def lapse_if_over(self, version: Version) -> None:
        over = version.last_day < self.today
        if over and version.state in {*IN_FORCE, TRANSFERRED} and not version.renewal_waited_for:
            version.state = LAPSED

    def waiting(self, version: Version) -> Version | None:
        return next(
            (one for one in self.model.values() if one.before is version and one.state == PENDING),
            None,
        )

    def taken(self, version: Version) -> bool:
        return any(
            one.number == version.number and one.state in IN_FORCE and one is not version
            for one in self.model.values()
        )

    def remember(self) -> None:
        for version in self.model.values():
            version.noons[self.world.now] = version.state

    def any_version(self) -> Version:
        return next(iter(self.model.values()))

    # --- the vault ---

    def application(self, number: str, holder: int, last: date) -> dict[str, object]:
        body = example("public-place-hygiene", number=number, case_number=f"case-{self.key()}")
        named = {**body["holders"][0], "document_number": HOLDERS[holder].document_number}
        today = self.today.isoformat()
        return {
            **body, "holders": [named], "issued_on": today, "valid_from": today,
            "valid_until": last.isoformat(),
        }  # fmt: skip

    def attempt(self, version: Version, verb: str, body: object, who: Caller) -> object:
        if verb in FOLLOWING:
            return self.making.make(version.identifier, VERBS[verb], body, who, self.key())
        key = self.key().encode()
        return self.lifecycle.act(version.identifier, VERBS[verb], body, who, key)

    def act(self, version: Version, verb: str, body: object) -> None:
        self.attempt(version, verb, body, HOME)

    def refused(self, version: Version, verb: str, body: object, error: object) -> None:
        with pytest.raises(error):  # type: ignore[call-overload]
            self.attempt(version, verb, body, HOME)


TestLivesOfLicenses = LivesOfLicenses.TestCase
TestLivesOfLicenses.settings = settings(
    max_examples=examples(6),
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
