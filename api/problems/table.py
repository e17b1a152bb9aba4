"""Which error is which problem: one line a class, for every class below the four roots.

A line says the kind and nothing else. Which values leave is the kind's business;
an error that is our own fault is ``internal``, and then no value leaves at all.
"""

from __future__ import annotations

from api import errors as outside
from api.problems.kinds import INTERNAL, KINDS, ProblemKind
from keys import errors as keys
from license_vault import errors as vault
from license_vault.access import errors as access
from license_vault.approvals import errors as approval
from license_vault.bulk import errors as bulk
from license_vault.cases import errors as case
from license_vault.copies import errors as copies
from license_vault.directory import errors as directory
from license_vault.events import errors as event
from license_vault.exchange import errors as exchange
from license_vault.face import errors as face
from license_vault.holding import errors as holding
from license_vault.issue_log import errors as issue_log
from license_vault.packages import errors as package
from license_vault.partners import errors as partner
from license_vault.presenting import errors as presenting
from license_vault.seals import errors as seal
from license_vault.sharing import errors as sharing
from license_vault.status import errors as status
from license_vault.trust import errors as trust
from signing import errors as signing
from verification import errors as verification

_UNAVAILABLE = KINDS["temporarily-unavailable"]
_UNREADABLE = KINDS["unreadable-document"]
_INVALID = KINDS["invalid-request"]
_SEAL = KINDS["seal-unusable"]
_PICTURE = KINDS["seal-picture-refused"]

_OUTSIDE: dict[type[Exception], ProblemKind] = {
    outside.ApiError: INTERNAL,
    outside.SettingsRefusedError: INTERNAL,
    outside.StartRefusedError: INTERNAL,
    outside.CommandRefusedError: INTERNAL,
    outside.UnauthenticatedError: KINDS["unauthenticated"],
    outside.TokenRequestInvalidError: KINDS["invalid-token-request"],
    outside.ClientRefusedError: KINDS["client-refused"],
    outside.ForbiddenError: KINDS["forbidden"],
    outside.FormRefusedError: KINDS["form-refused"],
    outside.RequestInvalidError: _INVALID,
    outside.UseMissingError: KINDS["use-required"],
    outside.UseInvalidError: KINDS["use-invalid"],
    outside.RequestUnreadableError: KINDS["unreadable-request"],
    outside.RequestTooLargeError: KINDS["request-too-large"],
    outside.MediaTypeNotSupportedError: KINDS["media-type-not-supported"],
    outside.IdempotencyKeyMissingError: KINDS["idempotency-key-required"],
    outside.FormNotAvailableError: KINDS["form-not-available"],
    outside.NotAcceptableError: KINDS["not-acceptable"],
    outside.CheckCodeMismatchError: KINDS["check-code-mismatch"],
    outside.NumberOfPartnerError: KINDS["number-of-partner-region"],
    outside.PageNotFoundError: KINDS["page-not-found"],
    outside.MethodNotAllowedError: KINDS["method-not-allowed"],
    outside.NotReadyError: _UNAVAILABLE,
}

_VAULT: dict[type[Exception], ProblemKind] = {
    vault.LicenseVaultError: INTERNAL,
    vault.CheckDigitError: KINDS["check-digit-wrong"],
    vault.IdentifierInvalidError: KINDS["identifier-invalid"],
    vault.ClaimsInvalidError: _INVALID,
    vault.LicenseTypeUnknownError: KINDS["license-type-not-found"],
    vault.LicenseTypeNotPublishedError: KINDS["license-type-not-published"],
    vault.LicenseTypeBrokenError: INTERNAL,
    vault.FieldInvalidError: _INVALID,
    vault.DatabaseUnavailableError: _UNAVAILABLE,
    vault.PathUnusableError: INTERNAL,
    vault.RowConflictError: KINDS["request-in-progress"],
    vault.StoreUnavailableError: _UNAVAILABLE,
    vault.StoreOverwritesError: INTERNAL,
    vault.ObjectKeyInvalidError: INTERNAL,
    vault.ObjectExistsError: INTERNAL,
    vault.ObjectMissingError: INTERNAL,
    vault.ObjectDamagedError: INTERNAL,
    vault.LicenseNotFoundError: KINDS["license-not-found"],
    vault.HolderNotFoundError: KINDS["holder-not-found"],
    vault.TransitionNotAllowedError: KINDS["transition-not-allowed"],
    vault.EffectiveDateInvalidError: KINDS["effective-date-invalid"],
    vault.VersionPendingError: KINDS["version-pending"],
    vault.RenewalTooLateError: KINDS["renewal-too-late"],
    vault.RenewalNotPendingError: KINDS["renewal-not-pending"],
    vault.NotTransferredError: KINDS["license-not-transferred"],
    vault.IdempotencyKeyInvalidError: KINDS["idempotency-key-required"],
    vault.IdempotencyKeyReusedError: KINDS["idempotency-key-reused"],
    vault.IssuanceInFlightError: KINDS["request-in-progress"],
    vault.IssuanceVoidError: KINDS["license-void"],
    vault.NumberInForceError: KINDS["license-exists"],
    vault.CaseAlreadyIssuedError: KINDS["case-already-issued"],
    vault.FormUnreadableError: INTERNAL,
    vault.OutputRefusedError: KINDS["output-refused"],
    vault.OrganisationUnknownError: KINDS["authority-not-yours"],
    vault.OrganisationExistsError: INTERNAL,
    vault.AuthorityNotPermittedError: KINDS["authority-not-yours"],
    vault.ScopeMissingError: KINDS["scope-missing"],
    vault.CredentialsRefusedError: KINDS["unauthenticated"],
    vault.ClientUnknownError: KINDS["unauthenticated"],
    seal.SealUnknownError: KINDS["seal-not-found"],
    seal.SealExistsError: KINDS["seal-exists"],
    seal.SealNotPermittedError: KINDS["seal-not-permitted"],
    seal.SealUnusableError: _SEAL,
    seal.SealInvalidError: KINDS["seal-refused"],
    seal.SealStateError: KINDS["seal-state"],
    seal.SealMakerError: KINDS["seal-maker-unusable"],
    seal.SealRoleMissingError: KINDS["seal-role-missing"],
    seal.SealRolesConflictError: KINDS["seal-roles-conflict"],
    seal.PersonInvalidError: INTERNAL,
    seal.ConsentMissingError: KINDS["seal-consent-missing"],
    seal.ConsentUnusableError: KINDS["seal-consent-unusable"],
    seal.DocumentRefusedError: KINDS["document-refused"],
    approval.ItemInvalidError: INTERNAL,
    approval.ItemExistsError: INTERNAL,
    approval.OfficerUnknownError: INTERNAL,
    approval.OfficerExistsError: INTERNAL,
    approval.OfficerRefusedError: INTERNAL,
    approval.ApprovalMissingError: KINDS["approval-missing"],
    approval.ApprovalInvalidError: KINDS["approval-invalid"],
    approval.ItemUnregisteredError: KINDS["item-not-registered"],
    approval.SamePersonError: KINDS["same-person"],
    access.AccessNotGrantedError: KINDS["access-not-granted"],
    access.AccessRequestUnknownError: KINDS["access-request-not-found"],
    access.AccessStateError: KINDS["access-request-state"],
    access.AccessPeriodError: KINDS["access-period-invalid"],
    event.AddressRefusedError: KINDS["address-refused"],
    event.WebhookUnknownError: KINDS["webhook-not-found"],
    event.WebhookStateError: KINDS["webhook-state"],
    directory.ReportUnknownError: KINDS["report-not-found"],
    exchange.ExchangeSignerError: KINDS["exchange-signer-refused"],
    exchange.ExchangeMisroutedError: KINDS["exchange-other-region"],
    exchange.ExchangeStaleError: KINDS["exchange-stale"],
    exchange.ExchangeReplayedError: KINDS["exchange-replayed"],
    exchange.ExchangeOperationError: KINDS["exchange-operation-unknown"],
    exchange.NotSharedError: KINDS["exchange-not-shared"],
    exchange.ExchangeBodyError: KINDS["exchange-body-invalid"],
    exchange.ExchangeQuotaError: KINDS["exchange-quota-exceeded"],
    exchange.PartnerUnreachableError: KINDS["partner-unreachable"],
    exchange.PartnerRefusedError: KINDS["partner-refused"],
    exchange.PartnerAnswerError: KINDS["partner-answer-refused"],
    exchange.ExchangeUnknownError: KINDS["exchange-not-found"],
    exchange.PartnerDisputeUnknownError: KINDS["partner-dispute-not-found"],
    bulk.BulkError: INTERNAL,
    bulk.JobNotFoundError: KINDS["job-not-found"],
    bulk.JobStateError: KINDS["job-state"],
    bulk.InputUnreadableError: KINDS["rows-unreadable"],
    bulk.RowRefusedError: INTERNAL,
    bulk.SlotsTakenError: _UNAVAILABLE,
    bulk.JudgeUnavailableError: _UNAVAILABLE,
    package.EvidenceRefusedError: KINDS["evidence-refused"],
    package.EvidenceTooLargeError: KINDS["evidence-too-large"],
    package.EvidenceNotFoundError: KINDS["evidence-not-found"],
    package.ConditionNotFoundError: KINDS["condition-not-found"],
    package.ConditionFulfilledError: KINDS["condition-fulfilled"],
    package.NoDuplicatesError: KINDS["no-duplicates"],
    package.PartNotFoundError: KINDS["part-not-found"],
    package.PackageNotFoundError: KINDS["package-not-found"],
    # The route raises what it holds, pointing into the package.
    package.PackageLicenseError: INTERNAL,
    status.StatusChangesGoneError: KINDS["changes-gone"],
    # The routes answer that there is no such page.
    issue_log.IssueLogEmptyError: INTERNAL,
    issue_log.NotInIssueLogError: KINDS["not-in-issue-log"],
    issue_log.NotInCheckpointYetError: KINDS["not-in-checkpoint-yet"],
    issue_log.CountersignatureRefusedError: KINDS["countersignature-refused"],
    partner.PartnerUnknownError: KINDS["partner-not-found"],
    partner.PartnerSuspendedError: KINDS["partner-suspended"],
    partner.OwnRegionError: KINDS["own-region"],
    partner.PullRefusedError: KINDS["partner-data-refused"],
    presenting.PresentationInvalidError: INTERNAL,
    presenting.PresentationUnknownError: KINDS["presentation-not-found"],
    presenting.PresentationCodeError: KINDS["presentation-code-unusable"],
    presenting.DeviceUnknownError: INTERNAL,
    presenting.TypeNotNeededError: KINDS["type-not-needed"],
    copies.CopyRefusedError: KINDS["copy-refused"],
    copies.CopyUnknownError: KINDS["copy-not-found"],
    holding.HoldingError: INTERNAL,
    holding.MandateNotFoundError: KINDS["mandate-not-found"],
    holding.MandateInvalidError: KINDS["mandate-invalid"],
    holding.PrintNotFoundError: KINDS["print-not-found"],
    holding.NotInForceError: KINDS["license-not-in-force"],
    holding.DisputeNotFoundError: KINDS["dispute-not-found"],
    holding.DisputeOpenError: KINDS["dispute-open"],
    holding.DisputeAnsweredError: KINDS["dispute-answered"],
    holding.HolderHandleUnusableError: KINDS["holder-handle-unusable"],
    case.ItemUnknownError: KINDS["item-not-found"],
    case.CaseUnknownError: KINDS["case-not-found"],
    case.CaseExistsError: KINDS["case-exists"],
    case.CaseStateError: KINDS["case-state"],
    case.CaseWithoutLicenseError: KINDS["case-without-license"],
    case.CaseDocumentUnknownError: KINDS["case-document-not-found"],
    case.SealedFormRefusedError: KINDS["sealed-form-refused"],
    sharing.SharingDocumentUnknownError: KINDS["sharing-document-not-found"],
    sharing.SharingDocumentRefusedError: KINDS["sharing-document-refused"],
    sharing.VerificationReceiptUnknownError: KINDS["verification-receipt-not-found"],
    sharing.IntakeRefusedError: KINDS["intake-refused"],
    sharing.PartnerLicenseUnknownError: KINDS["partner-license-not-found"],
    trust.TrustMaterialInvalidError: INTERNAL,
    trust.TrustMaterialRefusedError: INTERNAL,
    trust.ChainRefusedError: INTERNAL,
    trust.TrustListRefusedError: KINDS["trust-list-refused"],
    trust.OwnTrustListError: KINDS["own-trust-list"],
    vault.SchemaOutdatedError: _UNAVAILABLE,
    vault.AuditHeadMissingError: INTERNAL,
    # The route points the face's errors at the member they are about (api.pointing).
    face.FaceError: INTERNAL,
    face.FaceOverflowError: KINDS["face-overflow"],
    face.GlyphMissingError: KINDS["glyph-missing"],
    face.CharacterNotSettableError: KINDS["character-not-settable"],
    face.QrCodeTooDenseError: INTERNAL,
    face.QrTextInvalidError: INTERNAL,
    face.FaceLayoutBrokenError: INTERNAL,
    face.FontUnusableError: INTERNAL,
    face.PressBrokenError: INTERNAL,
}

_SIGNING: dict[type[Exception], ProblemKind] = {
    signing.SigningError: INTERNAL,
    signing.MalformedDerError: _UNREADABLE,
    signing.MalformedCmsError: _UNREADABLE,
    signing.MalformedSealError: _UNREADABLE,
    signing.MalformedTimestampError: _UNAVAILABLE,
    signing.MalformedStatusListError: INTERNAL,
    signing.StatusFilesConflictError: INTERNAL,
    signing.StatusIndexError: INTERNAL,
    signing.MalformedTrustBundleError: INTERNAL,
    signing.MalformedTrustListError: INTERNAL,
    signing.MalformedIssueLogError: INTERNAL,
    signing.MerkleProofError: INTERNAL,
    signing.MalformedJsonError: _UNREADABLE,
    signing.MalformedJsonFormError: _UNREADABLE,
    signing.MalformedManifestError: _UNREADABLE,
    signing.MalformedReceiptError: _UNREADABLE,
    signing.MalformedQrCodeError: _UNREADABLE,
    signing.MalformedExchangeError: KINDS["exchange-malformed"],
    signing.MalformedSharingDocumentError: _UNREADABLE,
    signing.MalformedCopyRecordError: _UNREADABLE,
    signing.UnreadableDocumentError: _UNREADABLE,
    signing.TimestampUnavailableError: _UNAVAILABLE,
    signing.DocumentNotSealableError: INTERNAL,
    signing.SealPlacementError: INTERNAL,
    signing.SealKeyMismatchError: _SEAL,
    signing.SignerNotInSealError: _SEAL,
    signing.SealPeriodError: _SEAL,
    signing.HoleTooSmallError: INTERNAL,
    signing.SealPictureError: _PICTURE,
    signing.SealTextTooLongError: _PICTURE,
    signing.SealGlyphMissingError: _PICTURE,
    signing.SealPictureRefusedError: _PICTURE,
    signing.PageNotDrawableError: _UNREADABLE,
}

_KEYS: dict[type[Exception], ProblemKind] = {
    keys.KeyCustodyError: INTERNAL,
    keys.KeyNotFoundError: INTERNAL,
    keys.KeyExistsError: INTERNAL,
    keys.LabelInvalidError: INTERNAL,
    keys.KeyUnavailableError: _UNAVAILABLE,
    keys.KeyFileUnsafeError: INTERNAL,
    keys.KeyFileDamagedError: INTERNAL,
    keys.WrongPassphraseError: INTERNAL,
    keys.KeyAddressError: INTERNAL,
    keys.CertificateUnreadableError: INTERNAL,
    keys.InvalidSignatureError: INTERNAL,
    keys.InvalidKeyError: INTERNAL,
    keys.EngineUnusableError: INTERNAL,
    keys.EnvelopeBrokenError: INTERNAL,
}

_VERIFICATION: dict[type[Exception], ProblemKind] = {
    verification.VerificationError: INTERNAL,
    verification.VerificationRefusedError: _UNREADABLE,
    verification.EmptyDocumentError: _UNREADABLE,
    verification.DocumentTooLargeError: KINDS["document-too-large"],
    verification.NotALicenseFileError: _UNREADABLE,
    verification.AsOfInvalidError: _INVALID,
    verification.VerifierBusyError: _UNAVAILABLE,
    verification.ParserIsolationError: INTERNAL,
    verification.ParserUnavailableError: _UNAVAILABLE,
    verification.MalformedEvidenceError: INTERNAL,
    verification.PolicyInvalidError: INTERNAL,
}

TABLE: dict[type[Exception], ProblemKind] = {
    **_OUTSIDE,
    **_VAULT,
    **_SIGNING,
    **_KEYS,
    **_VERIFICATION,
}
