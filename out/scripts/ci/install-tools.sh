#!/usr/bin/env bash
#
# Fetches the programs that jobs need and runners do not have. Made by manifestgen: change the spec, and render again.
#
# Each is an archive of its maker's release, and is used only when it has the SHA-256 that stands here.

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
Usage: install-tools.sh FOLDER PROGRAM...

Puts programs into FOLDER, unless they are on PATH already: crane, trivy, k6.

Exit codes: 0 they are there, 64 wrong usage, any other: one could not be had, or is not what it should be.

Example: install-tools.sh /tmp/tools crane trivy k6
USAGE
}

# archive_of PROGRAM: for this machine, ADDRESS of the release, FILE, its SUM, and the MEMBER that is the program.
archive_of() {
  local machine
  machine="$(uname -m)"
  case "$1 ${machine}" in
    crane\ x86_64)
      ADDRESS=https://github.com/google/go-containerregistry/releases/download/v0.22.1
      FILE=go-containerregistry_Linux_x86_64.tar.gz
      SUM=0ab7a1d6932a213aed964ce97666c3077fe691c8606413674a8b3e0b9ec4cda0
      MEMBER=crane
      ;;
    crane\ aarch64)
      ADDRESS=https://github.com/google/go-containerregistry/releases/download/v0.22.1
      FILE=go-containerregistry_Linux_arm64.tar.gz
      SUM=898c0cff975f898a33e8c4580bdafb0e7c02c7faa33374e946762f97c4ab7110
      MEMBER=crane
      ;;
    trivy\ x86_64)
      ADDRESS=https://github.com/aquasecurity/trivy/releases/download/v0.70.0
      FILE=trivy_0.70.0_Linux-64bit.tar.gz
      SUM=8b4376d5d6befe5c24d503f10ff136d9e0c49f9127a4279fd110b727929a5aa9
      MEMBER=trivy
      ;;
    trivy\ aarch64)
      ADDRESS=https://github.com/aquasecurity/trivy/releases/download/v0.70.0
      FILE=trivy_0.70.0_Linux-ARM64.tar.gz
      SUM=2f6bb988b553a1bbac6bdd1ce890f5e412439564e17522b88a4541b4f364fc8d
      MEMBER=trivy
      ;;
    k6\ x86_64)
      ADDRESS=https://github.com/grafana/k6/releases/download/v1.3.0
      FILE=k6-v1.3.0-linux-amd64.tar.gz
      SUM=84d26fc1f7bc03e02f2e016b3b1b20c032e05dfe461fca82de4e3a6ebe72ddbd
      MEMBER=k6-v1.3.0-linux-amd64/k6
      ;;
    *) die "there is no $1 for ${machine} here: put it on PATH" ;;
  esac
}

# install PROGRAM
install() {
  local ADDRESS FILE SUM MEMBER archive
  archive_of "$1"
  archive="${SCRATCH}/${FILE}"
  log info "fetch ${ADDRESS}/${FILE}"
  curl --silent --show-error --fail --location --proto '=https' --tlsv1.2 --retry 3 --max-time 300 \
    --output "${archive}" "${ADDRESS}/${FILE}"
  printf '%s  %s\n' "${SUM}" "${archive}" >"${SCRATCH}/sum"
  sha256sum --check --status "${SCRATCH}/sum" || die "${FILE} is not the file that was released: SHA-256 differs"
  tar --extract --gzip --file "${archive}" --directory "${SCRATCH}" "${MEMBER}"
  mkdir -p "${FOLDER}"
  mv "${SCRATCH}/${MEMBER}" "${FOLDER}/$1"
  chmod 0755 "${FOLDER}/$1"
}

clean_up() {
  :
}

main() {
  local program
  if [[ ${1:-} == --help ]]; then
    usage
    exit 0
  fi
  (($# > 1)) || misused 'name a folder and programs'
  FOLDER="$1"
  shift
  begin
  for program in "$@"; do
    if command -v "${program}" >/dev/null; then
      log info "${program} is there already"
    else
      need curl sha256sum tar
      install "${program}"
    fi
  done
}

main "$@"
