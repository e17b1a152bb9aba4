"""The signed manifest of a license: which sealed files of it this library issued.

Made when it is asked for, from the rows, and not kept: what is said is the same each time (the
instant is that of the newest file), signature and time-stamp are new.
"""

from collections.abc import Callable, Sequence
from functools import partial

from keys.provider import KeyProvider
from license_vault.errors import LicenseNotFoundError
from license_vault.registry.records import LicenseRecord
from signing.cms.pdf_signature_writer import SigningIdentity
from signing.sealed_json.manifest import Manifest, ManifestFile, manifest_bytes, sign_manifest

SYSTEM_LABEL = "system"


def manifest_of(license_: LicenseRecord) -> Manifest:
    """Return what the manifest of a license says.

    Raises:
        LicenseNotFoundError: it has no files: it is being made, or was never made.
    """
    if not license_.forms:
        raise LicenseNotFoundError(license_.identifier)
    return Manifest(
        identifier=license_.identifier,
        content_id=license_.content_id,
        files=tuple(
            ManifestFile(
                form=file.form,
                media_type=file.media_type,
                size_bytes=file.size_bytes,
                sm3=file.sm3.hex(),
                sha256=file.sha256.hex(),
            )
            for file in license_.forms
        ),
        issued_at=max(file.deposited_at for file in license_.forms),
    )


class ManifestIssuer:
    """Signs manifests with the library's own key. May be used from many threads."""

    def __init__(
        self,
        keys: KeyProvider,
        chain: Callable[[], Sequence[bytes]],
        timestamp: Callable[[bytes], bytes],
    ) -> None:
        """Take what signing needs.

        Args:
            chain: gives the certificate of the key ``system`` and its issuing CAs without the
                root (DER), as they are now.
            timestamp: makes a time-stamp token over an SM3 imprint.
        """
        self._keys = keys
        self._chain = chain
        self._timestamp = timestamp

    def issue(self, license_: LicenseRecord) -> bytes:
        """Return the signed manifest of a license, as a file.

        Raises:
            LicenseNotFoundError: it has no files.
            KeyCustodyError: the key cannot be used.
            TimestampUnavailableError: there is no time-stamp now.
        """
        said = manifest_of(license_)
        certificate, *issuers = self._chain()
        identity = SigningIdentity(certificate, tuple(issuers))
        return sign_manifest(
            said, identity, partial(self._keys.sign, SYSTEM_LABEL), self._timestamp
        )


def manifest_tag(license_: LicenseRecord) -> bytes:
    """Return what two manifests of a license that say the same have in common.

    Raises:
        LicenseNotFoundError: it has no files.
    """
    return manifest_bytes(manifest_of(license_))
