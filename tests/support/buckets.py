"""An S3 server for the time of a test: moto, in this process, so that a test can make objects older.

A fake, for the real one is in no registry; it speaks S3 to the real AWS CLI. It keeps what it is told about
storage classes and encryption, and encrypts nothing.
"""

from __future__ import annotations

import datetime
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends
from moto.server import ThreadedMotoServer

from support.running import free_address

SECRET_KEY: Final = "sEcReT/kEy+of+the+bucket"


class Buckets(NamedTuple):
    """A server that runs, and what it holds."""

    address: str
    port: int

    @property
    def environment(self) -> Mapping[str, str]:
        """How the AWS CLI logs in; it must not ask the machine who it is."""
        return {
            "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "1",
        }

    def make(self, bucket: str) -> None:
        """An empty bucket."""
        backend = _backend()
        backend.buckets.pop(bucket, None)
        s3_backends.bucket_accounts.pop(bucket, None)
        backend.create_bucket(bucket, "eu-central-1")

    def objects(self, bucket: str) -> dict[str, Any]:
        """The objects of a bucket by their keys."""
        return dict(_backend().buckets[bucket].keys.items())

    def read(self, bucket: str, key: str) -> bytes:
        """What is in an object."""
        content: bytes = self.objects(bucket)[key].value
        return content

    def write(self, bucket: str, key: str, content: bytes) -> None:
        """Put an object there, or another content into it."""
        _backend().put_object(bucket, key, content)

    def age(self, bucket: str, key: str, days: float) -> None:
        """Let an object be that old."""
        then = datetime.datetime.now(datetime.UTC).replace(tzinfo=None) - datetime.timedelta(days=days)
        self.objects(bucket)[key].last_modified = then


@contextmanager
def buckets() -> Iterator[Buckets]:
    """A server of S3 on loopback."""
    host, _, port = free_address().partition(":")
    server = ThreadedMotoServer(ip_address=host, port=int(port), verbose=False)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # not every request
    server.start()
    try:
        yield Buckets(f"http://{host}:{port}", int(port))
    finally:
        server.stop()


def _backend() -> Any:
    return s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
