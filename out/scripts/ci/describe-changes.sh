#!/usr/bin/env bash
#
# Says in Markdown what a change makes of the output. Made by manifestgen: change the spec, and render again.

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
Usage: describe-changes.sh BASE FILE [--limit BYTES]

Renders the spec into the working copy, and writes into FILE how the output then differs from that of the commit
BASE: for a comment on a pull request, so cut off after BYTES, 60000. The first line is a mark by which the comment
is found again. The working copy is left as it was rendered: this is for CI.

Exit codes: 0 done, 1 the spec is wrong (FILE says how), 64 wrong usage, any other: it failed.

Example: describe-changes.sh HEAD^1 changes.md
USAGE
}

SPEC=specs/platform.yaml
OUT=out
MARK='manifestgen: corporate-intel'
LIMIT=60000

# fenced FILE LANGUAGE: in a block of code, behind a fence that is longer than any in it.
fenced() {
  local fence
  fence="$(LC_ALL=C awk '
    { while (match($0, /`+/)) { if (RLENGTH > most) most = RLENGTH; $0 = substr($0, RSTART + RLENGTH) } }
    END { for (most = most < 3 ? 3 : most + 1; most > 0; most--) printf "`" }' "$1")"
  printf '%s%s\n' "${fence}" "$2"
  cat "$1"
  printf '%s\n' "${fence}"
}

# first_of FILE BYTES: whole lines, as many as there is room for.
first_of() {
  LC_ALL=C awk -v room="$2" '(room -= length($0) + 1) < 0 { exit } { print }' "$1"
}

# difference OPTION...: of the output, but not of the list of its files.
difference() {
  git diff --no-color --no-ext-diff --no-textconv "$@" "${BASE}" -- "${OUT}" ":(exclude)${SPEC}" \
    ':(exclude,glob)**/.manifestgen.lock'
}

# render: ends here when the spec is wrong.
render() {
  if manifestgen render --force --spec "${SPEC}" --out "${OUT}" >"${SCRATCH}/said" 2>"${SCRATCH}/findings"; then
    return 0
  fi
  cat "${SCRATCH}/findings" >&2
  {
    printf '<!-- %s -->\n### The spec is wrong\n\n' "${MARK}"
    first_of "${SCRATCH}/findings" "${LIMIT}" >"${SCRATCH}/shown"
    fenced "${SCRATCH}/shown" text
  } >"${FILE}"
  die 'the spec is wrong'
}

# cost: what it will cost, next to what it has cost so far.
cost() {
  mkdir "${SCRATCH}/base"
  git archive "${BASE}" -- "${OUT}" | tar --extract --directory "${SCRATCH}/base" || return 0 # a first change has none
  manifestgen cost --spec "${SPEC}" --out "${SCRATCH}/base/${OUT}" --format markdown
}

# describe: the whole text.
describe() {
  local size
  git add --intent-to-add --all -- "${OUT}"
  difference --stat=100 >"${SCRATCH}/files"
  difference --unified=3 >"${SCRATCH}/difference"
  if [[ ! -s ${SCRATCH}/difference ]]; then
    printf '<!-- %s unchanged -->\n### Nothing changes in what is rendered\n' "${MARK}"
    return 0
  fi
  printf '<!-- %s -->\n### What changes in %s\n\n' "${MARK}" corporate-intel
  cost >"${SCRATCH}/cost"
  first_of "${SCRATCH}/cost" "$((LIMIT / 5))"
  printf '\n'
  first_of "${SCRATCH}/files" "$((LIMIT / 4))" >"${SCRATCH}/shown"
  fenced "${SCRATCH}/shown" text
  size="$(wc --bytes <"${SCRATCH}/difference")"
  first_of "${SCRATCH}/difference" "$((LIMIT / 2))" >"${SCRATCH}/shown"
  printf '\n<details><summary>The difference</summary>\n\n'
  fenced "${SCRATCH}/shown" diff
  printf '\n</details>\n'
  if ((size > LIMIT / 2)); then
    printf '\nThe difference is %d bytes long, and cut off here.\n' "${size}"
  fi
}

clean_up() {
  :
}

main() {
  if [[ ${1:-} == --help ]]; then
    usage
    exit 0
  fi
  [[ $# == 2 || ($# == 4 && ${3:-} == --limit && ${4:-} =~ ^[1-9][0-9]{0,8}$) ]] || misused 'name a commit and a file'
  BASE="$1" FILE="$2" LIMIT="${4:-${LIMIT}}"
  need git manifestgen awk
  begin
  BASE="$(git rev-parse --verify --quiet --end-of-options "${BASE}^{commit}")" || die "there is no commit $1"
  render
  describe >"${FILE}"
}

main "$@"
