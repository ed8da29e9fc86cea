#!/usr/bin/env bash
# Restores a PostgreSQL database from a backup in S3. Made by manifestgen: change the spec, and render again.
#
# The backup is restored into a new database beside the one in use, and takes its place only when every
# table has as many rows as when it was backed up. Both change their names in one transaction: stopped or
# killed at any moment, the database is the old or the new one, never half of either.

set -Eeuo pipefail
if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 404)); then
  printf '%s needs bash 4.4 or newer, this is %s\n' "${0##*/}" "${BASH_VERSION}" >&2
  exit 69
fi
shopt -s inherit_errexit
umask 077

# --- Log, clean up, try again -------------------------------------------------------------------

PROGRAM="${0##*/}"
SCRATCH='' # a folder of this run alone, gone when it ends

# log LEVEL WORDS...: a line on standard error, with the time in UTC.
log() {
  local level="$1"
  shift
  TZ=UTC0 printf '%(%Y-%m-%dT%H:%M:%SZ)T %-5s %s: %s\n' -1 "${level}" "${PROGRAM}" "$*" >&2
}

# die WORDS...: says why, and ends.
die() {
  log error "$@"
  exit 1
}

# misused WORDS...: the command line is wrong (exit code 64, EX_USAGE).
misused() {
  log error "$@"
  log error "see ${PROGRAM} --help"
  exit 64
}

# need COMMAND...: ends unless all of these programs are there.
need() {
  local command
  for command in "$@"; do
    command -v "${command}" >/dev/null || die "${command} is not on PATH"
  done
}

# retry TIMES SECONDS COMMAND...: runs one command, and again after a pause that doubles, until it
# works; in the end its exit code.
retry() {
  local times="$1" pause="$2" count status
  shift 2
  for ((count = 1; ; count++)); do
    status=0
    "$@" || status=$?
    if ((status == 0 || count >= times)); then
      return "${status}"
    fi
    log warn "$1 failed (exit code ${status}), attempt ${count} of ${times}; again in ${pause} s"
    sleep "${pause}"
    pause=$((pause * 2))
  done
}

# begin: from here on a failure is told, and the end cleans up, however it comes.
begin() {
  trap 'failed "$?" "${LINENO}" "${BASH_COMMAND}"' ERR
  trap 'finish "$?"' EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  SCRATCH="$(mktemp -d "${TMPDIR:-/tmp}/${PROGRAM}.XXXXXXXX")"
}

# The command as it stands in this file: what its variables hold is never told.
failed() {
  log error "line $2 failed (exit code $1): $3"
}

# clean_up, which each program has for itself, gets the exit code.
finish() {
  trap - ERR EXIT
  trap '' HUP INT TERM
  set +e
  clean_up "$1"
  if [[ -n ${SCRATCH} ]]; then
    rm -rf -- "${SCRATCH}"
  fi
  exit "$1"
}

usage() {
  cat <<'USAGE'
Usage: restore-database.sh [--settings FILE] [--host HOST] [--port PORT] [--from STAMP]
                           [--check | --list] [--drop-old] [--no-owner] [--yes]

Downloads a backup and verifies its checksums, makes a safety backup of the database as it is now,
restores into a new database, runs ANALYZE, compares the number of rows of every table, ends all
connections, and puts the new database in the place of the old one. When anything fails, the old one
stays, or is put back. It is kept beside the new one, as DATABASE_before_NOW.

Whatever is written to the old database meanwhile is not in the new one: stop what writes first.

  --settings FILE  read the settings from a file, such as production/BACKUP.env beside this script
  --host, --port   where PostgreSQL is reached, when not where the settings say (kubectl port-forward)
  --from STAMP     the backup to restore, as --list shows it; left out, the latest
  --list           list the backups, and end
  --check          restore into a new database, verify and drop it: proves that the backup is good, and
                   leaves the database in use alone
  --drop-old       drop the old database when all is well; the safety backup still has it
  --no-owner       let everything belong to the user who restores: for a server without the same roles
  --yes            do not ask
  --help           show this

Passwords come from the environment: PGPASSWORD (or PGPASSFILE, or ~/.pgpass) for the database;
AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or any other way in which the AWS CLI finds its login;
BACKUP_PASSPHRASE when the backup was encrypted before it was uploaded. The user of the database must be
allowed to create databases and to end the sessions of others.

Exit codes: 0 done, 64 wrong usage, 75 another run is in progress, any other: it failed.

Example: PGPASSWORD="$(vault kv get -field=password secret/database)" \
  restore-database.sh --settings production/database.env --host 127.0.0.1 --port 15432 --check
USAGE
}

# --- Settings -----------------------------------------------------------------------------------

# What the settings leave out; who starts this by hand may give any of them in the environment.
defaults() {
  : "${BACKUP_NAME=}" "${BACKUP_DATABASE=}" "${BACKUP_ENVIRONMENT=}" "${BACKUP_BUCKET=}"
  : "${BACKUP_COMPRESSION=6}" "${BACKUP_RETENTION_SECONDS=}" "${BACKUP_KEEP_LAST=}" "${PGUSER=}"
  : "${BACKUP_PREFIX=}" "${BACKUP_S3_ENDPOINT=}" "${BACKUP_S3_ADDRESSING=auto}"
  : "${BACKUP_STORAGE_CLASS=STANDARD}" "${BACKUP_ENCRYPTION=none}" "${BACKUP_KMS_KEY=}"
  : "${BACKUP_PASSPHRASE=}" "${BACKUP_NAMESPACE=}" "${BACKUP_MAINTENANCE_DATABASE=postgres}"
  : "${BACKUP_TEXTFILE_DIRECTORY=}" "${BACKUP_PUSHGATEWAY=}" "${BACKUP_NOTIFY=failure}"
  : "${BACKUP_SLACK_WEBHOOK=}" "${BACKUP_SMTP_URL=}" "${BACKUP_SMTP_USER=}" "${BACKUP_SMTP_PASSWORD=}"
  : "${BACKUP_MAIL_FROM=}" "${BACKUP_MAIL_TO=}"
  export AWS_PAGER='' AWS_RETRY_MODE="${AWS_RETRY_MODE:-standard}" AWS_MAX_ATTEMPTS="${AWS_MAX_ATTEMPTS:-5}"
  export PGCONNECT_TIMEOUT="${PGCONNECT_TIMEOUT:-15}" PGAPPNAME="${PROGRAM}"
  # What only this script reads, the programs that it starts need not see.
  export -n BACKUP_PASSPHRASE BACKUP_SLACK_WEBHOOK BACKUP_SMTP_PASSWORD
}

# given NAME...: ends unless each of these settings has a value.
given() {
  local name
  for name in "$@"; do
    [[ -n ${!name:-} ]] || misused "${name} is not set: give a file of settings (--settings)"
  done
}

# read_settings FILE: the settings of one environment, as they lie beside this script.
read_settings() {
  local file="$1"
  [[ -f ${file} && -r ${file} ]] || misused "there is no file ${file} that could be read"
  if [[ ${file} != */* ]]; then
    file="./${file}" # bash would look for it on PATH
  fi
  set -o allexport
  # shellcheck source=/dev/null # which file that is, is said on the command line
  . "${file}"
  set +o allexport
}

# --- Work that can be interrupted ---------------------------------------------------------------

CHILDREN=() # process ids of what runs beside this script
KEYRING=''  # the folder of GnuPG, once there is one

# patiently COMMAND...: runs it to its end, or until this script is told to stop: bash does not listen
# to signals while it waits for a command in the foreground.
patiently() {
  local status=0
  "$@" &
  CHILDREN+=("$!")
  wait "$!" || status=$?
  if ((status != 0)); then
    die "$1 failed (exit code ${status})"
  fi
}

# stop_work: ends what still runs, and takes away what is large, or lies outside of SCRATCH: on a full disk,
# too, there shall be room to tell of the failure.
stop_work() {
  local child
  for child in "${CHILDREN[@]}"; do
    kill -TERM "${child}" 2>/dev/null
    wait "${child}" 2>/dev/null # or it would still write to what is taken away
  done
  CHILDREN=()
  if [[ -n ${SCRATCH} ]]; then
    rm -rf -- "${SCRATCH}/backup" "${SCRATCH}/safety"
  fi
  if [[ -n ${KEYRING} ]]; then
    rm -rf -- "${KEYRING}"
  fi
}

phase() {
  PHASE="$1"
  log info "phase ${PHASE}: ${*:2}"
}

# --- PostgreSQL ---------------------------------------------------------------------------------

# Databases are named by PGDATABASE alone: as an argument, a name with = in it would be taken for a
# connection string. Values reach SQL as variables of psql, which quotes them.

PSQL=(psql --no-psqlrc --no-password --quiet --no-align --tuples-only --set=ON_ERROR_STOP=1)

# sql DATABASE [OPTION...]: runs what comes on standard input; rows only, and the first error ends it.
sql() {
  PGDATABASE="$1" "${PSQL[@]}" --set=database="${BACKUP_DATABASE}" "${@:2}"
}

declare -A ASKING=() ANSWERS=() # file descriptors of open sessions, by name
SESSION_END='--- end of the answer ---'

# open_session NAME DATABASE: a psql that stays; it ends with this script, however that ends.
open_session() {
  local to="${SCRATCH}/$1.in" from="${SCRATCH}/$1.out" descriptor
  mkfifo "${to}" "${from}"
  PGDATABASE="$2" "${PSQL[@]}" --set=database="${BACKUP_DATABASE}" <"${to}" >"${from}" &
  exec {descriptor}>"${to}"
  ASKING[$1]="${descriptor}"
  exec {descriptor}<"${from}"
  ANSWERS[$1]="${descriptor}"
  # No timeout of the server may end a session that only waits.
  ask "$1" "SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN
    ('idle_session_timeout', 'idle_in_transaction_session_timeout', 'statement_timeout')" >/dev/null
}

# ask NAME SQL: what a session answers; fails when it is there no more.
ask() {
  local line
  printf '%s\n;\n\\echo %s\n' "$2" "${SESSION_END}" >&"${ASKING[$1]}"
  while IFS= read -r -u "${ANSWERS[$1]}" line; do
    if [[ ${line} == "${SESSION_END}" ]]; then
      return 0
    fi
    printf '%s\n' "${line}"
  done
  die "the session $1 was lost: PostgreSQL did not let it in, restarted, or refused what was asked"
}

close_session() {
  local to="${ASKING[$1]}" from="${ANSWERS[$1]}"
  exec {to}>&- {from}<&-
  unset "ASKING[$1]" "ANSWERS[$1]"
}

# take_lock: one backup or restore of a database at a time, on whatever machine: PostgreSQL keeps the
# lock, and lets go of it when our session is gone.
take_lock() {
  local answer
  trap : PIPE # a session that is gone shall make a command fail, and not end this script unheard
  open_session lock "${BACKUP_MAINTENANCE_DATABASE}"
  answer="$(ask lock "SELECT pg_try_advisory_lock(hashtext('database-backup'), hashtext(:'database'))")"
  if [[ ${answer} != t ]]; then
    log error "another backup or restore of ${BACKUP_DATABASE} is running; this one does nothing"
    REFUSED=yes
    exit 75
  fi
}

# still_locked: fails if the session that holds the lock was lost meanwhile.
still_locked() {
  local answer
  answer="$(ask lock 'SELECT 1')"
  [[ ${answer} == 1 ]]
}

# row_counts: SQL that gives every table with its number of rows. Tables of extensions are left out: what
# these hold, pg_dump leaves to them.
row_counts() {
  cat <<'SQL'
SET row_security = off;
SET search_path = pg_catalog;
\pset format csv
SELECT format('SELECT %L, count(*) FROM %I.%I', format('%I.%I', n.nspname, c.relname), n.nspname, c.relname)
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p')
  AND c.relpersistence <> 't'
  AND n.nspname !~ '^(pg_|_?timescaledb_)'
  AND n.nspname <> 'information_schema'
  AND NOT EXISTS (
    SELECT FROM pg_depend d
    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
  )
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"
\gexec
\pset format unaligned
SQL
}

# dump DATABASE FILE COUNTS: an archive, and the number of rows of each table at the very same moment.
dump() {
  local snapshot counting
  counting="$(row_counts)"
  open_session snapshot "$1"
  ask snapshot 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'
  snapshot="$(ask snapshot 'SELECT pg_export_snapshot()')"
  PGDATABASE="$1" patiently pg_dump --no-password --format=custom --compress="${BACKUP_COMPRESSION}" \
    --snapshot="${snapshot}" --file="$2"
  ask snapshot "${counting}" >"$3"
  ask snapshot 'COMMIT'
  close_session snapshot
  # An archive without a readable table of contents is none.
  pg_restore --list "$2" >/dev/null
}

# --- S3 -----------------------------------------------------------------------------------------

S3=(aws) # the command, with the options that the settings ask for

s3_settings() {
  if [[ -n ${BACKUP_S3_ENDPOINT} ]]; then
    S3+=(--endpoint-url "${BACKUP_S3_ENDPOINT}")
  fi
  # Servers that are not AWS mostly know buckets as the first part of the path only.
  if [[ ${BACKUP_S3_ADDRESSING} != auto && -z ${AWS_CONFIG_FILE:-} && -z ${AWS_PROFILE:-} ]]; then
    export AWS_CONFIG_FILE="${SCRATCH}/aws-config"
    printf '[default]\ns3 =\n    addressing_style = %s\n' "${BACKUP_S3_ADDRESSING}" >"${AWS_CONFIG_FILE}"
  fi
}

# upload FROM TO [OPTION...]: to a key below the prefix, with what the settings say about storing.
upload() {
  local options=(--only-show-errors --storage-class "${BACKUP_STORAGE_CLASS}" "${@:3}")
  case "${BACKUP_ENCRYPTION}" in
    sse-s3) options+=(--sse AES256) ;;
    sse-kms) options+=(--sse aws:kms) ;;
    *) ;;
  esac
  if [[ -n ${BACKUP_KMS_KEY} ]]; then
    options+=(--sse-kms-key-id "${BACKUP_KMS_KEY}")
  fi
  patiently "${S3[@]}" s3 cp "$1" "s3://${BACKUP_BUCKET}/${BACKUP_PREFIX}$2" "${options[@]}"
}

# store FOLDER KEY STAMP: seals and uploads a dump, and makes sure that all of it is there. Its checksums
# come last: a backup without them is none.
store() {
  local archive="$3.dump" sizes
  if [[ ${BACKUP_ENCRYPTION} == client ]]; then
    seal "$1/${archive}"
    archive="${archive}.gpg"
  fi
  (cd "$1" && sha256sum -- "${archive}" "$3.counts" >"${SCRATCH}/$3.sha256")
  upload "$1" "$2" --recursive
  SIZE="$(wc -c <"$1/${archive}")"
  sizes="$("${S3[@]}" s3api list-objects-v2 --bucket "${BACKUP_BUCKET}" \
    --prefix "${BACKUP_PREFIX}$2${archive}" --query 'Contents[].Size' --output text)"
  if ((SIZE != sizes)); then
    die "${archive} has ${sizes} bytes in the bucket, and ${SIZE} here"
  fi
  upload "${SCRATCH}/$3.sha256" "$2$3.sha256"
}

# crypt ARGUMENT...: GnuPG with the passphrase, which no process list shows.
crypt() {
  if [[ -z ${KEYRING} ]]; then
    KEYRING="$(mktemp -d /tmp/gnupg.XXXXXXXX)" # the path of the agent's socket has to be a short one
    export GNUPGHOME="${KEYRING}"
  fi
  patiently gpg --batch --quiet --no-symkey-cache --pinentry-mode loopback --passphrase-fd 3 "$@" \
    3< <(printf '%s' "${BACKUP_PASSPHRASE}")
}

seal() {
  crypt --symmetric --cipher-algo AES256 --output "$1.gpg" "$1"
  rm -- "$1"
}

# list_objects: time and key of all that we have put into the bucket, the oldest first; the keys without
# the prefix. What has another name is not ours.
list_objects() {
  local time key
  "${S3[@]}" s3api list-objects-v2 --bucket "${BACKUP_BUCKET}" --prefix "${BACKUP_PREFIX}" \
    --query 'Contents[].[LastModified, Key]' --output text |
    while IFS=$'\t' read -r time key; do
      key="${key#"${BACKUP_PREFIX}"}"
      if [[ ${key} =~ ^(safety/)?[0-9]{8}T[0-9]{6}Z\.(dump|dump\.gpg|counts|sha256)$ ]]; then
        printf '%s %s\n' "${time:0:19}" "${key}"
      fi
    done | LC_ALL=C sort
}

# --- Tell people --------------------------------------------------------------------------------

# tried WORDS COMMAND...: when the command fails, a warning says so, and that is all.
tried() {
  local status=0
  "${@:2}" || status=$?
  if ((status != 0)); then
    log warn "$1"
  fi
}

# figure NAME VALUE HELP: one metric as Prometheus reads it.
figure() {
  local database="${BACKUP_DATABASE//\\/\\\\}"
  database="${database//\"/\\\"}"
  database="${database//$'\n'/\\n}"
  printf '# HELP %s %s\n# TYPE %s gauge\n' "$1" "$3" "$1"
  printf '%s{backup="%s",database="%s",namespace="%s"} %s\n' \
    "$1" "${BACKUP_NAME}" "${database}" "${BACKUP_NAMESPACE}" "$2"
}

# publish NAME: hands the figures on standard input over; figures of another NAME stay as they were.
publish() {
  local path="/metrics/job/database-backup/namespace/${BACKUP_NAMESPACE}/backup/${BACKUP_NAME}"
  cat >"${SCRATCH}/figures"
  if [[ -n ${BACKUP_TEXTFILE_DIRECTORY} ]]; then
    tried "the figures are not in ${BACKUP_TEXTFILE_DIRECTORY}" \
      place "${SCRATCH}/figures" "${BACKUP_TEXTFILE_DIRECTORY}/${BACKUP_NAMESPACE}_${BACKUP_NAME}_$1.prom"
  fi
  if [[ -n ${BACKUP_PUSHGATEWAY} ]]; then
    tried 'the figures did not reach the Pushgateway' curl --silent --show-error --fail --max-time 15 \
      --output /dev/null --data-binary "@${SCRATCH}/figures" "${BACKUP_PUSHGATEWAY%/}${path}"
  fi
}

# place FILE TARGET: renamed into its place, so that node_exporter never reads half a file.
place() {
  cp -- "$1" "$2.new" && chmod 0644 -- "$2.new" && mv -f -- "$2.new" "$2"
}

# json TEXT: as a string of JSON.
json() {
  local text="${1//\\/\\\\}"
  text="${text//\"/\\\"}"
  text="${text//$'\n'/\\n}"
  text="${text//$'\t'/\\t}"
  text="${text//[[:cntrl:]]/ }"
  printf '"%s"' "${text}"
}

# slack WEBHOOK TEXT: tells a channel. What Slack reads as markup is made harmless, and the address, which
# is a secret, reaches curl by a file that only we can read.
slack() {
  local text address
  text="$(json "$2")"
  text="${text//&/"\\u0026amp;"}"
  text="${text//</"\\u0026lt;"}"
  text="${text//>/"\\u0026gt;"}"
  printf '{"text": %s}\n' "${text}" >"${SCRATCH}/message"
  address="$(json "$1")"
  printf 'url = %s\n' "${address}" >"${SCRATCH}/webhook"
  curl --silent --show-error --fail --max-time 15 --output /dev/null --config "${SCRATCH}/webhook" \
    --header 'Content-Type: application/json' --data-binary "@${SCRATCH}/message"
}

# option NAME TEXT: a line of a file of curl's options.
option() {
  local text="${2//\\/\\\\}"
  text="${text//$'\n'/\\n}"
  printf '%s = "%s"\n' "$1" "${text//\"/\\\"}"
}

# notify SUBJECT TEXT: tells Slack and by mail, where the settings say so. A message that is not sent
# changes nothing about the backup. Addresses and passwords reach curl by a file that only we can read.
notify() {
  if [[ -n ${BACKUP_SLACK_WEBHOOK} ]]; then
    tried 'Slack was not told' slack "${BACKUP_SLACK_WEBHOOK}" "$1"$'\n'"$2"
  fi
  if [[ -n ${BACKUP_MAIL_TO} ]]; then
    mail "$1" "$2" >"${SCRATCH}/message"
    mail_options >"${SCRATCH}/curl"
    tried 'the mail was not sent' curl --silent --show-error --max-time 30 --config "${SCRATCH}/curl"
  fi
}

mail() {
  printf 'From: %s\r\nTo: %s\r\n' "${BACKUP_MAIL_FROM}" "${BACKUP_MAIL_TO// /, }"
  LC_ALL=C TZ=UTC0 printf 'Date: %(%a, %d %b %Y %H:%M:%S +0000)T\r\n' -1
  printf 'Subject: %s\r\n' "${1//[[:cntrl:]]/ }"
  printf 'MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s\r\n' "$2"
}

# mail_options: BACKUP_MAIL_TO holds the addresses, with spaces between them.
mail_options() {
  local address recipients
  read -r -a recipients <<<"${BACKUP_MAIL_TO}"
  option url "${BACKUP_SMTP_URL}"
  option mail-from "${BACKUP_MAIL_FROM}"
  for address in "${recipients[@]}"; do
    option mail-rcpt "${address}"
  done
  option upload-file "${SCRATCH}/message"
  if [[ -n ${BACKUP_SMTP_USER} ]]; then
    printf 'ssl-reqd\n'
    option user "${BACKUP_SMTP_USER}:${BACKUP_SMTP_PASSWORD}"
  fi
}

# --- Restore ------------------------------------------------------------------------------------

HOST='' PORT='' REFUSED='' PHASE=start SIZE=0
FROM=latest MODE=restore DROP_OLD='' YES='' RESTORE_OPTIONS=()
SAFETY=''   # the stamp of the safety backup, once it is in the bucket
MADE=''     # whether the new database is there and not yet in use
SWITCHED='' # whether it is in use
OURS='Made by restore-database.sh; it drops what a run left behind.'

parse() {
  while (($#)); do
    case "$1" in
      --help)
        usage
        exit 0
        ;;
      --settings | --host | --port | --from)
        (($# > 1)) || misused "$1 needs a value"
        case "$1" in
          --settings) read_settings "$2" ;;
          --host) HOST="$2" ;;
          --port) PORT="$2" ;;
          *) FROM="$2" ;;
        esac
        shift
        ;;
      --check) MODE=check ;;
      --list) MODE=list ;;
      --drop-old) DROP_OLD=yes ;;
      --no-owner) RESTORE_OPTIONS+=(--no-owner) ;;
      --yes) YES=yes ;;
      *) misused "unknown argument: $1" ;;
    esac
    shift
  done
  [[ ${FROM} == latest || ${FROM} =~ ^(safety/)?[0-9]{8}T[0-9]{6}Z$ ]] || misused "${FROM} is no stamp; see --list"
}

# names: of the databases beside the one in use. PostgreSQL cuts a name after 63 bytes, unasked.
names() {
  local stem="${BACKUP_DATABASE}" bytes
  bytes="$(printf '%s' "${stem}" | wc -c)"
  if ((bytes > 36)); then
    stem="db_$(printf '%s' "${stem}" | sha256sum | cut -c 1-16)"
  fi
  NEW="${stem}_restoring"
  OLD="${stem}_before_${NOW}"
}

confirm() {
  local answer
  if [[ -n ${YES} ]]; then
    return
  fi
  [[ -t 0 ]] || misused 'nobody can be asked here: give --yes'
  printf 'Replace %s on %s:%s by the backup %s? Type the name of the database: ' \
    "${BACKUP_DATABASE}" "${PGHOST}" "${PGPORT}" "${FROM}" >&2
  IFS= read -r answer
  [[ ${answer} == "${BACKUP_DATABASE}" ]] || die 'that is another name; nothing was done'
}

# complete: the stamps of the backups that are whole, the newest last.
complete() {
  list_objects |
    sed -n 's|^[^ ]* \(.*\)\.sha256$|\1|p'
}

download() {
  local folder="${SCRATCH}/backup" stamp="${FROM##*/}"
  patiently "${S3[@]}" s3 cp --only-show-errors --recursive --exclude '*' --include "${stamp}.*" \
    "s3://${BACKUP_BUCKET}/${BACKUP_PREFIX}${FROM%"${stamp}"}" "${folder}"
  [[ -f ${folder}/${stamp}.sha256 ]] || die "there is no whole backup ${FROM}; see --list"
  phase verify "checksums of ${FROM}"
  ARCHIVE="$(sed -n 's|^[0-9a-f]\{64\}  \([0-9TZ]*\.dump\(\.gpg\)\{0,1\}\)$|\1|p' "${folder}/${stamp}.sha256")"
  [[ ${ARCHIVE} == "${stamp}.dump" || ${ARCHIVE} == "${stamp}.dump.gpg" ]] ||
    die "the checksums of ${FROM} name no archive of that backup: it is damaged"
  (cd "${folder}" && sha256sum --check --strict --status -- "${stamp}.sha256") ||
    die "the checksums of ${FROM} are not those of its files: it is damaged. The database was not touched"
  if [[ ${ARCHIVE} == *.gpg ]]; then
    need gpg
    given BACKUP_PASSPHRASE
    crypt --decrypt --output "${folder}/${stamp}.dump" "${folder}/${ARCHIVE}"
  fi
  ARCHIVE="${folder}/${stamp}.dump"
  COUNTS="${folder}/${stamp}.counts"
  pg_restore --list "${ARCHIVE}" >"${SCRATCH}/contents"
}

# count NAME: 1 if there is such a database, else 0.
count() {
  sql "${BACKUP_MAINTENANCE_DATABASE}" --set=name="$1" \
    <<<"SELECT count(*) FROM pg_database WHERE datname = :'name'"
}

safety_backup() {
  local there
  there="$(count "${BACKUP_DATABASE}")"
  if ((there == 0)); then
    log warn "there is no database ${BACKUP_DATABASE} yet, and so no safety backup"
    return
  fi
  mkdir "${SCRATCH}/safety"
  dump "${BACKUP_DATABASE}" "${SCRATCH}/safety/${NOW}.dump" "${SCRATCH}/safety/${NOW}.counts"
  store "${SCRATCH}/safety" safety/ "${NOW}"
  rm -r -- "${SCRATCH}/safety"
  SAFETY="safety/${NOW}"
  log info "the database as it was is in the bucket as ${SAFETY} (${SIZE} bytes)"
}

# drop_new: drops the new database, or what a run before left of it; never one that is not ours. One that was
# made and not yet marked, because the run was killed in between, is empty.
drop_new() {
  sql "${BACKUP_MAINTENANCE_DATABASE}" --set=name="${NEW}" --set=ours="${OURS}" <<'SQL'
SELECT format('DROP DATABASE %I WITH (FORCE)', datname)
FROM pg_database
WHERE datname = :'name' AND (
  shobj_description(oid, 'pg_database') = :'ours'
  OR shobj_description(oid, 'pg_database') IS NULL
    AND pg_database_size(oid) <= pg_database_size('template0') + 1048576
)
\gexec
SQL
}

# make_new: an empty database with all that pg_dump leaves to its maker: owner, encoding, locale, settings,
# rights and limit of connections are those of the database in use.
make_new() {
  drop_new
  sql "${BACKUP_MAINTENANCE_DATABASE}" --set=name="${NEW}" --set=ours="${OURS}" <<'SQL'
SELECT count(*) = 0 AS is_first FROM pg_database WHERE datname = :'database'
\gset
\if :is_first
CREATE DATABASE :"name" TEMPLATE template0;
\else
SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING %L LC_COLLATE %L LC_CTYPE %L CONNECTION LIMIT %s',
    :'name', pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datcollate, datctype, datconnlimit)
  || CASE d.row ->> 'datlocprovider'
    WHEN 'i' THEN format(' LOCALE_PROVIDER icu ICU_LOCALE %L',
      coalesce(d.row ->> 'datlocale', d.row ->> 'daticulocale'))
    WHEN 'b' THEN format(' LOCALE_PROVIDER builtin BUILTIN_LOCALE %L', d.row ->> 'datlocale')
    ELSE ''
  END
FROM pg_database, LATERAL (SELECT to_jsonb(pg_database)) AS d(row)
WHERE datname = :'database'
\gexec
\endif
COMMENT ON DATABASE :"name" IS :'ours';
SQL
  MADE=yes
  sql "${BACKUP_MAINTENANCE_DATABASE}" --set=name="${NEW}" <<'SQL'
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', :'name')
FROM pg_database WHERE datname = :'database' AND datacl IS NOT NULL
\gexec
SELECT format('GRANT %s ON DATABASE %I TO %s%s', privilege_type, :'name',
  CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END,
  CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
FROM pg_database, aclexplode(datacl)
WHERE datname = :'database'
\gexec
SELECT format('ALTER %s SET %I TO %s',
  CASE setrole
    WHEN 0 THEN format('DATABASE %I', :'name')
    ELSE format('ROLE %I IN DATABASE %I', pg_get_userbyid(setrole), :'name')
  END,
  split_part(setting, '=', 1),
  CASE -- what is a list already has its quotes
    WHEN split_part(setting, '=', 1) IN ('search_path', 'temp_tablespaces', 'local_preload_libraries',
      'session_preload_libraries') THEN substr(setting, strpos(setting, '=') + 1)
    ELSE quote_literal(substr(setting, strpos(setting, '=') + 1))
  END)
FROM pg_db_role_setting
JOIN pg_database d ON d.oid = setdatabase,
unnest(setconfig) AS setting
WHERE d.datname = :'database'
\gexec
SQL
}

# conninfo NAME: a connection string of libpq; pg_restore takes the name of a database in no other way.
conninfo() {
  local name="${1//\\/\\\\}"
  printf "dbname='%s'" "${name//\'/\\\'}"
}

# fill_new: TimescaleDB must know before and after that its tables are being restored.
fill_new() {
  local has_timescaledb='' target
  target="$(conninfo "${NEW}")"
  if grep -q ' EXTENSION - timescaledb' "${SCRATCH}/contents"; then
    has_timescaledb=yes
    sql "${NEW}" >/dev/null <<<'CREATE EXTENSION timescaledb; SELECT timescaledb_pre_restore();'
  fi
  patiently pg_restore --no-password --exit-on-error --dbname="${target}" \
    "${RESTORE_OPTIONS[@]}" "${ARCHIVE}"
  if [[ -n ${has_timescaledb} ]]; then
    sql "${NEW}" >/dev/null <<<'SELECT timescaledb_post_restore();'
  fi
}

# same_counts DATABASE: whether each table has as many rows as when it was backed up.
same_counts() {
  row_counts >"${SCRATCH}/counting.sql"
  PGAPPNAME="${PROGRAM} ${PHASE}" sql "$1" --file="${SCRATCH}/counting.sql" >"${SCRATCH}/counts"
  if ! cmp -s -- "${COUNTS}" "${SCRATCH}/counts"; then
    log error "$1 has other tables, or other numbers of rows, than the backup (<), as it is (>):"
    diff -- "${COUNTS}" "${SCRATCH}/counts" >&2 || true
    return 1
  fi
}

# rename A B C D [COMMENT]: in one transaction, A becomes B, with that comment, and C becomes D, with the
# comment of A. Meanwhile a second session ends all connections to both, for ten seconds at most; PostgreSQL lets
# new ones wait while a database changes its name.
rename() {
  local ending round status=0
  for ((round = 0; round < 50; round++)); do
    cat <<'SQL'
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname IN (:'a', :'c') AND pid <> pg_backend_pid();
SELECT pg_sleep(0.2);
SQL
  done >"${SCRATCH}/end.sql"
  PGDATABASE="${BACKUP_MAINTENANCE_DATABASE}" "${PSQL[@]}" --set=a="$1" --set=c="$3" \
    --file="${SCRATCH}/end.sql" >/dev/null &
  ending="$!"
  CHILDREN+=("${ending}")
  cat >"${SCRATCH}/rename.sql" <<'SQL'
SELECT coalesce(max(quote_literal(shobj_description(oid, 'pg_database'))), 'NULL') AS comment
FROM pg_database WHERE datname = :'a'
\gset
BEGIN;
SELECT format('ALTER DATABASE %I RENAME TO %I', :'a', :'b') FROM pg_database WHERE datname = :'a'
\gexec
ALTER DATABASE :"c" RENAME TO :"d";
SELECT format('COMMENT ON DATABASE %I IS %L', :'b', :'mark') WHERE :'mark' <> ''
\gexec
COMMENT ON DATABASE :"d" IS :comment;
COMMIT;
SQL
  PGDATABASE="${BACKUP_MAINTENANCE_DATABASE}" "${PSQL[@]}" --set=a="$1" --set=b="$2" --set=c="$3" \
    --set=d="$4" --set=mark="${5:-}" --file="${SCRATCH}/rename.sql" || status=$?
  kill -KILL "${ending}" 2>/dev/null || true # TERM is ignored where this puts back what was
  wait "${ending}" 2>/dev/null || true
  return "${status}"
}

put_back() {
  local there
  SWITCHED=''
  there="$(count "${OLD}")"
  if ((there)); then
    retry 5 1 rename "${BACKUP_DATABASE}" "${NEW}" "${OLD}" "${BACKUP_DATABASE}" "${OURS}"
    log warn "${BACKUP_DATABASE} is the database from before again"
  fi
}

# clean_up STATUS: what is not in use goes, and what failed is told.
clean_up() {
  stop_work
  if (($1 != 0)) && [[ -n ${SWITCHED} ]]; then
    put_back
  fi
  if [[ -n ${MADE} && -z ${SWITCHED} ]]; then
    drop_new
  fi
  if (($1 != 0)) && [[ -z ${REFUSED} && -n ${SCRATCH} && ${MODE} != list ]]; then
    notify "Restore of ${BACKUP_DATABASE} (${BACKUP_ENVIRONMENT}) FAILED" \
      "It failed in phase ${PHASE} with exit code $1; its log says why. The database is the one from before."
  fi
}

replace() {
  local there
  phase switch "${BACKUP_DATABASE} becomes ${OLD}, ${NEW} becomes ${BACKUP_DATABASE}"
  still_locked
  SWITCHED=yes
  retry 5 1 rename "${BACKUP_DATABASE}" "${OLD}" "${NEW}" "${BACKUP_DATABASE}"
  phase confirm "${BACKUP_DATABASE} as its users see it"
  same_counts "${BACKUP_DATABASE}"
  SWITCHED='' MADE=''
  log info "${BACKUP_DATABASE} is the backup ${FROM}"
  there="$(count "${OLD}")"
  if ((there == 0)); then
    return
  fi
  if [[ -n ${DROP_OLD} ]]; then
    sql "${BACKUP_MAINTENANCE_DATABASE}" --set=old="${OLD}" <<<'DROP DATABASE :"old" WITH (FORCE);'
  else
    log info "the database from before is kept as ${OLD}; when it is not needed: DROP DATABASE \"${OLD}\";"
  fi
}

main() {
  parse "$@"
  defaults
  given BACKUP_NAME BACKUP_DATABASE BACKUP_BUCKET PGHOST PGPORT PGUSER
  need psql pg_dump pg_restore aws sha256sum
  export PGHOST="${HOST:-${PGHOST}}" PGPORT="${PORT:-${PGPORT}}" PGUSER
  TZ=UTC0 printf -v NOW '%(%Y%m%dT%H%M%SZ)T' -1
  names
  begin
  s3_settings
  if [[ ${MODE} == list ]]; then
    complete
    exit 0
  fi
  if [[ ${MODE} == restore ]]; then
    confirm
  fi
  phase lock "one run at a time"
  take_lock
  if [[ ${FROM} == latest ]]; then
    FROM="$(complete | sed '/^safety/d' | LC_ALL=C sort | tail -n 1)"
    [[ -n ${FROM} ]] || die "there is no backup in s3://${BACKUP_BUCKET}/${BACKUP_PREFIX}"
  fi
  phase download "s3://${BACKUP_BUCKET}/${BACKUP_PREFIX}${FROM}"
  download
  if [[ ${MODE} == restore ]]; then
    phase safety "${BACKUP_DATABASE} as it is now"
    safety_backup
  fi
  phase create "${NEW}"
  still_locked
  make_new
  phase restore "into ${NEW}"
  fill_new
  phase analyze "${NEW}"
  sql "${NEW}" <<<'ANALYZE;'
  phase compare "number of rows of each table"
  same_counts "${NEW}"
  if [[ ${MODE} == check ]]; then
    log info "the backup ${FROM} is good: it was restored, and every table has its rows"
    exit 0
  fi
  replace
  if [[ ${BACKUP_NOTIFY} == always ]]; then
    notify "Restore of ${BACKUP_DATABASE} (${BACKUP_ENVIRONMENT}) done" \
      "It is the backup ${FROM}. As it was before, it is in the bucket as ${SAFETY:-nothing: there was none}."
  fi
}

main "$@"
