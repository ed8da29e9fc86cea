#!/usr/bin/env bash
# A stand-in for the program of this name, where the real one would need a cluster, a registry or a Vault. It writes
# down how it is called, keeps the files that it is given, and answers as the test says. It does nothing else.
set -u
program="${0##*/}"
stand="$(dirname "${BASH_SOURCE[0]}")/.."
raw="${program} $*"

# said GLOB: how many calls, this one with them, are like that.
said() {
  local line count=0
  while IFS= read -r line; do
    # shellcheck disable=SC2053 # it is a pattern
    if [[ ${line} == $1 ]]; then
      count=$((count + 1))
    fi
  done <"${stand}/raw"
  printf '%s\n' "${count}"
}

# nth N WORDS...: the Nth of the words, or the last.
nth() {
  local number="$1"
  shift
  printf '%s\n' "${@:$((number < $# ? number : $#)):1}"
}

# after OPTION ARGUMENT...: what follows the option.
after() {
  local option="$1"
  shift
  while (($# > 1)); do
    if [[ $1 == "${option}" ]]; then
      printf '%s\n' "$2"
      return
    fi
    shift
  done
}

if [[ ${program} != sleep ]]; then
  printf '%s\n' "${raw//$'\n'/ }" >>"${stand}/raw"
  printf -v words ' %q' "$@"
  printf '%s%s\n' "${program}" "${words}" >>"${stand}/calls"
  for argument in "$@"; do
    file="${argument#*=}"
    if [[ ${argument} == --f* && -f ${file} ]]; then
      cp -- "${file}" "${stand}/files/$(wc -l <"${stand}/raw")-${file##*/}"
    fi
  done
fi
# shellcheck source=/dev/null
. "${stand}/answers"
printf 'nobody said what %s answers to: %s\n' "${program}" "${raw}" >&2
exit 99
