#!/usr/bin/env bash
# Prints the path of a Chromium or Chrome. With --install, installs Debian's chromium where there is none, apt is and root runs it.
# Exits with 69 where there is none (EX_UNAVAILABLE of sysexits.h), which `.ci/run` counts as skipped.
set -u

find_browser() {
  local name
  if [ -n "${CHROMIUM:-}" ]; then
    printf '%s\n' "$CHROMIUM"
    return 0
  fi
  for name in chromium chromium-browser google-chrome google-chrome-stable \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" "/Applications/Chromium.app/Contents/MacOS/Chromium"; do
    if command -v "$name" 2>/dev/null; then return 0; fi
  done
  return 1
}

if find_browser; then exit 0; fi
if [ "${1:-}" = "--install" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq >&2
  apt-get install -y -qq --no-install-recommends chromium >/dev/null
  if find_browser; then exit 0; fi
fi
echo "no Chromium or Chrome here: install one (Debian: apt-get install chromium), or name it in CHROMIUM" >&2
exit 69
