#!/usr/bin/env bash
# Makes this machine able to build and run ActionStream and its demo: the .NET SDK must be there, ffmpeg and setpriv are installed.
# Safe to repeat, quick when there is nothing to do. What only tests need, eng/test.sh installs.
set -euo pipefail

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }
has() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]; }

has dotnet || fail 'the .NET SDK 10 was not found on PATH; install it first (https://dotnet.microsoft.com/download/dotnet/10.0)'
case "$(dotnet --version 2>/dev/null)" in
  10.* | 1[1-9].*) ;;
  *) fail "the .NET SDK is $(dotnet --version 2>/dev/null || echo broken); expected 10 or later" ;;
esac

needed=()
has ffmpeg && has ffprobe || needed+=(ffmpeg)
has setpriv || needed+=(util-linux)
[ ${#needed[@]} -gt 0 ] || exit 0

if [ "$(id -u)" != 0 ] || ! has apt-get; then
  fail "missing: ${needed[*]}. This needs root; run:
    sudo apt-get update && sudo apt-get install -y --no-install-recommends ${needed[*]}"
fi
say "installing ${needed[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${needed[@]}"; } >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  fail "apt-get could not install ${needed[*]}"
fi
