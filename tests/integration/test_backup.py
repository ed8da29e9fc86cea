"""Backup and restore, run: the rendered scripts against a real PostgreSQL, with the real AWS CLI.

The S3 server is moto: see ``support.buckets``. A full disk is a limit on the size of files (``ulimit -f``),
and where the test may mount one, a small file system that is really full.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from support.backups import BACKUP, BUCKET, NAME, RESTORE, Shop, spec, watched_processes
from support.buckets import SECRET_KEY, Buckets, buckets
from support.postgresql import PASSWORD, Server, postgresql, programs
from support.running import free_address, until

pytestmark = pytest.mark.slow

Tool = Callable[[str], Path]
NewShop = Callable[..., Shop]

CONTENT = r'''
CREATE EXTENSION pgcrypto;
CREATE TABLE orders (id integer PRIMARY KEY, note text, at timestamptz DEFAULT '2026-01-01');
INSERT INTO orders SELECT n, md5(n::text) FROM generate_series(1, 20000) AS n;
CREATE SCHEMA "it's ""odd""";
CREATE TABLE "it's ""odd"""."a
b; DROP" (x serial, y bytea);
INSERT INTO "it's ""odd"""."a
b; DROP" (y) VALUES ('\x00ff'), (NULL);
CREATE TABLE empty (x int);
CREATE TABLE parts (day date, n int) PARTITION BY RANGE (day);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
INSERT INTO parts VALUES ('2026-01-05', 1), ('2026-01-06', 2);
CREATE VIEW big AS SELECT id FROM orders WHERE id > 10;
CREATE MATERIALIZED VIEW sums AS SELECT count(*) FROM orders;
CREATE SEQUENCE invoice START 4711;
SELECT nextval('invoice');
SELECT lo_from_bytea(12345, 'a large object');
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE orders OWNER TO keeper;
CREATE POLICY mine ON orders USING (id < 100);
'''


@pytest.fixture(scope="module")
def server(tool: Tool) -> Iterator[Server]:
    with postgresql(programs() or tool("initdb").resolve().parent) as found:
        found.sql("postgres", "CREATE ROLE keeper; CREATE ROLE reader")
        yield found


@pytest.fixture(scope="module")
def s3() -> Iterator[Buckets]:
    with buckets() as found:
        yield found


@pytest.fixture
def new_shop(server: Server, s3: Buckets, tool: Tool, tmp_path: Path) -> Iterator[NewShop]:
    def make(**changes: Any) -> Shop:
        given = spec(changes.pop("s3", s3.address), **changes)
        shop = Shop(tmp_path, given, server, s3, tool("aws"))
        drop_all(server)
        server.sql("postgres", f"CREATE DATABASE {quoted(shop.database)} OWNER keeper CONNECTION LIMIT 20")
        server.sql(shop.database, CONTENT)
        return shop

    yield make
    drop_all(server)


@pytest.fixture
def shop(new_shop: NewShop) -> Shop:
    return new_shop()


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def drop_all(server: Server) -> None:
    for name in server.databases():
        server.sql("postgres", f"DROP DATABASE {quoted(name)} WITH (FORCE)")


def spoil(shop: Shop) -> None:
    """What somebody does to a database who then needs a backup."""
    shop.server.sql(shop.database, "DELETE FROM orders WHERE id > 10; DROP VIEW big; CREATE TABLE late ()")


def seeded(shop: Shop) -> str:
    """A backup of the content, and its time; the scripts make one, and the others get a copy of that."""
    if not _SEED:
        shop.backup()
        _SEED.update({key: shop.s3.read(BUCKET, shop.prefix + key) for key in shop.stored()})
    for key, content in _SEED.items():
        shop.s3.write(BUCKET, shop.prefix + key, content)
    return next(iter(_SEED)).partition(".")[0]


_SEED: dict[str, bytes] = {}


def flip(shop: Shop, key: str) -> None:
    """Change one bit of an object."""
    content = bytearray(shop.s3.read(BUCKET, shop.prefix + key))
    content[len(content) // 2] ^= 1
    shop.s3.write(BUCKET, shop.prefix + key, bytes(content))


def test_a_restored_database_is_the_one_that_was_backed_up(shop: Shop) -> None:
    shop.server.sql(
        "postgres",
        """
        ALTER DATABASE shop SET search_path = 'it''s "odd"', public;
        ALTER DATABASE shop SET work_mem = '5MB';
        ALTER ROLE reader IN DATABASE shop SET statement_timeout = '7s';
        REVOKE CONNECT ON DATABASE shop FROM PUBLIC;
        GRANT CONNECT ON DATABASE shop TO reader WITH GRANT OPTION;
        COMMENT ON DATABASE shop IS 'It''s ours';
        """,
    )
    before = shop.content()
    stamp = shop.backup()
    assert sorted(shop.stored()) == [f"{stamp}.counts", f"{stamp}.dump", f"{stamp}.sha256"]
    spoil(shop)
    spoiled = shop.content()
    assert spoiled != before
    done = shop.run(RESTORE, "--yes")
    assert done.code == 0, done.log
    assert shop.content() == before
    # Nothing is lost: what was there is in the bucket, and beside the new database.
    (old,) = shop.server.databases() - {"shop"}
    assert old.startswith("shop_before_")
    assert shop.content(old).splitlines()[:-4] == spoiled.splitlines()[:-4]
    (safety,) = (key for key in shop.stored() if key.startswith("safety/") and key.endswith(".dump"))
    assert shop.run(RESTORE, "--yes", "--drop-old", "--from", safety.removesuffix(".dump")).code == 0
    assert shop.content() == spoiled
    assert shop.server.databases() == {"shop", old}
    assert shop.leftovers() == []


def test_what_is_connected_loses_its_connection_and_finds_the_new_database(shop: Shop) -> None:
    seeded(shop)
    spoil(shop)
    over = threading.Event()
    counts: set[str] = set()

    def ask() -> None:
        command = ["psql", "-qAtX", "--command", "SELECT count(*), pg_sleep(0.2) FROM orders"]
        while not over.is_set():
            env = {**shop.server.environment, "PGDATABASE": "shop"}
            done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
            counts.add(done.stdout.partition("|")[0] if done.returncode == 0 else "lost")

    clients = [threading.Thread(target=ask) for _ in range(3)]
    for client in clients:
        client.start()
    done = shop.run(RESTORE, "--yes")
    until(lambda: "20000" in counts, "clients see the new database")
    over.set()
    for client in clients:
        client.join()
    assert done.code == 0, done.log
    assert counts <= {"10", "20000", "lost"}
    assert {"10", "20000"} <= counts


def test_a_database_that_is_gone_is_restored(shop: Shop) -> None:
    before = shop.content()
    seeded(shop)
    drop_all(shop.server)
    done = shop.run(RESTORE, "--yes")
    assert done.code == 0, done.log
    # Nobody knows any more whose it was, and how many might connect.
    shop.server.sql(
        "postgres", "ALTER DATABASE shop OWNER TO keeper; ALTER DATABASE shop CONNECTION LIMIT 20"
    )
    assert shop.content().splitlines()[:-2] == before.splitlines()[:-2]
    assert shop.server.databases() == {"shop"}


def test_a_check_proves_a_backup_and_touches_nothing(shop: Shop) -> None:
    stamp = seeded(shop)
    spoil(shop)
    before, keys = shop.content(), shop.stored()
    done = shop.run(RESTORE, "--check")
    assert done.code == 0, done.log
    assert f"the backup {stamp} is good" in done.log
    assert shop.content() == before
    assert shop.stored() == keys
    assert shop.server.databases() == {"shop"}


@pytest.mark.parametrize("end", ["dump", "counts", "sha256"])
def test_a_damaged_backup_is_refused_before_anything_is_touched(shop: Shop, end: str) -> None:
    stamp = seeded(shop)
    before, keys = shop.content(), shop.stored()
    flip(shop, f"{stamp}.{end}")
    done = shop.run(RESTORE, "--yes")
    assert done.code == 1
    assert "it is damaged" in done.log
    assert "phase safety" not in done.log
    assert "phase create" not in done.log
    assert shop.content() == before
    assert shop.stored() == keys
    assert shop.server.databases() == {"shop"}


def test_a_backup_without_checksums_does_not_count(shop: Shop) -> None:
    first = seeded(shop)
    half = "20991231T235959Z"
    put(shop, half, 0, "dump", "counts")
    assert shop.run(RESTORE, "--list").log.split() == [first]
    done = shop.run(RESTORE, "--check", "--from", half)
    assert done.code == 1
    assert "there is no whole backup" in done.log


def test_a_backup_with_other_numbers_of_rows_is_not_let_in(shop: Shop) -> None:
    stamp = seeded(shop)
    spoil(shop)
    before = shop.content()
    counts = shop.s3.read(BUCKET, f"{shop.prefix}{stamp}.counts")
    assert b"public.orders,20000\n" in counts
    rewrite(shop, stamp, counts.replace(b"public.orders,20000\n", b"public.orders,20001\n"))
    done = shop.run(RESTORE, "--yes")
    assert done.code == 1
    assert "< public.orders,20001" in done.log
    assert "> public.orders,20000" in done.log
    assert shop.content() == before
    assert shop.server.databases() == {"shop"}


def rewrite(shop: Shop, stamp: str, counts: bytes) -> None:
    """Other numbers of rows, with checksums that fit."""
    sums = shop.s3.read(BUCKET, f"{shop.prefix}{stamp}.sha256").decode().splitlines()
    sums[1] = f"{hashlib.sha256(counts).hexdigest()}  {stamp}.counts"
    shop.s3.write(BUCKET, f"{shop.prefix}{stamp}.counts", counts)
    shop.s3.write(BUCKET, f"{shop.prefix}{stamp}.sha256", ("\n".join(sums) + "\n").encode())


PHASES = (
    "lock",
    "download",
    "verify",
    "safety",
    "create",
    "restore",
    "analyze",
    "compare",
    "switch",
    "confirm",
)


def test_killed_in_every_phase_the_database_is_the_old_or_the_new_one(shop: Shop) -> None:
    new = shop.content()
    stamp = seeded(shop)
    spoil(shop)
    old = shop.content()
    seen = []
    moments = [(phase, 0.0) for phase in PHASES] + [("create", 0.1), ("restore", 0.2), ("switch", 0.05)]
    for phase, after in moments:
        stopped = shop.stopped(
            RESTORE, "--yes", "--from", stamp, at=f"phase {phase}:", with_=signal.SIGKILL, after=after
        )
        assert stopped.code == -signal.SIGKILL
        until(lambda: is_quiet(shop.server), "PostgreSQL has noticed")
        content = shop.content()
        assert content in (old, new), phase
        seen.append(content == new)
        if content == new:  # back to the old one, for the next phase
            (before,) = (name for name in shop.server.databases() if name.startswith("shop_before_"))
            shop.server.sql("postgres", "DROP DATABASE shop WITH (FORCE)")
            shop.server.sql("postgres", f"ALTER DATABASE {quoted(before)} RENAME TO shop")
    assert seen[PHASES.index("compare")] is False
    assert seen[PHASES.index("confirm")] is True
    done = shop.run(RESTORE, "--yes")  # what was left behind is in nobody's way
    assert done.code == 0, done.log
    assert shop.content() == new
    assert {name for name in shop.server.databases() if "restoring" in name} == set()


def is_quiet(server: Server) -> bool:
    """Whether all sessions of scripts are gone."""
    ask = (
        "SELECT count(*) FROM pg_stat_activity WHERE application_name ~ '^(backup|restore)-database.sh|^pg_'"
    )
    return server.sql("postgres", ask) == "0"


@pytest.mark.parametrize("phase", ["download", "restore", "compare"])
def test_a_restore_that_is_told_to_stop_cleans_up(shop: Shop, phase: str) -> None:
    seeded(shop)
    spoil(shop)
    before = shop.content()
    done = shop.stopped(RESTORE, "--yes", at=f"phase {phase}:", with_=signal.SIGTERM)
    assert done.code == 143, done.log
    assert shop.content() == before
    assert shop.server.databases() == {"shop"}
    assert shop.leftovers() == []


def test_a_backup_that_is_told_to_stop_leaves_nothing_that_counts(shop: Shop) -> None:
    for phase in ("dump", "upload"):
        done = shop.stopped(BACKUP, at=f"phase {phase}:", with_=signal.SIGTERM)
        assert done.code == 143, done.log
        assert not any(key.endswith(".sha256") for key in shop.stored())
        assert shop.leftovers() == []
    shop.backup()


def test_when_the_new_database_is_not_what_it_should_be_the_old_one_is_put_back(shop: Shop) -> None:
    seeded(shop)
    spoil(shop)
    before = shop.content()
    stand_in(shop, "psql", '[[ ${PGAPPNAME:-} != *" confirm" ]] || exit 1')
    done = shop.run(RESTORE, "--yes")
    assert done.code == 1
    assert "phase confirm" in done.log
    assert "shop is the database from before again" in done.log
    assert shop.content() == before
    assert shop.server.databases() == {"shop"}


def stand_in(shop: Shop, program: str, first: str) -> None:
    """Something to do before a real program, which stands on PATH behind this."""
    real = shutil.which(program, path=shop.environment["PATH"])
    script = shop.programs / program
    script.write_text(f'#!/usr/bin/env bash\n{first}\nexec {real} "$@"\n', encoding="utf-8")
    script.chmod(0o755)


def test_of_two_at_once_the_second_does_nothing(new_shop: NewShop, tmp_path: Path) -> None:
    figures = tmp_path / "figures"
    figures.mkdir()
    shop = new_shop(metrics={"textfile": "/var/lib/figures"})
    env = {"BACKUP_TEXTFILE_DIRECTORY": str(figures)}
    shop.settings.write_text(shop.settings.read_text().replace("/var/lib/node_exporter", str(figures)))
    stand_in(shop, "pg_dump", f"touch {tmp_path}/dumping; until [[ -e {tmp_path}/go ]]; do sleep 0.1; done")
    first = threading.Thread(target=lambda: results.append(shop.run(BACKUP, env=env)))
    results: list[Any] = []
    first.start()
    until(lambda: (tmp_path / "dumping").exists(), "the first one dumps")
    for script, options in ((BACKUP, ()), (RESTORE, ("--yes",))):
        second = shop.run(script, *options, env=env)
        assert second.code == 75, second.log
        assert "another backup or restore of shop is running" in second.log
    assert list(figures.iterdir()) == []  # it is not the second that failed
    (tmp_path / "go").touch()
    first.join()
    assert results[0].code == 0, results[0].log
    assert [path.name for path in figures.iterdir()] == [f"shop_{NAME}_success.prom"]


def test_a_full_disk_ends_a_backup_and_nothing_counts(shop: Shop) -> None:
    # 64 blocks of 1 KiB; as on a full disk, pg_dump cannot write on.
    limited = ["bash", "-c", 'trap "" XFSZ; ulimit -f 64; exec "$@"', "limited", *shop.command(BACKUP)]
    done = shop.execute(limited)
    assert done.code == 1
    assert "pg_dump failed" in done.log
    assert shop.stored() == []
    assert shop.leftovers() == []


def test_a_full_disk_ends_a_restore_and_the_database_stays(shop: Shop) -> None:
    seeded(shop)
    before = shop.content()
    limited = ["bash", "-c", 'trap "" XFSZ; ulimit -f 64; exec "$@"', "limited"]
    done = shop.execute([*limited, *shop.command(RESTORE, "--yes")])
    assert done.code == 1
    assert shop.content() == before
    assert shop.server.databases() == {"shop"}
    assert shop.leftovers() == []


def test_a_file_system_that_is_really_full_ends_a_backup_and_it_is_told(new_shop: NewShop) -> None:
    shop = new_shop(metrics={"textfile": "/var/lib/figures"})
    shop.settings.write_text(shop.settings.read_text().replace("/var/lib/node_exporter", str(shop.programs)))
    mount = f"mount -t tmpfs -o size=100k none {shop.work}"
    apart = ["unshare", "--mount", "--map-root-user", "bash", "-c", f'{mount} || exit 9; exec "$@"', "apart"]
    done = shop.execute([*apart, *shop.command(BACKUP)])
    if done.code == 9 or "unshare" in done.log:
        pytest.skip("this machine lets nobody mount anything")
    assert done.code == 1, done.log
    assert "No space left on device" in done.log
    assert shop.stored() == []
    assert [path.name for path in shop.programs.iterdir()] == [f"shop_{NAME}_failure.prom"]


def test_without_s3_a_backup_fails_and_a_restore_touches_nothing(new_shop: NewShop) -> None:
    shop = new_shop(s3=f"http://{free_address()}")
    before = shop.content()
    done = shop.run(BACKUP)
    assert done.code not in (0, 64, 75)
    assert "Could not connect to the endpoint URL" in done.log
    done = shop.run(RESTORE, "--yes")
    assert done.code not in (0, 64, 75)
    assert shop.content() == before
    assert shop.server.databases() == {"shop"}
    assert shop.leftovers() == []


def test_without_a_database_a_backup_fails_and_says_why(shop: Shop) -> None:
    done = shop.run(BACKUP, env={"PGPASSWORD": "wrong"})
    assert done.code == 1
    assert 'password authentication failed for user "postgres"' in done.log
    drop_all(shop.server)
    done = shop.run(BACKUP)
    assert done.code == 1
    assert 'database "shop" does not exist' in done.log
    assert shop.stored() == []


def test_what_is_older_than_the_retention_is_deleted_but_not_the_newest(new_shop: NewShop) -> None:
    shop = new_shop(retention="30d", keepLast=2)
    for days, stamp in ((40, "20260101T000000Z"), (35, "20260106T000000Z"), (29, "20260112T000000Z")):
        put(shop, stamp, days)
    put(shop, "safety/20260102T000000Z", 39)
    put(shop, "20260103T000000Z", 38, "dump")  # half a backup
    foreign = ["notes.txt", "20260101T000000Z.dump.old", "other/20260101T000000Z.dump"]
    for key in foreign:
        put_key(shop, key, 400)
    new = shop.backup()
    kept = {"20260112T000000Z", new}
    assert sorted(shop.stored()) == sorted([*foreign, *(f"{one}.{end}" for one in kept for end in ENDS)])


def test_the_newest_backups_are_kept_however_old_they_are(new_shop: NewShop) -> None:
    shop = new_shop(retention="1d", keepLast=3)
    stamps = ["20260101T000000Z", "20260102T000000Z", "20260103T000000Z"]
    for stamp in stamps:
        put(shop, stamp, 300)
    new = shop.backup()
    assert {key.partition(".")[0] for key in shop.stored()} == {*stamps[1:], new}


ENDS = ("dump", "counts", "sha256")


def put(shop: Shop, stamp: str, days: float, *ends: str) -> None:
    for end in ends or ENDS:
        put_key(shop, f"{stamp}.{end}", days)


def put_key(shop: Shop, key: str, days: float) -> None:
    shop.s3.write(BUCKET, shop.prefix + key, b"x")
    shop.s3.age(BUCKET, shop.prefix + key, days)


def test_storage_class_and_encryption_are_those_of_the_spec(new_shop: NewShop) -> None:
    storage = {"storageClass": "INTELLIGENT_TIERING", "encryption": "sse-kms", "kmsKey": "alias/backups"}
    shop = new_shop(storage=storage)
    shop.backup()
    for item in shop.s3.objects(BUCKET).values():
        assert item.storage_class == "INTELLIGENT_TIERING"
        assert item.encryption == "aws:kms"
        assert item.kms_key_id == "alias/backups"


def test_what_is_encrypted_here_nobody_reads_in_the_bucket(new_shop: NewShop) -> None:
    storage = {"encryption": "client", "passphrase": {"vault": "backup#passphrase"}}
    shop = new_shop(storage=storage)
    before = shop.content()
    secret = {"BACKUP_PASSPHRASE": "pass 'phrase' $(touch x)"}
    shop.environment |= secret
    stamp = shop.backup()
    assert sorted(shop.stored()) == [f"{stamp}.counts", f"{stamp}.dump.gpg", f"{stamp}.sha256"]
    assert not shop.s3.read(BUCKET, f"{shop.prefix}{stamp}.dump.gpg").startswith(b"PGDMP")
    spoil(shop)
    spoiled = shop.content()
    done = shop.run(RESTORE, "--yes", env={"BACKUP_PASSPHRASE": "another"})
    assert done.code == 1
    assert shop.content() == spoiled
    done = shop.run(RESTORE, "--yes")
    assert done.code == 0, done.log
    assert shop.content() == before
    assert shop.leftovers() == []


def test_no_password_is_in_the_process_list_or_in_the_log(new_shop: NewShop) -> None:
    secrets = {
        "BACKUP_PASSPHRASE": "passphrase-Kq81",
        "BACKUP_SLACK_WEBHOOK": "http://127.0.0.1:9/services/webhook-Kq82",
        "BACKUP_SMTP_PASSWORD": "mail-Kq83",
    }
    mail = {
        "to": ["dba@example.com"],
        "from": "shop@example.com",
        "server": "smtp://127.0.0.1:9",
        "username": "shop",
        "password": {"vault": "mail#password"},
    }
    shop = new_shop(
        storage={"encryption": "client", "passphrase": {"vault": "backup#passphrase"}},
        notify={"when": "always", "slack": {"vault": "slack#webhook"}, "email": mail},
    )
    shop.environment |= secrets
    with watched_processes() as seen:
        runs = [shop.run(BACKUP), shop.run(RESTORE, "--yes")]
    assert [done.code for done in runs] == [0, 0], runs
    for program in (b"pg_dump", b"pg_restore", b"gpg\0", b"aws\0", b"curl\0"):
        assert any(program in line for line in seen), program
    told = b"\n".join([*seen, *(done.log.encode() for done in runs)])
    for secret in (PASSWORD, SECRET_KEY, *secrets.values()):
        assert secret.encode() not in told, secret
    assert "Slack was not told" in runs[0].log
    assert "the mail was not sent" in runs[0].log


HOSTILE = "$(touch x)`touch y`'\"\\ é\n%s={{x}}"


def test_hostile_texts_of_the_spec_arrive_as_they_are(new_shop: NewShop) -> None:
    prefix = "$(touch x)`touch y`'\"; touch z # é %s {{ x }} &/=~/"
    shop = new_shop(database=HOSTILE, storage={"prefix": prefix})
    before = shop.content()
    stamp = shop.backup()
    assert f"{prefix}{NAME}/{stamp}.dump" in shop.s3.objects(BUCKET)
    spoil(shop)
    done = shop.run(RESTORE, "--yes")
    assert done.code == 0, done.log
    assert shop.content() == before
    old = shop.server.databases() - {HOSTILE}
    assert len(old) == 1
    assert old.pop().startswith(HOSTILE + "_before_")
    assert not any((shop.folder / name).exists() for name in "xyz")
    assert not any((shop.settings.parent / name).exists() for name in "xyz")


TIMESCALEDB = """
CREATE TABLE calls (n serial, called text, orders regclass);
CREATE FUNCTION timescaledb_pre_restore() RETURNS bool LANGUAGE sql AS
  $$INSERT INTO calls (called, orders) VALUES ('before', to_regclass('orders')) RETURNING true$$;
CREATE FUNCTION timescaledb_post_restore() RETURNS bool LANGUAGE sql AS
  $$INSERT INTO calls (called, orders) VALUES ('after', to_regclass('orders')) RETURNING true$$;
"""


def linked(there: str, here: str) -> None:
    """The same file in another place, without a copy where that is possible."""
    try:
        os.link(there, here)
    except OSError:
        shutil.copy2(there, here)


def test_timescaledb_is_told_before_and_after_it_is_restored(tool: Tool, s3: Buckets, tmp_path: Path) -> None:
    """TimescaleDB itself is in no registry of ours: an extension of that name notes when it is called."""
    bin_folder = programs() or tool("initdb").resolve().parent
    version = bin_folder.parent.name
    if not Path(f"/usr/share/postgresql/{version}").is_dir():
        pytest.skip("only a PostgreSQL in the folders of Debian can be copied")
    with tempfile.TemporaryDirectory() as name:
        usr = Path(name)
        usr.chmod(0o755)
        for folder in ("lib", "share"):
            there, here = (
                Path("/usr") / folder / "postgresql" / version,
                usr / folder / "postgresql" / version,
            )
            shutil.copytree(there, here, copy_function=linked)
        extensions = usr / "share/postgresql" / version / "extension"
        (extensions / "timescaledb.control").write_text("default_version = '1'\nrelocatable = true\n")
        (extensions / "timescaledb--1.sql").write_text(TIMESCALEDB)
        with postgresql(usr / "lib/postgresql" / version / "bin") as server:
            shop = Shop(tmp_path, spec(s3.address), server, s3, tool("aws"))
            server.sql("postgres", "CREATE DATABASE shop")
            server.sql("shop", "CREATE EXTENSION timescaledb; CREATE TABLE orders (id int)")
            shop.backup()
            done = shop.run(RESTORE, "--yes")
            assert done.code == 0, done.log
            assert (
                server.sql("shop", "SELECT called, orders FROM calls ORDER BY n") == "before|\nafter|orders"
            )
