#!/usr/bin/env bash
#
# Deploys corporate-intel to staging. Made by manifestgen: change the spec, and render again.
#
# What has been rendered and committed is what is deployed: the chart in ../helm, with its images pinned to the
# digests that were found, and scanned, at the beginning. When anything fails after Helm has begun, the release
# goes back to the revision from before.

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
Usage: deploy-staging.sh [--dry-run] [--approve NAME] [OPTION...]

Deploys corporate-intel to staging: checks the cluster and the images, scans these for
vulnerabilities, backs the database up, shows what a migration would change, migrates
the database, upgrades the release of Helm, waits for all workloads, asks as users do,
watches the objectives, records what it has done.

  --dry-run             print every step and its commands, and run none of them
  --approve NAME        NAME has agreed: do not ask, for CI
  --without-backup      make no backup of the database first
  --without-migrations  leave the schema of the database alone
  --allow-dirty         deploy also what is not committed
  --prometheus URL      where Prometheus is reached from here
  --break-lock          take the lock from a deployment that is gone
  --help                show this

Environment: DEPLOY_SLACK_WEBHOOK is the address to tell Slack, else Vault is asked for it (VAULT_TOKEN,
or ~/.vault-token); DEPLOY_POLL_SECONDS, 5, is the time between two looks at the cluster.

Exit codes:
  0   deployed
  1   failed before anything was changed
  2   failed, and the release is the one from before again; a migration that had run stays
  3   failed, and somebody has to look: the log says what was left behind
  4   deployed, but not recorded, or not tagged
  64  wrong usage
  75  another deployment or rollback is in progress
  129, 130, 143  told to stop before anything was changed

Example: deploy-staging.sh --approve "$(git config user.name)"
USAGE
}

HERE="${BASH_SOURCE[0]%/*}"
HERE="$(cd "${HERE}" && pwd -P)"
OUT="${HERE%/*}"

# --- Settings, from the spec --------------------------------------------------------------------

PLATFORM=corporate-intel
ENVIRONMENT=staging
NAMESPACE=corporate-intel-staging
RELEASE=corporate-intel
# The cluster: its context, and where the API must be (empty: anywhere); and its name, where the AWS CLI logs in.
CONTEXT=corporate-intel-staging
SERVER=''
EKS_CLUSTER=corporate-intel-staging
EKS_REGION=us-east-1
# Seconds that Helm waits, and this script for each workload.
TIMEOUT=600
# Workloads.
CONTROLLERS=(deployment/api deployment/worker deployment/scheduler deployment/celery-exporter)
# When somebody is told (never, failure, always), and where Vault has the address of the webhook.
WHEN=failure
VAULT_SERVER=https://vault.staging.corporate-intel.example.com:8200
SLACK_MOUNT=corporate-intel
SLACK_PATH=deployment
SLACK_KEY=slack-webhook
# Who holds this Lease, deploys or takes back.
LEASE="${RELEASE}-deployment"
# ConfigMap that says what was done last.
RECORD="${RELEASE}-deployment"
# Seconds between two looks at the cluster.
PAUSE="${DEPLOY_POLL_SECONDS:-5}"

# What follows runs at the end, too, where a return without a number would give what came before it.

# --- Run, or show -------------------------------------------------------------------------------

DRY_RUN=''
STEP='the command line'
ATTEMPT=''
CHILD='' # what runs in the background: bash hears no signal while it waits for anything else
STATUS=0 # of what was attempted last

step() {
  STEP="$1"
  if [[ -n ${DRY_RUN} ]]; then
    printf '\n# %s\n' "$1" >&3
  else
    log info "== $1"
  fi
}

# note WORDS...: something that is known now.
note() {
  if [[ -z ${DRY_RUN} ]]; then
    log info "$@"
  fi
}

# show COMMAND...: as one could type it.
exec 3>&1
show() {
  local words
  printf -v words ' %q' "$@"
  printf '%s\n' "${words//"${SCRATCH}"/\$SCRATCH}" >&3
}

# run COMMAND...: runs it, or with --dry-run shows it. What fails, ends this script, unless it is attempted.
run() {
  local status=0
  if [[ -n ${DRY_RUN} ]]; then
    show "$@"
    return 0
  fi
  "$@" &
  CHILD="$!"
  wait "${CHILD}" || status=$?
  CHILD=''
  if ((status != 0)) && [[ -z ${ATTEMPT} ]]; then
    die "$1 failed (exit code ${status}): ${STEP}"
  fi
  return "${status}"
}

# attempt COMMAND...: what comes of it stands in STATUS.
attempt() {
  local ATTEMPT=yes
  STATUS=0
  "$@" || STATUS=$?
}

# thrice COMMAND...: a look at the cluster may fail now and then. What it says stands in SCRATCH/said.
thrice() {
  local count
  for ((count = 1; ; count++)); do
    attempt run "$@" >"${SCRATCH}/said"
    if ((STATUS == 0 || count == 3)); then
      return 0
    fi
    log warn "$1 failed (exit code ${STATUS}), attempt ${count} of 3"
    pause
  done
}

# ask NAME COMMAND...: puts what it answers into the variable NAME; with --dry-run that is nothing.
ask() {
  local said=''
  thrice "${@:2}"
  ((STATUS == 0)) || die "$2 does not answer (exit code ${STATUS}): ${STEP}"
  said="$(<"${SCRATCH}/said")"
  printf -v "$1" '%s' "${said}"
}

# pause: until the next look; a signal ends it.
pause() {
  if [[ -z ${DRY_RUN} ]]; then
    run sleep "${1:-${PAUSE}}"
  fi
}

# --- The cluster --------------------------------------------------------------------------------

KUBECTL=(kubectl "--context=${CONTEXT}" "--namespace=${NAMESPACE}")
LOOK=("${KUBECTL[@]}" --request-timeout=30s) # for what is answered at once
HELM=(helm "--kube-context=${CONTEXT}" "--namespace=${NAMESPACE}")

# connect: makes sure that it is the right cluster, and that it answers.
connect() {
  local server
  step 'reach the cluster'
  if [[ -n ${EKS_CLUSTER} ]]; then
    export KUBECONFIG="${SCRATCH}/kubeconfig"
    run aws eks update-kubeconfig "--name=${EKS_CLUSTER}" "--region=${EKS_REGION}" \
      "--alias=${CONTEXT}" "--kubeconfig=${KUBECONFIG}"
  fi
  ask server kubectl config view --minify "--context=${CONTEXT}" '--output=jsonpath={.clusters[0].cluster.server}'
  if [[ -z ${DRY_RUN} && -n ${SERVER} && ${server%/} != "${SERVER%/}" ]]; then
    die "the context ${CONTEXT} leads to ${server}, and ${ENVIRONMENT} is at ${SERVER}"
  fi
  run "${LOOK[@]}" get --raw=/readyz >/dev/null
  run "${LOOK[@]}" get namespace "${NAMESPACE}" --output=name >/dev/null
}

# read_history: REVISION and CONDITION of the last revision of the release; GOOD, the one that is deployed; FORMER, the
# one that was before. All are empty when there is no release.
read_history() {
  local text
  REVISION='' CONDITION='' GOOD='' FORMER=''
  if [[ -n ${DRY_RUN} ]]; then
    show "${HELM[@]}" history "${RELEASE}" --max=256 --output=json
    return 0
  fi
  attempt run "${HELM[@]}" history "${RELEASE}" --max=256 --output=json >"${SCRATCH}/history" \
    2>"${SCRATCH}/history.err"
  if ((STATUS != 0)); then
    text="$(<"${SCRATCH}/history.err")"
    [[ ${text} == *'release: not found'* ]] || die "Helm does not say what is deployed: ${text}"
    return 0
  fi
  text="$(<"${SCRATCH}/history")"
  while [[ ${text} =~ \{\"revision\":([0-9]+),\"updated\":\"[^\"]*\",\"status\":\"([a-z-]+)\" ]]; do
    REVISION="${BASH_REMATCH[1]}" CONDITION="${BASH_REMATCH[2]}"
    if [[ ${CONDITION} == deployed ]]; then
      GOOD="${REVISION}"
    elif [[ ${CONDITION} == superseded ]]; then
      FORMER="${REVISION}"
    fi
    text="${text#*"${BASH_REMATCH[0]}"}"
  done
}

# helm_version: options have other names in Helm 4; and what it waits by, unless told otherwise, never sees a
# Rollout of Argo Rollouts get ready. This script waits for all workloads itself.
WAIT=--wait

helm_version() {
  local version
  ask version helm version '--template={{.Version}}'
  if [[ ${version} != v3.* ]]; then
    WAIT=--wait=legacy
  fi
}

# --- One at a time ------------------------------------------------------------------------------

LOCKED='' BREAK_LOCK=''
WHO="${USER:-somebody}@${HOSTNAME} (process $$)"

# lock: a Lease of the cluster, so that it holds whatever machine this is.
lock() {
  local holder since
  step 'take the lock'
  TZ=UTC0 printf -v since '%(%Y-%m-%dT%H:%M:%S.000000Z)T' -1
  holder="$(json "${WHO}")"
  cat >"${SCRATCH}/lease.json" <<JSON
{
  "apiVersion": "coordination.k8s.io/v1",
  "kind": "Lease",
  "metadata": {"name": "${LEASE}"},
  "spec": {"holderIdentity": ${holder}, "acquireTime": "${since}"}
}
JSON
  if [[ -n ${BREAK_LOCK} ]]; then
    run "${KUBECTL[@]}" delete lease "${LEASE}" --ignore-not-found
  fi
  LOCKED=yes # already now, for a signal may come meanwhile
  attempt run "${KUBECTL[@]}" create "--filename=${SCRATCH}/lease.json"
  if ((STATUS != 0)); then
    LOCKED=''
    ask holder "${LOOK[@]}" get lease "${LEASE}" --ignore-not-found \
      '--output=jsonpath={.spec.holderIdentity} since {.spec.acquireTime}'
    [[ -n ${holder} ]] || die 'the lock cannot be taken'
    log error "another deployment or rollback is in progress: ${holder}"
    log error 'if that one is gone and has left its lock behind, add --break-lock'
    QUIET=yes
    exit 75
  fi
}

# unlock: lets go of the lock if it is still ours.
unlock() {
  local holder
  if [[ -z ${LOCKED} ]]; then
    return 0
  fi
  LOCKED=''
  thrice "${LOOK[@]}" get lease "${LEASE}" --ignore-not-found '--output=jsonpath={.spec.holderIdentity}'
  holder="$(<"${SCRATCH}/said")"
  if ((STATUS != 0)); then
    log warn "the lock may be left behind: kubectl delete lease ${LEASE}"
  elif [[ -n ${DRY_RUN} || ${holder} == "${WHO}" ]]; then
    attempt run "${KUBECTL[@]}" delete lease "${LEASE}" --ignore-not-found
    ((STATUS == 0)) || log warn "the lock is left behind: kubectl delete lease ${LEASE}"
  else
    log warn "the lock is no longer ours; it is left to ${holder:-nobody}"
  fi
}

# --- Tell people --------------------------------------------------------------------------------

QUIET='' WEBHOOK=''

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

# find_webhook: before anything else, for it is too late when something has failed.
find_webhook() {
  if [[ ${WHEN} == never ]]; then
    return 0
  fi
  step 'find out whom to tell'
  WEBHOOK="${DEPLOY_SLACK_WEBHOOK:-}"
  export -n WEBHOOK
  unset DEPLOY_SLACK_WEBHOOK
  if [[ -z ${WEBHOOK} ]]; then
    export VAULT_ADDR="${VAULT_ADDR:-${VAULT_SERVER}}"
    ask WEBHOOK vault kv get "-mount=${SLACK_MOUNT}" "-field=${SLACK_KEY}" "${SLACK_PATH}"
  fi
}

# tell TEXT: a message that is not sent changes nothing.
tell() {
  if [[ ${WHEN} == never ]]; then
    return 0
  fi
  if [[ -n ${DRY_RUN} ]]; then
    printf ' (tell Slack: %s)\n' "$1" >&3
  elif [[ -n ${WEBHOOK} ]]; then
    attempt slack "${WEBHOOK}" "$1"
    ((STATUS == 0)) || log warn 'Slack was not told'
  fi
}

# record_in_cluster: what stands in SCRATCH/record.
record_in_cluster() {
  attempt run "${KUBECTL[@]}" create configmap "${RECORD}" "--from-file=record=${SCRATCH}/record" \
    --dry-run=client --output=yaml >"${SCRATCH}/record.yaml"
  if ((STATUS == 0)); then
    attempt run "${KUBECTL[@]}" apply --server-side --force-conflicts "--filename=${SCRATCH}/record.yaml"
  fi
  return "${STATUS}"
}

# --- New versions -------------------------------------------------------------------------------

# wait_for_controllers: until all pods of the other kinds are those of the version asked for, and ready.
wait_for_controllers() {
  local controller
  for controller in "${CONTROLLERS[@]}"; do
    run "${KUBECTL[@]}" rollout status "${controller}" "--timeout=${TIMEOUT}s"
  done
}

# --- The way back -------------------------------------------------------------------------------

# back_to REVISION: Helm puts the objects back.
back_to() {
  run "${HELM[@]}" rollback "${RELEASE}" "$1" "${WAIT}" "--timeout=${TIMEOUT}s"
  see_them_back
}

# see_them_back: until all workloads are those of the revision that came back.
see_them_back() {
  wait_for_controllers
}

# --- Settings of the deployment alone -----------------------------------------------------------

# The chart, below ../helm; and "yes" where it needs charts of others, which are fetched first.
CHART=corporate-intel
VALUES=values-staging.yaml
HAS_DEPENDENCIES=yes
# Who has to agree; empty: nobody.
APPROVER=''
# Vulnerabilities that stop it; empty: none is looked for.
SCAN=HIGH,CRITICAL
SCAN_OPTIONS=(--ignore-unfixed)
# SecretStores that have to be ready.
STORES=(vault)
# CronJobs of backups that are made first, and the seconds that one may take.
BACKUPS=(postgres-backup)
BACKUP_LIMIT=3900
# Seconds that pods must run without a restart.
SETTLE=60
# What the name of the tag in git begins with (empty: no tag), and where it is pushed to (empty: nowhere).
TAG=deploy/staging/
REMOTE=origin

# Images, and for each of them the values of the chart that take its digest.
IMAGES=(
  docker.io/library/busybox:1.37.0
  ghcr.io/example/corporate-intel-api:1.4.2
  docker.io/danihodovic/celery-exporter:0.12.2
  ghcr.io/example/postgresql-backup:16.6.0
)
DIGEST_VALUES=(
  images.busybox.digest
  'api.image.digest worker.image.digest scheduler.image.digest'
  celeryExporter.image.digest
  postgresBackup.image.digest
)

# Whether an objective is met now, by the records of Prometheus: 1, 0, or nothing where it is not measured.
PROMETHEUS=https://prometheus.staging.corporate-intel.example.com
declare -A OBJECTIVES=(
  ["api-availability"]='(slo:errors:ratio_rate5m{slo="api-availability"} <= bool 0.001) or (slo:requests:rate5m{slo="api-availability"} == bool 0)'
  ["api-latency"]='(slo:errors:ratio_rate5m{slo="api-latency"} <= bool 0.05) or (slo:requests:rate5m{slo="api-latency"} == bool 0)'
)
# Those that are watched when the new version has all requests; how often, seconds between, looks that may be bad.
WATCHED=(api-availability api-latency)
WATCH_COUNT=4
WATCH_INTERVAL=30
WATCH_FAILURES=2

# The pod that knows the schema, and what it runs, as JSON; seconds that it may take.
MIGRATION_POD="${HERE}/"deployment/staging/migration-pod.yaml
MIGRATION_IMAGE=ghcr.io/example/corporate-intel-api:1.4.2
MIGRATION_CHECK='["alembic", "current"]'
MIGRATION_PREVIEW='["alembic", "upgrade", "head", "--sql"]'
MIGRATION_RUN='["alembic", "upgrade", "head"]'
MIGRATION_LIMIT=900

# --- The command line ---------------------------------------------------------------------------

APPROVED='' WITHOUT_BACKUP='' WITHOUT_MIGRATIONS='' ALLOW_DIRTY=''

parse() {
  while (($#)); do
    case "$1" in
      --help)
        usage
        exit 0
        ;;
      --approve)
        (($# > 1)) || misused "$1 needs a name"
        APPROVED="$2"
        shift
        ;;
      --prometheus)
        (($# > 1)) || misused "$1 needs an address"
        PROMETHEUS="$2"
        shift
        ;;
      --dry-run) DRY_RUN=yes ;;
      --without-backup) WITHOUT_BACKUP=yes ;;
      --without-migrations) WITHOUT_MIGRATIONS=yes ;;
      --allow-dirty) ALLOW_DIRTY=yes ;;
      --break-lock) BREAK_LOCK=yes ;;
      *) misused "unknown argument: $1" ;;
    esac
    shift
  done
  if [[ -n ${APPROVER} && -z ${APPROVED} && -z ${DRY_RUN} && ! -t 0 ]]; then
    misused "nobody can be asked here, and ${APPROVER} has to agree: give --approve NAME"
  fi
}

# --- What is left behind ------------------------------------------------------------------------

MIGRATING=''  # the schema is being changed, or was
MIGRATED=''   # it was, wholly
UPGRADING=''  # Helm has begun
KEPT=''       # the new version stays, whatever comes
FIRST=''      # there was no release before
BEFORE=''     # the revision from before
SAFE=()       # backups that were made
POD=''        # of a migration, while it is there
UNRECORDED='' # what could not be recorded

# clean_up CODE: takes back what is not to stay, says what is left behind, and lets go of the lock.
clean_up() {
  local code="$1"
  end_child
  if [[ -z ${MIGRATING} || -n ${MIGRATED} ]]; then
    remove_pod
  elif [[ -n ${POD} ]]; then
    log warn "a migration is not cut off: see kubectl logs pod/${POD}, and delete it in the end"
  fi
  if [[ -z ${KEPT} && ${code} != 0 && -n ${UPGRADING} ]]; then
    take_back
    code="${STATUS}"
  elif [[ -n ${MIGRATED} && -z ${KEPT} ]]; then
    code=2
  elif [[ ${code} != 0 && -n ${MIGRATING} && -z ${KEPT} ]]; then
    code=3
    log error "the migration did not come to its end; the release was not touched. Look at the schema;"
    log error "backups from before: ${SAFE[*]:-none}; rollback-staging.sh --restore-database restores one"
  fi
  if [[ -n ${KEPT} && -n ${UNRECORDED} ]]; then
    code=4
  fi
  if ((code != 0)) && [[ -z ${QUIET} && -z ${DRY_RUN} ]]; then
    tell_failure "${code}"
  fi
  unlock
  if ((code != $1)); then
    rm -rf -- "${SCRATCH}"
    exit "${code}"
  fi
}

# end_child: what still runs is told to end; Helm takes its time for that.
end_child() {
  if [[ -n ${CHILD} ]]; then
    kill -TERM "${CHILD}" 2>/dev/null
    wait "${CHILD}" 2>/dev/null
    CHILD=''
  fi
}

# take_back: to the revision from before; in STATUS what that comes to, 2 or 3.
take_back() {
  if [[ -n ${FIRST} ]]; then
    log error "this was the first deployment, so there is nothing to go back to; ${RELEASE} is left as it is"
    STATUS=3
    return 0
  fi
  log warn "${RELEASE} goes back to revision ${BEFORE}"
  undo &
  wait "$!"
  STATUS=$?
  if ((STATUS == 0)); then
    log warn "${RELEASE} is as it was at revision ${BEFORE}"
    STATUS=2
  else
    log error "${RELEASE} did not go back to revision ${BEFORE}: look at it now"
    STATUS=3
  fi
  if [[ -n ${MIGRATED} ]]; then
    log warn 'the schema of the database is the new one: a migration that has run is not taken back'
  fi
}

# undo: Helm may have gone back by itself.
undo() {
  set -e
  STEP="go back to revision ${BEFORE}"
  read_history
  if [[ ${CONDITION} == deployed && ${REVISION} != "${BEFORE}" && -n ${HELM_FAILED} ]]; then
    BEFORE="${REVISION}"
    log info "Helm has gone back by itself, as revision ${REVISION}"
    see_them_back
  elif [[ ${CONDITION} != deployed || ${REVISION} != "${BEFORE}" ]]; then
    back_to "${BEFORE}"
  fi
}

tell_failure() {
  local left
  case "$1" in
    2) left='The release is the one from before again.' ;;
    3) left='Somebody has to look: the log says what was left behind.' ;;
    4) left="The new version is deployed, but not recorded: ${UNRECORDED}." ;;
    *) left='Nothing was changed.' ;;
  esac
  if [[ -n ${MIGRATED} && $1 != 4 ]]; then
    left+=' The schema of the database is the new one.'
  fi
  tell "Deployment of ${PLATFORM} to ${ENVIRONMENT} FAILED (exit code $1): ${STEP}. ${left}"
}

# --- Before -------------------------------------------------------------------------------------

COMMIT=''

# check_tree: what is deployed, is in git.
check_tree() {
  local changed
  step 'see what is committed'
  [[ -n ${DRY_RUN} || -f ${OUT}/helm/${CHART}/Chart.yaml ]] || die "there is no chart in ${OUT}/helm/${CHART}"
  ask COMMIT git -C "${OUT}" rev-parse HEAD
  COMMIT="${COMMIT:-COMMIT}" # with --dry-run
  ask changed git -C "${OUT}" status --porcelain -- .
  if [[ -n ${changed} && -z ${ALLOW_DIRTY} ]]; then
    log error "not committed:"$'\n'"${changed}"
    die 'what is deployed must be found in git: commit it, or add --allow-dirty'
  fi
}

check_release() {
  step 'see what is deployed'
  read_history
  BEFORE="${GOOD}"
  if [[ -z ${BEFORE} && -z ${DRY_RUN} ]]; then
    FIRST=yes
    log info "no revision of ${RELEASE} is deployed yet: nothing to back up, and nothing to go back to"
  else
    note "${RELEASE} is at revision ${REVISION}, ${CONDITION}; before, it was at ${FORMER:-none}"
  fi
  if [[ ${CONDITION} == pending-* || ${CONDITION} == uninstalling ]]; then
    die "revision ${REVISION} is ${CONDITION}: Helm is at work, or was interrupted; then rollback-staging.sh mends it"
  fi
}

# check_stores: pods need their secrets.
check_stores() {
  local store
  if [[ -z ${STORES[*]} ]] || [[ -n ${FIRST} ]]; then
    return 0
  fi
  step 'see whether secrets can be read'
  for store in "${STORES[@]}"; do
    run "${KUBECTL[@]}" wait --for=condition=Ready "secretstores.external-secrets.io/${store}" --timeout=30s
  done
}

declare -A PINNED=() # images by digest
PINS=()              # options for Helm

# check_images: each is there, and is known by its digest from now on.
check_images() {
  local index image digest path
  step 'find the images'
  for index in "${!IMAGES[@]}"; do
    image="${IMAGES[${index}]}"
    ask digest crane digest "${image}"
    if [[ -n ${DRY_RUN} ]]; then
      digest='sha256:DIGEST'
    elif [[ ! ${digest} =~ ^sha256:[0-9a-f]{64}$ ]]; then
      die "the registry gives no digest for ${image}"
    fi
    PINNED[${image}]="${image%@*}@${digest}"
    for path in ${DIGEST_VALUES[${index}]}; do
      PINS+=(--set-string "${path}=${digest}")
    done
    note "${image} is ${digest}"
  done
}

check_vulnerabilities() {
  local image bad=()
  if [[ -z ${SCAN} ]]; then
    return 0
  fi
  step 'scan the images'
  for image in "${IMAGES[@]}"; do
    attempt run trivy image --quiet --scanners=vuln --exit-code=1 "--severity=${SCAN}" "${SCAN_OPTIONS[@]}" \
      "${PINNED[${image}]}"
    if ((STATUS != 0)); then
      bad+=("${image}")
    fi
  done
  [[ -z ${bad[*]} ]] || die "these images have vulnerabilities, or could not be scanned: ${bad[*]}"
}

# --- The database -------------------------------------------------------------------------------

# back_up: each CronJob's own job, at once.
back_up() {
  local backup job end conditions text
  if [[ -z ${BACKUPS[*]} ]] || [[ -n ${FIRST} || -n ${WITHOUT_BACKUP} ]]; then
    return 0
  fi
  step 'back the database up'
  for backup in "${BACKUPS[@]}"; do
    job="${backup}-deploy"
    run "${KUBECTL[@]}" delete job "${job}" --ignore-not-found
    run "${KUBECTL[@]}" create job "${job}" "--from=cronjob/${backup}"
    end=$((SECONDS + BACKUP_LIMIT))
    while true; do
      ask conditions "${LOOK[@]}" get job "${job}" \
        '--output=jsonpath={.status.conditions[?(@.status=="True")].type}'
      if [[ -n ${DRY_RUN} || " ${conditions} " == *' Complete '* ]]; then
        break
      elif [[ " ${conditions} " == *' Failed '* ]] || ((SECONDS > end)); then
        attempt run "${KUBECTL[@]}" logs "job/${job}" --tail=50
        die "the backup ${backup} failed; see kubectl logs job/${job}"
      fi
      pause
    done
    ask text "${LOOK[@]}" logs "job/${job}" --tail=20
    if [[ ${text} =~ backup\ ([0-9]{8}T[0-9]{6}Z)\ of ]]; then
      SAFE+=("${backup} ${BASH_REMATCH[1]}")
    else
      SAFE+=("${backup}")
    fi
    note "there is a backup: ${SAFE[-1]}"
  done
}

# in_pod NAME COMMAND: a pod of the new version with that command; its output is shown.
in_pod() {
  local name image phase end=$((SECONDS + MIGRATION_LIMIT))
  name="$(json "$1")"
  image="$(json "${PINNED[${MIGRATION_IMAGE}]}")"
  printf '[%s,\n %s,\n %s]\n' "{\"op\": \"replace\", \"path\": \"/metadata/name\", \"value\": ${name}}" \
    "{\"op\": \"replace\", \"path\": \"/spec/containers/0/image\", \"value\": ${image}}" \
    "{\"op\": \"add\", \"path\": \"/spec/containers/0/command\", \"value\": $2}" >"${SCRATCH}/patch.json"
  run "${KUBECTL[@]}" delete pod "$1" --ignore-not-found
  run "${KUBECTL[@]}" patch --local "--filename=${MIGRATION_POD}" --type=json \
    "--patch-file=${SCRATCH}/patch.json" --output=json >"${SCRATCH}/pod.json"
  POD="$1"
  run "${KUBECTL[@]}" create "--filename=${SCRATCH}/pod.json"
  while true; do
    ask phase "${LOOK[@]}" get pod "$1" '--output=jsonpath={.status.phase}'
    if [[ -n ${DRY_RUN} || ${phase} == Succeeded || ${phase} == Failed ]]; then
      break
    elif ((SECONDS > end)); then
      log error "the pod $1 is ${phase} after ${MIGRATION_LIMIT} s"
      break
    fi
    pause
  done
  attempt run "${KUBECTL[@]}" logs "pod/$1"
  remove_pod
  [[ -n ${DRY_RUN} || ${phase} == Succeeded ]] || die "the command failed: ${STEP}"
}

remove_pod() {
  if [[ -n ${POD} ]]; then
    attempt run "${KUBECTL[@]}" delete pod "${POD}" --ignore-not-found
    POD=''
  fi
}

check_schema() {
  if [[ -n ${FIRST} || -n ${WITHOUT_MIGRATIONS} ]]; then
    return 0
  fi
  step 'see whether the new version knows the schema of the database'
  in_pod "${RELEASE}-schema-check" "${MIGRATION_CHECK}"
}

preview() {
  if [[ -n ${FIRST} || -n ${WITHOUT_MIGRATIONS} ]]; then
    return 0
  fi
  step 'see what the migration would change'
  in_pod "${RELEASE}-schema-preview" "${MIGRATION_PREVIEW}"
}

migrate() {
  if [[ -n ${WITHOUT_MIGRATIONS} ]]; then
    return 0
  fi
  step 'migrate the database'
  MIGRATING=yes
  in_pod "${RELEASE}-schema-migration" "${MIGRATION_RUN}"
  MIGRATED=yes
}

# --- Somebody agrees ----------------------------------------------------------------------------

# approve WHAT
approve() {
  local answer
  if [[ -z ${APPROVER} ]]; then
    return 0
  fi
  step "ask ${APPROVER} whether to $1"
  if [[ -n ${DRY_RUN} ]]; then
    printf ' (ask, unless --approve says who has agreed)\n' >&3
  elif [[ -n ${APPROVED} ]]; then
    log info "${APPROVED} has agreed"
  else
    printf '%s: %s? Type the name of the environment to agree: ' "${APPROVER}" "$1" >&2
    IFS= read -r answer || die 'nobody agreed'
    [[ ${answer} == "${ENVIRONMENT}" ]] || die 'nobody agreed'
    APPROVED="${USER:-somebody}"
  fi
}

# --- The new version ----------------------------------------------------------------------------

HELM_FAILED=''

upgrade() {
  local chart="${SCRATCH}/${CHART}" options=()
  step 'upgrade the release'
  run cp -R "${OUT}/helm/${CHART}" "${chart}" # Helm puts charts of others into it
  if [[ -n ${HAS_DEPENDENCIES} ]]; then
    run "${HELM[@]}" dependency update "${chart}"
  fi
  if [[ -z ${FIRST} ]]; then
    options=("${WAIT}" --atomic)
    if [[ ${WAIT} != --wait ]]; then
      options=("${WAIT}" --rollback-on-failure)
    fi
  fi
  UPGRADING=yes
  attempt run "${HELM[@]}" upgrade --install "${RELEASE}" "${chart}" "--values=${chart}/${VALUES}" \
    "${PINS[@]}" "${options[@]}" "--timeout=${TIMEOUT}s"
  if ((STATUS != 0)); then
    HELM_FAILED=yes
    die "helm failed (exit code ${STATUS}): ${STEP}"
  fi
  read_history
  note "${RELEASE} is at revision ${REVISION:-N}"
}

# is_met SLO: fails unless the objective is met now.
is_met() {
  local answer
  if [[ -n ${DRY_RUN} ]]; then
    show curl --get --data-urlencode "query=${OBJECTIVES[$1]}" "${PROMETHEUS%/}/api/v1/query"
    return 0
  fi
  thrice curl --silent --show-error --fail --max-time 15 --get --data-urlencode "query=${OBJECTIVES[$1]}" \
    "${PROMETHEUS%/}/api/v1/query"
  answer="$(<"${SCRATCH}/said")"
  if ((STATUS != 0)) || [[ ${answer} != *'"status":"success"'* ]]; then
    log warn "Prometheus does not answer about $1"
    return 1
  elif [[ ! ${answer} =~ \"value\":\[[0-9.e+]+,\"([01])\"\] ]]; then
    log warn "$1 is not measured"
    return 1
  elif [[ ${BASH_REMATCH[1]} == 0 ]]; then
    log warn "$1 is not met: ${OBJECTIVES[$1]}"
    return 1
  fi
}

roll_out() {
  step 'wait for all workloads'
  wait_for_controllers
}

# restarted BEFORE AFTER: pods with more restarts after than before, by lines of a pod and its containers' numbers.
restarted() {
  local -A earlier=()
  local pod numbers
  while read -r pod numbers; do
    if [[ -n ${pod} ]]; then
      earlier[${pod}]=$((${numbers// /+}))
    fi
  done <<<"$1"
  while read -r pod numbers; do
    if [[ -n ${pod} ]] && ((${numbers// /+} > ${earlier[${pod}]:-0})); then
      printf '%s ' "${pod}"
    fi
  done <<<"$2"
}

check_health() {
  local restarts before after bad
  restarts=("${LOOK[@]}" get pods "--selector=app.kubernetes.io/part-of=${PLATFORM}"
    '--output=jsonpath={range .items[*]}{.metadata.name} 0{range .status.containerStatuses[*]} {.restartCount}{end}{"\n"}{end}')
  step "see whether pods run for ${SETTLE} s without a restart"
  ask before "${restarts[@]}"
  pause "${SETTLE}"
  ask after "${restarts[@]}"
  bad="$(restarted "${before}" "${after}")"
  [[ -z ${bad} ]] || die "these pods do not keep running: ${bad}"
  wait_for_controllers
}

# smoke NAME URL STATUS TEXT SECONDS ATTEMPTS: asks as a user does.
smoke() {
  local attempt status='' answer=''
  if [[ -n ${DRY_RUN} ]]; then
    show curl "$2"
    return 0
  fi
  for ((attempt = 1; attempt <= $6; attempt++)); do
    attempt run curl --silent --show-error --max-time "$5" --output "${SCRATCH}/page" \
      '--write-out=%{http_code}' --url "$2" >"${SCRATCH}/status"
    status="$(<"${SCRATCH}/status")"
    answer="$(tr -d '\0' <"${SCRATCH}/page")"
    if ((STATUS == 0)) && [[ ${status} == "$3" && ${answer} == *"$4"* ]]; then
      log info "$1: $2 answers ${status}"
      return 0
    fi
    if ((attempt < $6)); then
      pause
    fi
    : >"${SCRATCH}/page"
  done
  if [[ ${status} == "$3" ]]; then
    die "smoke check $1: the answer of $2 does not contain $4"
  fi
  die "smoke check $1: $2 answers ${status:-nothing} and not $3"
}

check_smoke() {
  step 'ask as users do'
  : >"${SCRATCH}/page"
  smoke ready https://api.staging.corporate-intel.example.com/health/ready 200 '' 10 5
  smoke signed-in-only https://api.staging.corporate-intel.example.com/api/v1/companies 401 '' 10 5
}

watch_objectives() {
  local look slo
  local -A failures=()
  step 'watch the objectives'
  for ((look = 1; look <= WATCH_COUNT; look++)); do
    for slo in "${WATCHED[@]}"; do
      attempt is_met "${slo}"
      if ((STATUS != 0)); then
        failures[${slo}]=$((${failures[${slo}]:-0} + 1))
        ((failures[${slo}] <= WATCH_FAILURES)) || die "${slo} is not met by the new version"
      fi
    done
    if [[ -n ${DRY_RUN} ]]; then
      return 0
    elif ((look < WATCH_COUNT)); then
      pause "${WATCH_INTERVAL}"
    fi
  done
}

# --- Afterwards ---------------------------------------------------------------------------------

record() {
  local image tag now lost=()
  step 'record the deployment'
  TZ=UTC0 printf -v now '%(%Y-%m-%dT%H%M%SZ)T' -1
  if [[ -n ${DRY_RUN} ]]; then
    now=TIME
  fi
  tag="${TAG}${now}-r${REVISION:-N}"
  {
    printf '%s in %s: revision %s, after %s\n\n' "${PLATFORM}" "${ENVIRONMENT}" "${REVISION:-N}" "${BEFORE:-none}"
    printf 'time: %s\nby: %s\nagreed: %s\n' "${now}" "${WHO}" "${APPROVED:-nobody was asked}"
    printf 'commit: %s\n' "${COMMIT}"
    printf 'backup: %s\n' "${SAFE[@]:-none}"
    for image in "${IMAGES[@]}"; do
      printf 'image: %s\n' "${PINNED[${image}]}"
    done
  } >"${SCRATCH}/record"
  attempt record_in_cluster
  if ((STATUS != 0)); then
    lost+=("the ConfigMap ${RECORD}")
  fi
  if [[ -n ${TAG} ]]; then
    attempt record_in_git "${tag}"
    if ((STATUS != 0)); then
      lost+=("the tag ${tag}")
    fi
  fi
  UNRECORDED="${lost[*]}"
}

record_in_git() {
  attempt run git -C "${OUT}" tag --annotate --cleanup=verbatim "--file=${SCRATCH}/record" "$1" "${COMMIT}"
  if [[ ${STATUS} == 0 && -n ${REMOTE} ]]; then
    attempt run git -C "${OUT}" push --quiet "${REMOTE}" "refs/tags/$1"
  fi
  return "${STATUS}"
}

tell_done() {
  tell "${PLATFORM} in ${ENVIRONMENT} is at revision ${REVISION:-N} (before: ${BEFORE:-none}), commit ${COMMIT:0:12}."
}

main() {
  parse "$@"
  if [[ -z ${DRY_RUN} ]]; then
    need git kubectl helm aws curl crane trivy
  fi
  begin
  find_webhook
  check_tree
  connect
  helm_version
  lock
  check_release
  check_stores
  check_images
  check_vulnerabilities
  check_schema
  back_up
  preview
  approve "deploy ${COMMIT:0:12} to ${ENVIRONMENT}"
  if [[ ${WHEN} == always ]]; then
    tell "Deployment of ${PLATFORM} to ${ENVIRONMENT} begins: commit ${COMMIT:0:12}, by ${WHO}."
  fi
  if [[ -z ${FIRST} ]]; then
    migrate
  fi
  upgrade
  if [[ -n ${FIRST} ]]; then
    migrate
  fi
  roll_out
  check_health
  check_smoke
  watch_objectives
  KEPT=yes UNRECORDED='it was stopped before that'
  record
  if [[ ${WHEN} == always ]]; then
    tell_done
  fi
  if [[ -n ${UNRECORDED} ]]; then
    die "deployed, but not recorded: ${UNRECORDED}"
  fi
  note "${PLATFORM} in ${ENVIRONMENT} is at revision ${REVISION:-N}"
}

main "$@"
