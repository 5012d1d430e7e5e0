#!/usr/bin/env bash
# Runs Verilator and gathers the C++ it writes, under names nobody can foresee, into a few
# files of known name: verilate.sh <dir> <prefix> <shards> <slow.cc> <fast1.cc>... -- <command>
set -euo pipefail
dir=$1 prefix=$2 shards=$3 slow=$4
shift 4
fast=()
while [ "$1" != -- ]; do
  fast+=("$1")
  shift
done
shift

mkdir -p "$dir"
rm -f "$dir"/*.cpp "$dir"/*.h
# Silence means success: 5.006 prints nothing then, newer versions a summary.
if ! log=$("$@" --Mdir "$dir" --prefix "$prefix" --MMD 2>&1); then
  printf '%s\n' "$log" >&2
  exit 1
fi

: >"$slow"
for unit in "${fast[@]}"; do : >"$unit"; done
next=0
for source in "$dir"/*.cpp; do
  name=${source##*/}
  case $name in
    *__Slow.cpp | *__Syms.cpp | *__ConstPool*.cpp) printf '#include "%s"\n' "$name" >>"$slow" ;;
    *)
      printf '#include "%s"\n' "$name" >>"${fast[next]}"
      next=$(((next + 1) % shards))
      ;;
  esac
done

# Verilator names its own outputs as targets; Ninja wants the first output of the rule.
sed "s|^[^:]*:|$slow:|" "$dir/${prefix}__ver.d" >"$dir/$prefix.d"
