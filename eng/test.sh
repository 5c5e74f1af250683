#!/usr/bin/env bash
# Runs all tests and ends with their totals on one plain line.
#   eng/test.sh [arguments of `dotnet test`]
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PATH:/usr/sbin:$PWD/artifacts/tools/usr/bin"
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# The live page is tested in a real browser, the image in a bare root. Only here: a demo needs neither.
missing=()
command -v chromium >/dev/null 2>&1 || missing+=(chromium fonts-dejavu-core)
command -v debootstrap >/dev/null 2>&1 || missing+=(debootstrap)
if [ ${#missing[@]} -gt 0 ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "test: installing ${missing[*]}, for tests of the live page and of the image" >&2
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 \
    || echo "test: ${missing[*]} could not be installed; the tests that need them will be skipped" >&2
fi

dotnet build Streaming.sln -c Release --nologo -v q || exit 1
dotnet test Streaming.sln -c Release --no-build --nologo "$@" 2>&1 | tee "$log"
status=${PIPESTATUS[0]}

# The runner closes each assembly with "Passed!  - Failed: 0, Passed: 12, Skipped: 1, …".
awk '
  /(Passed|Failed|Skipped)! +- Failed:/ {
    gsub(/[:,]/, " ")
    for (i = 1; i <= NF; i++) {
      if ($i == "Failed" && $(i+1) ~ /^[0-9]+$/) failed += $(i+1)
      if ($i == "Passed" && $(i+1) ~ /^[0-9]+$/) passed += $(i+1)
      if ($i == "Skipped" && $(i+1) ~ /^[0-9]+$/) skipped += $(i+1)
    }
  }
  END { printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped; if (passed == 0) exit 1 }' "$log" || status=1
exit "$status"
