#!/usr/bin/env bash
#
# Takes corporate-intel in staging back. Made by manifestgen: change the spec, and render again.

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
Usage: rollback-staging.sh --yes [--revision N] [--restore-database STAMP] [OPTION...]

Takes corporate-intel in staging back to the revision from before, in one go.

  --yes                     do not ask
  --revision N              go back to that revision, and not to the one from before
  --restore-database STAMP  also restore the database from postgres-backup of that time, or from `latest`;
                            what writes to it is stopped meanwhile, and what was written since is lost
  --dry-run                 print every step and its commands, and run none of them
  --break-lock              take the lock from a deployment that is gone
  --help                    show this

Environment: DEPLOY_SLACK_WEBHOOK is the address to tell Slack, else Vault is asked for it; a rollback waits
for neither. DEPLOY_POLL_SECONDS, 5, is the time between two looks at the cluster.

Exit codes: 0 done, 64 wrong usage, 75 a deployment or rollback is in progress, any other: it failed, and the
log says what was left behind.

Example: rollback-staging.sh --yes
USAGE
}

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

# --- Settings of the restore --------------------------------------------------------------------

# The CronJob whose pod can restore, and the seconds that it may take.
BACKUP=postgres-backup
RESTORE_LIMIT=7800
# What writes to the database, ScaledObjects of KEDA that would start it again, what would write later, and the
# labels of the pods.
WRITERS=(deployment/api deployment/worker)
SCALERS=(worker)
CRONJOBS=()
PODS='app.kubernetes.io/part-of=corporate-intel,app.kubernetes.io/name in (api,worker)'

# --- The command line ---------------------------------------------------------------------------

YES='' TO='' STAMP=''

parse() {
  while (($#)); do
    case "$1" in
      --help)
        usage
        exit 0
        ;;
      --revision)
        [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || misused '--revision needs a number'
        TO="$2"
        shift
        ;;
      --restore-database)
        [[ ${2:-} == latest || ${2:-} =~ ^(safety/)?[0-9]{8}T[0-9]{6}Z$ ]] ||
          misused '--restore-database needs a time such as 20260102T030405Z, or latest'
        STAMP="$2"
        shift
        ;;
      --yes) YES=yes ;;
      --dry-run) DRY_RUN=yes ;;
      --break-lock) BREAK_LOCK=yes ;;
      *) misused "unknown argument: $1" ;;
    esac
    shift
  done
  if [[ -z ${YES} && -z ${DRY_RUN} && ! -t 0 ]]; then
    misused 'nobody can be asked here: give --yes'
  fi
}

confirm() {
  local answer
  if [[ -n ${YES} || -n ${DRY_RUN} ]]; then
    return 0
  fi
  printf 'Take %s in %s from revision %s back to %s%s? Type the name of the environment: ' "${PLATFORM}" \
    "${ENVIRONMENT}" "${REVISION}" "${TO}" "${STAMP:+, and its database to ${STAMP}}" >&2
  IFS= read -r answer || die 'nothing was done'
  [[ ${answer} == "${ENVIRONMENT}" ]] || die 'nothing was done'
}

# --- What is left behind ------------------------------------------------------------------------

# Whether something was changed, whether writers are stopped, and the job that restores, while it runs.
BEGUN='' STOPPED='' RESTORING=''

clean_up() {
  local code="$1"
  if [[ -n ${CHILD} ]]; then
    kill -TERM "${CHILD}" 2>/dev/null
    wait "${CHILD}" 2>/dev/null
    CHILD=''
  fi
  if [[ -n ${RESTORING} ]]; then
    # It leaves the database from before, or the restored one, and nothing between them.
    attempt run "${KUBECTL[@]}" delete job "${RESTORING}" --ignore-not-found --cascade=foreground
  fi
  if [[ -n ${STOPPED} ]]; then
    log warn 'what writes to the database is started again'
    start_again &
    wait "$!"
    STATUS=$?
    ((STATUS == 0)) || log error "not everything was started again: ${WRITERS[*]} ${CRONJOBS[*]}"
  fi
  if ((code != 0)) && [[ -n ${BEGUN} && -z ${QUIET} ]]; then
    log error "the rollback did not come to its end: ${STEP}. Look at it now: helm history ${RELEASE}"
    tell "Rollback of ${PLATFORM} in ${ENVIRONMENT} FAILED (exit code ${code}): ${STEP}. Somebody has to look."
  fi
  unlock
}

# --- The way back, from the beginning -----------------------------------------------------------

choose() {
  step 'see what is deployed'
  read_history
  if [[ -n ${DRY_RUN} ]]; then
    TO="${TO:-N}"
    return 0
  fi
  [[ -n ${REVISION} ]] || die "there is no release ${RELEASE}"
  if [[ -z ${TO} ]]; then
    TO="${FORMER}"
    if [[ ${CONDITION} != deployed && -n ${GOOD} ]]; then
      TO="${GOOD}" # the last one did not come to its end
    fi
  fi
  [[ -n ${TO} ]] || die "${RELEASE} has only one revision, so there is nothing to go back to"
  log info "${RELEASE} is at revision ${REVISION} (${CONDITION}), and goes back to ${TO}"
}

# find_webhook_if_any: nobody waits for Vault in an emergency.
find_webhook_if_any() {
  WEBHOOK="${DEPLOY_SLACK_WEBHOOK:-}"
  unset DEPLOY_SLACK_WEBHOOK
  if [[ ${WHEN} != never && -z ${WEBHOOK} && -z ${DRY_RUN} ]]; then
    export VAULT_ADDR="${VAULT_ADDR:-${VAULT_SERVER}}" VAULT_CLIENT_TIMEOUT=5s VAULT_MAX_RETRIES=0
    attempt vault_says
    if ((STATUS == 0)); then
      WEBHOOK="$(<"${SCRATCH}/vault")"
    else
      log warn 'Vault does not say where Slack is; nobody will be told'
    fi
  fi
}

vault_says() {
  vault kv get "-mount=${SLACK_MOUNT}" "-field=${SLACK_KEY}" "${SLACK_PATH}" >"${SCRATCH}/vault"
}

# --- The database -------------------------------------------------------------------------------

declare -A REPLICAS=() SUSPENDED=()

stop_writers() {
  local one left end=$((SECONDS + TIMEOUT))
  step 'stop what writes to the database'
  for one in "${WRITERS[@]}"; do
    ask left "${LOOK[@]}" get "${one}" --ignore-not-found '--output=jsonpath={.spec.replicas}'
    REPLICAS[${one}]="${left}"
    note "${one} has ${left:-N} replicas"
  done
  for one in "${CRONJOBS[@]}"; do
    ask left "${LOOK[@]}" get cronjob "${one}" --ignore-not-found '--output=jsonpath={.spec.suspend}'
    SUSPENDED[${one}]="${left}"
  done
  BEGUN=yes STOPPED=yes
  for one in "${SCALERS[@]}"; do
    run "${KUBECTL[@]}" annotate "scaledobject/${one}" --overwrite autoscaling.keda.sh/paused-replicas=0
  done
  for one in "${CRONJOBS[@]}"; do
    run "${KUBECTL[@]}" patch cronjob "${one}" --type=merge '--patch={"spec": {"suspend": true}}'
  done
  for one in "${WRITERS[@]}"; do
    run "${KUBECTL[@]}" scale "${one}" --replicas=0
  done
  while true; do
    ask left "${LOOK[@]}" get pods "--selector=${PODS}" \
      '--field-selector=status.phase!=Succeeded,status.phase!=Failed' --output=name
    if [[ -z ${left} ]]; then
      return 0
    fi
    ((SECONDS < end)) || die "these do not stop: ${left}"
    pause
  done
}

start_again() {
  local one failed=0
  for one in "${WRITERS[@]}"; do
    if [[ -n ${DRY_RUN} || -n ${REPLICAS[${one}]:-} ]]; then
      attempt run "${KUBECTL[@]}" scale "${one}" "--replicas=${REPLICAS[${one}]:-N}"
      failed=$((failed + STATUS))
    fi
  done
  for one in "${SCALERS[@]}"; do
    attempt run "${KUBECTL[@]}" annotate "scaledobject/${one}" autoscaling.keda.sh/paused-replicas-
    failed=$((failed + STATUS))
  done
  for one in "${CRONJOBS[@]}"; do
    if [[ ${SUSPENDED[${one}]:-} != true ]]; then
      attempt run "${KUBECTL[@]}" patch cronjob "${one}" --type=merge '--patch={"spec": {"suspend": false}}'
      failed=$((failed + STATUS))
    fi
  done
  ((failed == 0))
}

# restore: a job like those of the CronJob, with another command.
restore() {
  local job="${BACKUP}-restore" end=$((SECONDS + RESTORE_LIMIT)) conditions from=''
  step "restore the database: ${STAMP}"
  if [[ ${STAMP} != latest ]]; then
    from=", \"--from\", \"${STAMP}\""
  fi
  run "${KUBECTL[@]}" delete job "${job}" --ignore-not-found
  run "${KUBECTL[@]}" create job "${job}" "--from=cronjob/${BACKUP}" --dry-run=client --output=json \
    >"${SCRATCH}/cronjob.json"
  run "${KUBECTL[@]}" patch --local "--filename=${SCRATCH}/cronjob.json" --type=json --output=json \
    "--patch=[{\"op\": \"replace\", \"path\": \"/spec/template/spec/containers/0/command\", \"value\": [\"/opt/backup/restore-database.sh\", \"--yes\"${from}]}]" \
    >"${SCRATCH}/job.json"
  RESTORING="${job}"
  run "${KUBECTL[@]}" create "--filename=${SCRATCH}/job.json"
  while true; do
    ask conditions "${LOOK[@]}" get job "${job}" \
      '--output=jsonpath={.status.conditions[?(@.status=="True")].type}'
    if [[ -n ${DRY_RUN} || " ${conditions} " == *' Complete '* ]]; then
      break
    elif [[ " ${conditions} " == *' Failed '* ]] || ((SECONDS > end)); then
      attempt run "${KUBECTL[@]}" logs "job/${job}" --tail=50
      RESTORING=''
      die "the restore failed, so the database is the one from before; see kubectl logs job/${job}"
    fi
    pause
  done
  RESTORING=''
  attempt run "${KUBECTL[@]}" logs "job/${job}" --tail=20
}

record() {
  local now
  step 'record it'
  TZ=UTC0 printf -v now '%(%Y-%m-%dT%H%M%SZ)T' -1
  {
    printf '%s in %s: taken back from revision %s to %s\n\n' "${PLATFORM}" "${ENVIRONMENT}" "${REVISION}" "${TO}"
    printf 'time: %s\nby: %s\n' "${now}" "${WHO}"
    printf 'database: %s\n' "${STAMP:-as it was}"
  } >"${SCRATCH}/record"
  attempt record_in_cluster
  ((STATUS == 0)) || log warn "the ConfigMap ${RECORD} does not say so"
}

main() {
  parse "$@"
  if [[ -z ${DRY_RUN} ]]; then
    need kubectl helm aws curl
  fi
  begin
  find_webhook_if_any
  connect
  helm_version
  lock
  choose
  confirm
  if [[ -n ${STAMP} ]]; then
    stop_writers
    restore
  fi
  step "go back to revision ${TO}"
  BEGUN=yes
  if [[ -n ${STOPPED} ]]; then
    run "${HELM[@]}" rollback "${RELEASE}" "${TO}" "--timeout=${TIMEOUT}s" # there are no pods to wait for
    step 'start what writes to the database'
    STOPPED=''
    attempt start_again
    ((STATUS == 0)) || die "not everything was started again: ${WRITERS[*]} ${CRONJOBS[*]}"
    see_them_back
  else
    back_to "${TO}"
  fi
  record
  note "${PLATFORM} in ${ENVIRONMENT} is as it was at revision ${TO}"
  tell "${PLATFORM} in ${ENVIRONMENT} was taken back to what revision ${TO} was, by ${WHO}.${STAMP:+ Its database is the backup ${STAMP}.}"
}

main "$@"
