#!/usr/bin/env bash
#
# Keeps one comment on a pull request of GitHub. Made by manifestgen: change the spec, and render again.

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
Usage: comment-github.sh NUMBER FILE

Makes FILE the comment on the pull request NUMBER that begins with the same mark, or a new one if there is none yet;
none is made to say that nothing changes.

Environment: GH_TOKEN may write comments; GITHUB_REPOSITORY is OWNER/NAME.

Exit codes: 0 done, 64 wrong usage, any other: it failed.

Example: comment-github.sh 17 changes.md
USAGE
}

MARK='manifestgen: corporate-intel'

clean_up() {
  :
}

main() {
  local number file mark comments id=''
  if [[ ${1:-} == --help ]]; then
    usage
    exit 0
  fi
  [[ $# == 2 && $1 =~ ^[0-9]+$ ]] || misused 'name the number of a pull request, and a file'
  number="$1" file="$2"
  comments="repos/${GITHUB_REPOSITORY:?}/issues/${number}/comments"
  need gh
  begin
  IFS= read -r mark <"${file}"
  export MARK
  gh api --paginate "${comments}?per_page=100" --jq \
    '.[] | select(.user.type == "Bot") | select(.body | startswith("<!-- " + env.MARK + " ")) | .id' >"${SCRATCH}/ids"
  read -r id <"${SCRATCH}/ids" || true # there may be none
  if [[ -n ${id} ]]; then
    gh api --silent --method PATCH "repos/${GITHUB_REPOSITORY}/issues/comments/${id}" --field "body=@${file}"
  elif [[ ${mark} == *' unchanged -->' ]]; then
    log info 'nothing changes, and there is nothing to correct'
  else
    gh api --silent --method POST "${comments}" --field "body=@${file}"
  fi
}

main "$@"
