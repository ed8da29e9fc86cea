#!/usr/bin/env bash
#
# Makes a release of GitHub of what was deployed. Made by manifestgen: change the spec, and render again.

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
Usage: release-github.sh TAG

Makes a release of TAG, unless there is one. Its notes say what was deployed, and what was changed since the last.

Environment: GH_TOKEN may write releases.

Exit codes: 0 done, 64 wrong usage, any other: it failed.

Example: release-github.sh v1.4.2
USAGE
}

# Tags of deployments, one for each environment that a tag deploys: their messages say what was deployed.
PREFIXES=(deploy/production/)

# deployed: the records of what was deployed of this commit, in Markdown.
deployed() {
  local prefix record
  for prefix in "${PREFIXES[@]}"; do
    record="$(git for-each-ref --points-at=HEAD --sort=-refname --count=1 --format='%(contents)' "refs/tags/${prefix}*")"
    if [[ -n ${record} ]]; then
      printf '~~~text\n%s\n~~~\n\n' "${record}"
    fi
  done
}

clean_up() {
  :
}

main() {
  if [[ ${1:-} == --help ]]; then
    usage
    exit 0
  fi
  [[ $# == 1 && -n $1 ]] || misused 'name a tag'
  need gh git
  begin
  if gh release view "$1" >/dev/null 2>&1; then
    log info "there is a release of $1 already"
    exit 0
  fi
  deployed >"${SCRATCH}/notes.md"
  gh release create "$1" --verify-tag --title "$1" --generate-notes --notes-file "${SCRATCH}/notes.md"
}

main "$@"
