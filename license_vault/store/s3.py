"""The object store behind the S3 protocol; the only module that imports boto3.

Every put is conditional (``If-None-Match: *``) and carries its SHA-256, which the store
checks and keeps; every get is compared with it. Each call has timeouts and a bounded number
of tries. A put that took effect while its answer was lost meets its own object at the next
try; same bytes, so it has succeeded.

The bucket must be there already: making one is the operator's act.
"""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from license_vault.errors import ObjectExistsError, StoreUnavailableError
from license_vault.store.object_store import check_key

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_ABSENT = frozenset({"NoSuchKey", "404"})
# 412: the name is taken. 409: somebody is putting it at this moment (AWS); look what it holds.
_TAKEN = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})


@dataclass(frozen=True, slots=True)
class S3Settings:
    """Where the bucket is and how long to wait for it.

    ``endpoint_url`` and the key pair may be None: AWS, and its own chain of credentials.
    """

    bucket: str
    endpoint_url: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None
    region: str = "us-east-1"
    connect_timeout_seconds: float = 3.0
    read_timeout_seconds: float = 10.0
    attempts: int = 3
    connections: int = 32


class S3Store:
    """Objects in one bucket."""

    def __init__(self, settings: S3Settings) -> None:
        self._bucket = settings.bucket
        self._client = s3_client(settings)

    def put_new(self, key: str, data: bytes, media_type: str) -> None:
        """Store an object; see ObjectStore."""
        check_key(key)
        try:
            self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=data,
                ContentType=media_type,
                IfNoneMatch="*",
                ChecksumSHA256=_sha256(data),
            )
        except ClientError as error:
            if _code(error) not in _TAKEN:
                raise StoreUnavailableError(_code(error)) from error
        except BotoCoreError as error:
            raise StoreUnavailableError(type(error).__name__) from error
        else:
            return
        self._require_same(key, data)

    def find(self, key: str) -> bytes | None:
        """Return an object's bytes or None; see ObjectStore."""
        check_key(key)
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=key, ChecksumMode="ENABLED")
            data = answer["Body"].read()
        except ClientError as error:
            if _code(error) in _ABSENT:
                return None
            raise StoreUnavailableError(_code(error)) from error
        except BotoCoreError as error:
            raise StoreUnavailableError(type(error).__name__) from error
        if answer.get("ChecksumSHA256", _sha256(data)) != _sha256(data):
            raise StoreUnavailableError("checksum of the answer")
        return data

    def all_keys(self) -> Iterator[str]:
        """Yield the key of every object of the bucket."""
        try:
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket)
            for page in pages:
                for entry in page.get("Contents", ()):
                    yield entry["Key"]
        except ClientError as error:
            raise StoreUnavailableError(_code(error)) from error
        except BotoCoreError as error:
            raise StoreUnavailableError(type(error).__name__) from error

    def _require_same(self, key: str, data: bytes) -> None:
        stored = self.find(key)
        if stored is None:
            # Refused as taken, yet nothing is there: the other put has not ended.
            raise StoreUnavailableError("conflicting put")
        if stored != data:
            raise ObjectExistsError(key)


def s3_client(settings: S3Settings) -> "S3Client":
    """Return a client for a bucket's server, with bounded waiting."""
    return boto3.client(
        "s3",
        endpoint_url=settings.endpoint_url,
        aws_access_key_id=settings.access_key_id,
        aws_secret_access_key=settings.secret_access_key,
        region_name=settings.region,
        config=Config(
            connect_timeout=settings.connect_timeout_seconds,
            read_timeout=settings.read_timeout_seconds,
            retries={"total_max_attempts": settings.attempts, "mode": "standard"},
            max_pool_connections=settings.connections,
            s3={"addressing_style": "path"} if settings.endpoint_url else {},
            # We give and compare SHA-256 ourselves; other stores do not know the CRC trailers.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


def _sha256(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "unknown")
