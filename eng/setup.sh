#!/usr/bin/env bash
# Makes this machine able to build, test and run ActionStream. Safe to repeat, quick when there is nothing to do.
#   eng/setup.sh           what the demo, the service and the tests need
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# ---- programs ------------------------------------------------------------------------------------------------------

has() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]; }
has_rtsp_server() { compgen -G '/usr/lib/*/girepository-1.0/GstRtspServer-1.0.typelib' >/dev/null && /usr/bin/python3 -c 'import gi' 2>/dev/null && has_gst; }
has_gst() { compgen -G '/usr/lib/*/gstreamer-1.0/libgstrtp.so' >/dev/null && compgen -G '/usr/lib/*/gstreamer-1.0/libgstvideoparsersbad.so' >/dev/null; }

has dotnet || fail 'the .NET SDK 10 was not found on PATH; install it first (https://dotnet.microsoft.com/download/dotnet/10.0)'
case "$(dotnet --version 2>/dev/null)" in
  10.* | 1[1-9].*) ;;
  *) fail "the .NET SDK is $(dotnet --version 2>/dev/null || echo broken); expected 10 or later" ;;
esac

needed=() wanted=()
has ffmpeg || needed+=(ffmpeg)
has mosquitto || needed+=(mosquitto)
has setpriv || needed+=(util-linux)
has mosquitto_sub || wanted+=(mosquitto-clients)
has_rtsp_server || wanted+=(python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-good gstreamer1.0-plugins-bad)

if [ ${#needed[@]} -gt 0 ] || [ ${#wanted[@]} -gt 0 ]; then
  packages="${needed[*]} ${wanted[*]}"
  if [ "$(id -u)" = 0 ] && has apt-get; then
    say "installing ${packages}"
    log=$(mktemp)
    if ! { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends ${packages}; } >"$log" 2>&1; then
      tail -n 20 "$log" >&2
      fail "apt-get could not install ${packages}"
    fi
    rm -f "$log"
  elif [ ${#needed[@]} -gt 0 ]; then
    fail "missing: ${needed[*]}. This needs root; run:
    sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages}"
  else
    say "the tests on a real RTSP server will be skipped until you run:
    sudo apt-get install -y --no-install-recommends ${packages}"
  fi
fi

# promtool checks /metrics in the tests. Its Debian package would start a Prometheus service, so it is only unpacked here.
if ! has promtool && [ ! -x artifacts/tools/usr/bin/promtool ] && has apt-get; then
  mkdir -p artifacts/tools
  if (cd artifacts/tools && apt-get download -q prometheus >/dev/null 2>&1 && dpkg-deb --fsys-tarfile prometheus_*.deb | tar x ./usr/bin/promtool && rm -f prometheus_*.deb); then
    say 'unpacked promtool into artifacts/tools (tests only)'
  else
    say 'promtool could not be had: the test that checks /metrics with it will be skipped'
  fi
fi

say 'ready'
