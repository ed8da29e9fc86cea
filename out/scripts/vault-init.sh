#!/usr/bin/env bash
#
# Sets up Vault for corporate-intel: initialises the server, unseals it, and gives it the engines, policies,
# roles and first values that ../secrets/ENVIRONMENT describes. HashiCorp Vault and OpenBao alike.
#
# It may be run again at any time, also after it was interrupted: what is there is left alone or written
# anew as it is, and values of secrets are never changed. `vault-init.sh --help` says more.

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

# --- The command line ---------------------------------------------------------------------------

ENVIRONMENT=''
KEYS='' # the file with the keys
PGP_KEYS=''
KUBERNETES_CA=''
UNSEAL_ONLY=false
SKIP_SEEDS=false

usage() {
  cat <<'END'
Usage: vault-init.sh [OPTION...] ENVIRONMENT

Sets up Vault for corporate-intel in one of: staging, production.

Options:
  --keys FILE           the file for the keys: those of a new server are written to it, readable by you
                        alone, and those in it unseal the server
  --pgp-keys KEYS       encrypt the keys of a new server, each for one person: files with public keys of
                        PGP, or keybase:NAME, with commas between them, as many as there are keys
  --kubernetes-ca FILE  the certificate of the authority of the Kubernetes API, where Vault runs outside
                        of the cluster
  --unseal              only initialise and unseal: once for each further server of several
  --skip-seeds          leave out the values that secrets begin with
  --help                show this

Variables:
  VAULT_ADDR            the server, instead of the one in the spec
  VAULT_CACERT          the authority of its certificate, when that is none that everybody knows
  VAULT_TOKEN           what to log in with, instead of a token in the file of the keys or of `vault login`
  the variables that the seeds name, or the same with _FILE behind the name and the path of a file; what is
  in neither is asked for, if there is a terminal

The keys and tokens: a new server gives its keys and a root token once, and they are written to FILE before
anything else happens. When all is set up, the root token is revoked, and FILE has in its place a token
that may do what this script does, and expires unless this is run again within 32 days. Give the keys to the
people who shall hold them, and delete FILE; later, log in with the policy that the last line names.
With --pgp-keys nobody but their holders can read them: they unseal the server with --unseal, and
VAULT_TOKEN is the root token, which the holder of the first key can decrypt, and revokes.
END
}

read_options() {
  while (($# > 0)); do
    case "$1" in
      --keys | --pgp-keys | --kubernetes-ca)
        (($# > 1)) || misused "$1 needs a value"
        case "$1" in
          --keys) KEYS="$2" ;;
          --pgp-keys) PGP_KEYS="$2" ;;
          *) KUBERNETES_CA="$2" ;;
        esac
        shift
        ;;
      --unseal) UNSEAL_ONLY=true ;;
      --skip-seeds) SKIP_SEEDS=true ;;
      --help)
        usage
        exit 0
        ;;
      -*) misused "there is no option $1" ;;
      *)
        [[ -z ${ENVIRONMENT} ]] || misused "only one environment at a time: ${ENVIRONMENT} or $1"
        ENVIRONMENT="$1"
        ;;
    esac
    shift
  done
  [[ -n ${ENVIRONMENT} ]] || misused 'say which environment: staging, production'
}

# --- The server ---------------------------------------------------------------------------------

VAULT=vault # the client, which OpenBao calls bao
NEW=false   # whether this run has initialised the server
TOKEN=''    # which line of the file of the keys it has logged in with

# connect SERVER NAMESPACE
connect() {
  if ! command -v vault >/dev/null; then
    need bao
    VAULT=bao
  fi
  unset BAO_ADDR BAO_TOKEN BAO_NAMESPACE # or OpenBao's client would prefer them
  export VAULT_ADDR="${VAULT_ADDR:-$1}"
  if [[ -n $2 ]]; then
    export VAULT_NAMESPACE="$2"
  fi
  log info "the server is ${VAULT_ADDR}"
}

# look: SEALED says whether the server is sealed, and what else it says of itself is in the file status.
look() {
  local status=0
  "${VAULT}" status -format=json >"${SCRATCH}/status" 2>"${SCRATCH}/error" || status=$?
  case "${status}" in
    0) SEALED=false ;;
    2) SEALED=true ;;
    *) die "it does not answer: $(<"${SCRATCH}/error")" ;;
  esac
}

# initialise SEAL SHARES THRESHOLD: a new server alone.
initialise() {
  local seal="$1" shares="$2" threshold="$3"
  local -a options
  look
  if grep -Eq '"initialized": *true' -- "${SCRATCH}/status"; then
    log info 'it is initialised'
    return
  fi
  [[ -n ${KEYS} ]] || die 'it is new: say with --keys FILE where its keys shall be written'
  [[ ! -s ${KEYS} ]] || die "it is new, and ${KEYS} has the keys of another one: name another file"
  if [[ ${seal} == auto ]]; then
    options=("-recovery-shares=${shares}" "-recovery-threshold=${threshold}")
    [[ -z ${PGP_KEYS} ]] || options+=("-recovery-pgp-keys=${PGP_KEYS}")
  else
    options=("-key-shares=${shares}" "-key-threshold=${threshold}")
    [[ -z ${PGP_KEYS} ]] || options+=("-pgp-keys=${PGP_KEYS}")
  fi
  [[ -z ${PGP_KEYS} ]] || options+=("-root-token-pgp-key=${PGP_KEYS%%,*}")
  # Straight to the disk: there is no second chance to see them.
  "${VAULT}" operator init "${options[@]}" >"${KEYS}"
  sync -- "${KEYS}"
  NEW=true
  log info "it is initialised now; its keys are in ${KEYS}"
}

# wait_until_unsealed SECONDS: or until they are over.
wait_until_unsealed() {
  local seconds
  for ((seconds = $1; seconds > 0; seconds--)); do
    look
    [[ ${SEALED} == true ]] || break
    sleep 1
  done
}

# unseal SEAL THRESHOLD: with the keys of the file, or with those that people type.
unseal() {
  local seal="$1" threshold="$2" key given
  local -a keys=()
  look
  if [[ ${seal} == auto ]]; then
    wait_until_unsealed 30
    [[ ${SEALED} == false ]] || die 'its seal has not unsealed it: see its log'
    return
  fi
  if [[ ${NEW} == true && -n ${PGP_KEYS} ]]; then
    log info 'each holder of a key decrypts it (base64 -d | gpg -d), and runs this with --unseal'
    log info 'then run this again with the root token in VAULT_TOKEN'
    exit 0
  fi
  if [[ -s ${KEYS} ]]; then
    sed -n 's/^Unseal Key [0-9]*: //p' -- "${KEYS}" >"${SCRATCH}/keys"
    mapfile -t keys <"${SCRATCH}/keys"
  fi
  for ((given = 0; ; given++)); do
    # With the last key, one of several servers begins to join the others.
    ((given == 0 || given % threshold > 0)) || wait_until_unsealed 20
    [[ ${SEALED} == true ]] || break
    if [[ -n ${keys[given]:-} ]]; then
      key="${keys[given]}"
    else
      [[ -t 0 ]] || die 'it is sealed: give its keys with --keys FILE, or run this on a terminal and type them'
      read -rsp 'Key (not shown): ' key
      printf '\n' >&2
    fi
    printf '%s' "${key}" | "${VAULT}" write sys/unseal key=- >/dev/null
    look
  done
  log info 'it is unsealed'
}

# One of several servers may have to be elected first.
wait_until_active() {
  local attempt
  for ((attempt = 0; attempt < 60; attempt++)); do
    look
    if grep -Eq '"ha_enabled": *false|"leader_address": *"[^"]' -- "${SCRATCH}/status"; then
      return
    fi
    sleep 1
  done
  die 'none of the servers has become the active one within a minute'
}

# log_in: with VAULT_TOKEN, with what is in the file of the keys, or as `vault login` has left it.
log_in() {
  local line token status=0
  if [[ -z ${VAULT_TOKEN:-} && -s ${KEYS} ]]; then
    for line in 'Initial Root Token' 'Administrator Token'; do
      token="$(sed -n "s/^${line}: //p" -- "${KEYS}")"
      [[ -n ${token} ]] || continue
      status=0
      VAULT_TOKEN="${token}" "${VAULT}" token lookup >/dev/null 2>"${SCRATCH}/error" || status=$?
      if ((status == 0)); then
        export VAULT_TOKEN="${token}"
        TOKEN="${line}"
        [[ ${TOKEN} == 'Initial Root Token' ]] || "${VAULT}" token renew >/dev/null
        break
      fi
    done
  fi
  status=0
  "${VAULT}" token lookup >"${SCRATCH}/token" 2>"${SCRATCH}/error" || status=$?
  if ((status > 0)); then
    log error "$(<"${SCRATCH}/error")"
    die "no token that is good: log in as somebody with the policy ${ADMINISTRATOR}, or give VAULT_TOKEN"
  fi
}

# exchange_token: in the file of the keys, one that may do less and expires takes the place of the root
# token, which is revoked.
exchange_token() {
  local token
  if [[ -z ${TOKEN} ]]; then
    if grep -Eq '^policies .*\[root\]' -- "${SCRATCH}/token"; then
      log warn 'this is a root token: revoke it once all is set up, with vault token revoke -self'
    fi
    return 0
  fi
  if [[ ${TOKEN} == 'Initial Root Token' ]]; then
    token="$("${VAULT}" token create -orphan -policy="${ADMINISTRATOR}" -period=768h \
      -display-name=vault-init -field=token)"
    sed '/^Administrator Token: /d' -- "${KEYS}" >"${KEYS}.new"
    printf 'Administrator Token: %s\n' "${token}" >>"${KEYS}.new"
    replace_keys
    "${VAULT}" token revoke -self >/dev/null
    log info "the root token is revoked; ${KEYS} has a token of the policy ${ADMINISTRATOR} instead"
  fi
  if grep -q '^Initial Root Token: ' -- "${KEYS}"; then # also when a run was killed behind the revocation
    sed '/^Initial Root Token: /d' -- "${KEYS}" >"${KEYS}.new"
    replace_keys
  fi
}

# The file of the keys is the old one or the new one, whatever happens.
replace_keys() {
  sync -- "${KEYS}.new"
  mv -f -- "${KEYS}.new" "${KEYS}"
}

# --- What it is given ---------------------------------------------------------------------------

FILES='' # ../secrets/ENVIRONMENT

# ask COMMAND...: FOUND says whether there is what a command reads. Any other error ends this.
ask() {
  local status=0
  "${VAULT}" "$@" >"${SCRATCH}/answer" 2>"${SCRATCH}/error" || status=$?
  FOUND=true
  if ((status > 0)); then
    FOUND=false
    grep -Eq '^No value found at |^Field ".*" not present in ' -- "${SCRATCH}/error" ||
      die "$(<"${SCRATCH}/error")"
  fi
}

# mounted LIST PATH: FOUND says whether something was mounted there (LIST is `secrets`, `auth` or `audit`),
# which the server is asked once.
mounted() {
  local list="${SCRATCH}/mounted-$1" status=0
  FOUND=false
  if [[ ! -e ${list} ]]; then
    "${VAULT}" "$1" list -format=json >"${list}" 2>"${SCRATCH}/error" || status=$?
    # Of audit devices there may be none, which the client calls an error, and says so or nothing at all.
    if ((status > 0)) && [[ $1 != audit || -s ${SCRATCH}/error ]]; then
      grep -q '^No audit devices are enabled' -- "${SCRATCH}/error" || die "$(<"${SCRATCH}/error")"
    fi
  fi
  if grep -Fq -- "\"$2/\": {" "${list}"; then
    FOUND=true
  fi
}

# audit NAME TYPE OPTION...
audit() {
  local name="$1" type="$2"
  shift 2
  mounted audit "${name}"
  if [[ ${FOUND} == false ]]; then
    "${VAULT}" audit enable -path="${name}" "${type}" "$@" >/dev/null
    log info "requests are recorded by ${name}"
  fi
}

# engine MOUNT TYPE DESCRIPTION [LONGEST-LEASE]
engine() {
  local mount="$1" type="$2" about="$3" longest="${4:-}"
  mounted secrets "${mount}"
  if [[ ${FOUND} == false ]]; then
    "${VAULT}" secrets enable -path="${mount}" -description="${about}" ${longest:+"-max-lease-ttl=${longest}"} \
      "${type}" >/dev/null
    log info "engine ${mount} (${type})"
  fi
}

# optional_engine MOUNT TYPE DESCRIPTION PATH...: with all that is written to it, if the server has this type.
optional_engine() {
  local mount="$1" type="$2" about="$3" path status=0
  shift 3
  mounted secrets "${mount}"
  if [[ ${FOUND} == false ]]; then
    "${VAULT}" secrets enable -path="${mount}" -description="${about}" "${type}" \
      >/dev/null 2>"${SCRATCH}/error" || status=$?
    if ((status > 0)); then
      grep -Fq 'plugin not found in the catalog' -- "${SCRATCH}/error" || die "$(<"${SCRATCH}/error")"
      log warn "this server has no engine of type ${type}: ${mount} is left out"
      return
    fi
    log info "engine ${mount} (${type})"
  fi
  for path in "$@"; do
    write "${path}"
  done
}

# write PATH [FIELD=VALUE...]: what stands in the file of that path; a value `-` is read from standard input.
write() {
  local path="$1"
  shift
  "${VAULT}" write "${path}" "@${FILES}/writes/${path}.json" "$@" >/dev/null
  log info "written: ${path}"
}

# connection PATH VARIABLE QUESTION [PATH]: a connection to a database, whose password is given once; the
# second path makes Vault change that password.
connection() {
  local path="$1" variable="$2" question="$3" rotated="${4:-}"
  ask read "${path}"
  if [[ ${FOUND} == true ]]; then
    write "${path}"
    return
  fi
  give_value "${variable}" "${question}"
  [[ -s ${SCRATCH}/value ]] || die "set ${variable}: ${question}"
  write "${path}" password=- <"${SCRATCH}/value"
  if [[ -n ${rotated} ]]; then
    "${VAULT}" write -force "${rotated}" >/dev/null
    log info 'its password is known to Vault alone now'
  fi
}

# authority MOUNT PATH: a root of its own, unless there is one.
authority() {
  ask list "$1/issuers"
  if [[ ${FOUND} == false ]]; then
    write "$2"
  fi
}

# policy NAME FILE
policy() {
  "${VAULT}" policy write "$1" "${FILES}/$2" >/dev/null
  log info "policy $1"
}

# login MOUNT PATH PLACE: the Kubernetes authentication. `outside` of the cluster, the server does not know
# whom the Kubernetes API has its certificate of: that is given once.
login() {
  local mount="$1" path="$2" place="$3"
  mounted auth "${mount}"
  if [[ ${FOUND} == false ]]; then
    "${VAULT}" auth enable -path="${mount}" kubernetes >/dev/null
    log info "service accounts log in by ${mount}"
  fi
  if [[ -n ${KUBERNETES_CA} ]]; then
    write "${path}" "kubernetes_ca_cert=@${KUBERNETES_CA}"
  elif [[ ${place} == inside ]]; then
    write "${path}"
  else
    ask read "${path}"
    [[ ${FOUND} == true ]] || die "give --kubernetes-ca: Vault runs outside of the cluster"
    log info "${path} is left as it is, without --kubernetes-ca"
  fi
}

MISSING=() # the variables that have no value

# seed MOUNT PATH KEY VARIABLE QUESTION: a value, unless there is one.
seed() {
  local mount="$1" path="$2" key="$3" variable="$4" question="$5"
  [[ ${SKIP_SEEDS} == false ]] || return 0
  ask kv get -mount="${mount}" -field="${key}" "${path}"
  : >"${SCRATCH}/answer"
  [[ ${FOUND} == false ]] || return 0
  give_value "${variable}" "${question}"
  if [[ ! -s ${SCRATCH}/value ]]; then
    MISSING+=("${variable}")
    return 0
  fi
  ask kv metadata get -mount="${mount}" "${path}"
  if [[ ${FOUND} == true ]]; then
    "${VAULT}" kv patch -mount="${mount}" "${path}" "${key}=@${SCRATCH}/value" >/dev/null
  else
    "${VAULT}" kv put -mount="${mount}" "${path}" "${key}=@${SCRATCH}/value" >/dev/null
  fi
  log info "value of ${path}#${key}"
}

# give_value VARIABLE QUESTION: the value of a variable, of the file that VARIABLE_FILE names, or of whoever
# sits at the terminal, into the file value of the scratch folder, which is empty when there is none.
give_value() {
  local file="$1_FILE" typed=''
  : >"${SCRATCH}/value"
  if [[ -n ${!1:-} ]]; then
    printf '%s' "${!1}" >"${SCRATCH}/value"
  elif [[ -n ${!file:-} ]]; then
    cat -- "${!file}" >"${SCRATCH}/value"
  elif [[ -t 0 ]]; then
    read -rsp "$2 ($1, not shown; empty to leave it out): " typed
    printf '\n' >&2
    printf '%s' "${typed}" >"${SCRATCH}/value"
  fi
}

# --- The environments ---------------------------------------------------------------------------

set_up_staging() {
  # Who set this up, and may do so again
  policy corporate-intel.staging administrator.hcl

  # Where requests are recorded
  audit file file 'file_path=/vault/audit/audit.log'
  audit stdout file 'file_path=stdout'

  # Secrets that are kept
  engine corporate-intel kv-v2 'Secrets of corporate-intel in staging'

  # Engine database
  engine database database 'Users of PostgreSQL that end by themselves'
  connection database/config/postgres POSTGRES_ADMIN_PASSWORD 'Password of postgres'
  write database/roles/api
  write database/roles/analysis

  # Engine pki
  engine pki pki 'Certificates inside of the cluster' 87600h
  write pki/config/urls
  authority pki pki/root/generate/internal
  write pki/roles/internal

  # Engine transit
  engine transit transit 'Encryption of documents and personal data'
  write transit/keys/documents
  write transit/keys/documents/config
  write transit/keys/personal-data
  write transit/keys/personal-data/config

  # Engine aws
  optional_engine aws aws 'Credentials of AWS for an hour' aws/config/root aws/roles/reports

  # Policies
  policy corporate-intel.staging.vault policies/vault.hcl
  policy corporate-intel.staging.api policies/api.hcl
  policy corporate-intel.staging.worker policies/worker.hcl
  policy corporate-intel.staging.scheduler policies/scheduler.hcl
  policy corporate-intel.staging.celery-exporter policies/celery-exporter.hcl
  policy corporate-intel.staging.postgres-backup policies/postgres-backup.hcl

  # Service accounts that log in
  login kubernetes auth/kubernetes/config inside
  write auth/kubernetes/role/corporate-intel
  write auth/kubernetes/role/corporate-intel.staging.api
  write auth/kubernetes/role/corporate-intel.staging.worker
  write auth/kubernetes/role/corporate-intel.staging.scheduler
  write auth/kubernetes/role/corporate-intel.staging.celery-exporter
  write auth/kubernetes/role/corporate-intel.staging.postgres-backup

  # Values that secrets begin with
  seed corporate-intel database password DATABASE_PASSWORD 'database#password'
  seed corporate-intel database admin-password POSTGRES_ADMIN_PASSWORD 'database#admin-password'
  seed corporate-intel database replication-password POSTGRES_REPLICATION_PASSWORD 'database#replication-password'
  seed corporate-intel redis password REDIS_PASSWORD 'redis#password'
  seed corporate-intel redis result-backend-url CELERY_RESULT_BACKEND 'redis#result-backend-url'
  seed corporate-intel rabbitmq password RABBITMQ_PASSWORD 'rabbitmq#password'
  seed corporate-intel rabbitmq erlang-cookie RABBITMQ_ERLANG_COOKIE 'rabbitmq#erlang-cookie'
  seed corporate-intel rabbitmq url CELERY_BROKER_URL 'rabbitmq#url'
  seed corporate-intel minio access-key S3_ACCESS_KEY_ID 'minio#access-key'
  seed corporate-intel minio secret-key S3_SECRET_ACCESS_KEY 'minio#secret-key'
  seed corporate-intel jwt private-key JWT_PRIVATE_KEY 'PEM; give it by JWT_PRIVATE_KEY_FILE'
  seed corporate-intel jwt public-key JWT_PUBLIC_KEY 'PEM; give it by JWT_PUBLIC_KEY_FILE'
  seed corporate-intel smtp password SMTP_PASSWORD 'smtp#password'
  seed corporate-intel sentry dsn SENTRY_DSN 'sentry#dsn'
}

set_up_production() {
  # Who set this up, and may do so again
  policy corporate-intel.production administrator.hcl

  # Where requests are recorded
  audit file file 'file_path=/vault/audit/audit.log'
  audit stdout file 'file_path=stdout'

  # Secrets that are kept
  engine corporate-intel kv-v2 'Secrets of corporate-intel in production'

  # Engine database
  engine database database 'Users of PostgreSQL that end by themselves'
  connection database/config/postgres POSTGRES_ADMIN_PASSWORD 'Password of postgres'
  write database/roles/api
  write database/roles/analysis

  # Engine pki
  engine pki pki 'Certificates inside of the cluster' 87600h
  write pki/config/urls
  authority pki pki/root/generate/internal
  write pki/roles/internal

  # Engine transit
  engine transit transit 'Encryption of documents and personal data'
  write transit/keys/documents
  write transit/keys/documents/config
  write transit/keys/personal-data
  write transit/keys/personal-data/config

  # Engine aws
  optional_engine aws aws 'Credentials of AWS for an hour' aws/config/root aws/roles/reports

  # Policies
  policy corporate-intel.production.vault policies/vault.hcl
  policy corporate-intel.production.api policies/api.hcl
  policy corporate-intel.production.worker policies/worker.hcl
  policy corporate-intel.production.scheduler policies/scheduler.hcl
  policy corporate-intel.production.celery-exporter policies/celery-exporter.hcl
  policy corporate-intel.production.postgres-backup policies/postgres-backup.hcl

  # Service accounts that log in
  login kubernetes auth/kubernetes/config inside
  write auth/kubernetes/role/corporate-intel
  write auth/kubernetes/role/corporate-intel.production.api
  write auth/kubernetes/role/corporate-intel.production.worker
  write auth/kubernetes/role/corporate-intel.production.scheduler
  write auth/kubernetes/role/corporate-intel.production.celery-exporter
  write auth/kubernetes/role/corporate-intel.production.postgres-backup

  # Values that secrets begin with
  seed corporate-intel database password DATABASE_PASSWORD 'database#password'
  seed corporate-intel database admin-password POSTGRES_ADMIN_PASSWORD 'database#admin-password'
  seed corporate-intel database replication-password POSTGRES_REPLICATION_PASSWORD 'database#replication-password'
  seed corporate-intel redis password REDIS_PASSWORD 'redis#password'
  seed corporate-intel redis result-backend-url CELERY_RESULT_BACKEND 'redis#result-backend-url'
  seed corporate-intel rabbitmq password RABBITMQ_PASSWORD 'rabbitmq#password'
  seed corporate-intel rabbitmq erlang-cookie RABBITMQ_ERLANG_COOKIE 'rabbitmq#erlang-cookie'
  seed corporate-intel rabbitmq url CELERY_BROKER_URL 'rabbitmq#url'
  seed corporate-intel minio access-key S3_ACCESS_KEY_ID 'minio#access-key'
  seed corporate-intel minio secret-key S3_SECRET_ACCESS_KEY 'minio#secret-key'
  seed corporate-intel jwt private-key JWT_PRIVATE_KEY 'PEM; give it by JWT_PRIVATE_KEY_FILE'
  seed corporate-intel jwt public-key JWT_PUBLIC_KEY 'PEM; give it by JWT_PUBLIC_KEY_FILE'
  seed corporate-intel smtp password SMTP_PASSWORD 'smtp#password'
  seed corporate-intel sentry dsn SENTRY_DSN 'sentry#dsn'
}

# --- All of it ----------------------------------------------------------------------------------

clean_up() {
  if (($1 > 0)); then
    log error 'it is not all set up: run this again'
  fi
}

open_server() {
  case "${ENVIRONMENT}" in
    staging)
      ADMINISTRATOR=corporate-intel.staging
      connect https://vault.staging.corporate-intel.example.com:8200 ''
      initialise shamir 3 2
      unseal shamir 2
      ;;
    production)
      ADMINISTRATOR=corporate-intel.production
      connect https://vault.corporate-intel.example.com:8200 ''
      initialise auto 5 3
      unseal auto 3
      ;;
    *) misused "there is no environment ${ENVIRONMENT}: staging, production" ;;
  esac
}

set_up() {
  case "${ENVIRONMENT}" in
    staging) set_up_staging ;;
    production) set_up_production ;;
    *) die "there is no environment ${ENVIRONMENT}" ;;
  esac
}

main() {
  local folder
  read_options "$@"
  begin
  folder="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)"
  FILES="${folder}/../secrets/${ENVIRONMENT}"
  open_server
  if [[ ${UNSEAL_ONLY} == true ]]; then
    exit 0
  fi
  wait_until_active
  log_in
  set_up
  exchange_token
  if [[ -n ${MISSING[*]} ]]; then
    die "these secrets have no value yet, give them and run this again: ${MISSING[*]}"
  fi
  log info "all is set up; somebody with the policy ${ADMINISTRATOR} can run this again"
}

main "$@"
