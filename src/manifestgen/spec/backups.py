"""Backups of databases: which, when, where to, for how long, and who is told."""

from collections.abc import Iterator
from typing import Annotated, Final, Literal, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from manifestgen.facts.cron import longest_pause
from manifestgen.facts.quantities import parse_duration
from manifestgen.spec.base import (
    Bytes,
    Duration,
    Form,
    Model,
    Name,
    PositiveCount,
    Schedule,
    Seconds,
    SecretKey,
    Text,
    TimeZone,
    WebUrl,
    defaults_of,
    problem,
    refuse,
)
from manifestgen.spec.containers import Amounts, ImageRef, Resources
from manifestgen.spec.receivers import EmailAddress
from manifestgen.spec.settings import SecretRef
from manifestgen.spec.volumes import NodePath
from manifestgen.spec.workloads import CloudIdentity

_HOUR: Final = 3600
_DAY: Final = 24 * _HOUR

BucketName = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]|\.[a-z0-9]){1,61}[a-z0-9]$", max_length=63),
    Form("write 3 to 63 lower-case letters, digits, hyphens and single dots, as S3 asks for"),
    Field(examples=["shop-backups"]),
]
"""The name of a bucket of S3."""

KeyPrefix = Annotated[
    str,
    StringConstraints(pattern=r"^([^/\x00-\x1f\x7f\\\[\]*?]+/)+$", max_length=512),
    Form("write folders that each end with /, e.g. shop/production/, without \\ [ ] * ?"),
    Field(examples=["shop/production/"]),
]
"""What the keys of objects begin with."""

SmtpUrl = Annotated[
    str,
    StringConstraints(pattern=r"^smtps?://[A-Za-z0-9][A-Za-z0-9.-]{0,252}(:[1-9][0-9]{0,4})?$"),
    Form("write e.g. smtp://mail.example.com:587"),
    Field(examples=["smtp://mail.example.com:587"]),
]
"""The address of a mail server."""


class BackupStorage(Model):
    """The place in S3 that backups are kept in."""

    bucket: BucketName
    """Name of the bucket; it is there already."""
    prefix: KeyPrefix | None = None
    """Folders in it; left out, those of the platform and the environment. The backup's name follows."""
    region: Annotated[
        str, StringConstraints(pattern=r"^[a-z0-9-]{1,32}$"), Form("write e.g. eu-central-1")
    ] = "us-east-1"
    """Region of the bucket."""
    endpoint: WebUrl | None = None
    """Address of a server other than AWS that speaks S3."""
    addressing: Literal["path", "virtual", "auto"] | None = None
    """Whether the bucket is the first part of the path or of the host name; left out, `path` with an
    `endpoint`, else as the AWS CLI thinks."""
    storage_class: Literal[
        "STANDARD", "INTELLIGENT_TIERING", "STANDARD_IA", "ONEZONE_IA", "GLACIER_IR", "REDUCED_REDUNDANCY"
    ] = "STANDARD"
    """Storage class; those that must be thawed before anyone can read them are no place for a backup that
    may be needed within the hour."""
    encryption: Literal["none", "sse-s3", "sse-kms", "client"] = "sse-s3"
    """Who encrypts: S3 with its own key, S3 with a key of KMS, or we with a passphrase before the upload
    (GnuPG, AES-256), so that the bucket never has what could be read."""
    kms_key: (
        Annotated[
            str,
            StringConstraints(pattern=r"^[A-Za-z0-9:/_-]{1,256}$"),
            Form("write the id, the ARN or alias/NAME of a key"),
            Field(examples=["alias/backups"]),
        ]
        | None
    ) = None
    """Key of KMS, with `encryption: sse-kms`; left out, the account's own for S3."""
    passphrase: SecretRef | None = None
    """The passphrase, with `encryption: client`."""
    access_key_id: SecretRef | None = None
    """Access key, where the pod has no `identity`."""
    secret_access_key: SecretRef | None = None
    """Its secret."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        refuse(self._misfits())
        return self

    def _misfits(self) -> Iterator[PydanticCustomError]:
        if self.kms_key is not None and self.encryption != "sse-kms":
            message = f"a key of KMS says nothing about `encryption: {self.encryption}`"
            yield problem("backup-encryption", message, "write sse-kms, or remove the key", ("kmsKey",))
        if self.passphrase is not None and self.encryption != "client":
            message = f"a passphrase says nothing about `encryption: {self.encryption}`"
            yield problem("backup-encryption", message, "write client, or remove it", ("passphrase",))
        if self.passphrase is None and self.encryption == "client":
            message = "there is no passphrase to encrypt with"
            yield problem("backup-encryption", message, "give a `passphrase`", ("encryption",))
        if (self.access_key_id is None) != (self.secret_access_key is None):
            yield problem(
                "backup-login",
                "an access key has an id and a secret",
                "give both, or none and an `identity`",
                ("accessKeyId",),
                ("secretAccessKey",),
            )


class BackupMetrics(Model):
    """How Prometheus learns of backups: the figures are pushed, or left in a file of the node."""

    pushgateway: WebUrl | None = None
    """Address of a Pushgateway; it is scraped as `monitoring.stack.pushgateway`."""
    textfile: NodePath | None = None
    """Folder of the node that node_exporter reads text files from; the pod mounts it."""

    @model_validator(mode="after")
    def _has_one_way(self) -> Self:
        if (self.pushgateway is None) == (self.textfile is None):
            raise problem(
                "backup-metrics",
                "figures are either pushed to a Pushgateway or written to a file",
                "give one of pushgateway and textfile",
                ("pushgateway",),
                ("textfile",),
            )
        return self


class BackupMail(Model):
    """A mail about backups."""

    to: Annotated[list[EmailAddress], Field(min_length=1)]
    """Who gets it."""
    from_: EmailAddress
    """Whom it is from."""
    server: SmtpUrl
    """Mail server: `smtp://`, or `smtps://` where TLS comes first."""
    username: Text | None = None
    """User to log in as, over TLS only."""
    password: SecretRef | None = None
    """The user's password."""

    @model_validator(mode="after")
    def _logs_in_whole(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise problem(
                "backup-login",
                "a login has a name and a password",
                "give both, or none",
                ("username",),
                ("password",),
            )
        return self


class BackupNotify(Model):
    """Who is told about backups by the script itself; alerts tell others when Prometheus knows."""

    when: Literal["failure", "always"] = "failure"
    """When: about what failed, or about every backup."""
    slack: SecretRef | None = None
    """Address of an incoming webhook of Slack, which is a secret."""
    email: BackupMail | None = None
    """Mail."""

    @model_validator(mode="after")
    def _tells_somebody(self) -> Self:
        if self.slack is None and self.email is None:
            raise problem("backup-notify", "it tells nobody", "give `slack` or `email`, or remove it")
        return self


class Backup(Model):
    """Backups of one database: a CronJob that dumps it to S3, and the scripts to back up and restore."""

    description: Text | None = None
    """What is backed up, in a sentence; stands above the objects."""
    datastore: Name
    """Data service of type `postgresql`, whose `database` is backed up."""
    schedule: Schedule
    """When a backup starts."""
    time_zone: TimeZone | None = None
    """Time zone of the schedule; left out, that of the control plane, mostly UTC."""
    suspend: bool = False
    """Start no backups."""
    image: ImageRef
    """Image with bash, coreutils, the AWS CLI and the client programs of PostgreSQL, at least of the server's
    version; with curl for figures and messages, with GnuPG to encrypt."""
    username: Text | None = None
    """User to log in as; left out, the administrator `postgres` where the data service has its password, else
    the owner. A restore needs one who may create databases."""
    password_key: SecretKey | None = None
    """Key of the user's password in the credentials of the data service."""
    ssl_mode: Literal["disable", "prefer", "require", "verify-full"] = "prefer"
    """How the connection is secured; `verify-full` trusts the authorities that the image knows (with the
    client programs of PostgreSQL 16 or newer)."""
    compression: Annotated[int, Field(ge=0, le=9)] = 6
    """How hard pg_dump compresses; 0 for not at all."""
    storage: BackupStorage
    """Where backups are kept."""
    retention: Duration = "30d"
    """How long a backup is kept; then the next one deletes it."""
    keep_last: PositiveCount = 4
    """How many backups are kept however old they are."""
    max_age: Duration | None = None
    """How old the newest backup may become before an alert fires; left out, twice the longest pause of the
    schedule and the time limit: one failure may happen, a second one may not."""
    time_limit: Seconds = "2h"
    """How long a backup may take."""
    workspace: Bytes = "10Gi"
    """Space on the node for one dump."""
    resources: Resources = defaults_of(
        Resources,
        requests=defaults_of(Amounts, cpu="100m", memory="256Mi"),
        limits=defaults_of(Amounts, memory="512Mi"),
    )
    """Requests and limits of the container."""
    identity: CloudIdentity = defaults_of(CloudIdentity)
    """Who the pod is to the cloud, where it logs in to S3 without an access key."""
    connects: list[Name] = []
    """What else the pod reaches beside the database: the `externals` (or workloads and data services) that
    S3, Pushgateway, Slack and mail server are; network policies close all else."""
    metrics: BackupMetrics | None = None
    """How Prometheus learns of it; left out, there is only what Kubernetes knows of the CronJob."""
    notify: BackupNotify | None = None
    """Who is told by the script itself."""

    @property
    def patience(self) -> int:
        """Seconds that the newest backup may be old."""
        if self.max_age is not None:
            return round(parse_duration(self.max_age))
        return 2 * 60 * longest_pause(self.schedule) + round(parse_duration(self.time_limit))

    @model_validator(mode="after")
    def _is_worth_its_name(self) -> Self:
        refuse(self._mistakes())
        return self

    def _mistakes(self) -> Iterator[PydanticCustomError]:
        if parse_duration(self.retention) < _DAY:
            message = f"backups that are deleted after {self.retention} are there when nobody needs them"
            yield problem("backup-retention", message, "keep them for 1d at least, e.g. 30d", ("retention",))
        if self.max_age is not None and parse_duration(self.max_age) <= 60 * longest_pause(self.schedule):
            message = f"the schedule itself lets a backup become older than {self.max_age}"
            yield problem(
                "backup-age", message, "raise it, or back up more often", ("maxAge",), ("schedule",)
            )
        if (self.username is None) != (self.password_key is None):
            yield problem(
                "backup-login",
                "a login has a name and a password",
                "give username and passwordKey, or none of both",
                ("username",),
                ("passwordKey",),
            )
