#!/usr/bin/env bash
# Prints the folder whose bin/ has a pulumi CLI for the engine tests: the one on PATH, or one built from source by Go and kept by
# version in the user's cache. Exits with 69, saying what to install, where there is neither.
set -eu
cd "$(dirname "$0")"

version=$(sed -n 's#.*github.com/pulumi/pulumi/pkg/v3 \(v[0-9.]*\).*#\1#p' go.mod)
cache="${XDG_CACHE_HOME:-$HOME/.cache}/spotproof/pulumi-$version"

if found=$(command -v pulumi); then
  dirname "$(dirname "$found")"
  exit
fi
if [ ! -x "$cache/bin/pulumi" ]; then
  if ! command -v go >/dev/null; then
    echo "The engine tests need the Pulumi CLI: install pulumi, or Go ($(sed -n 's/^go //p' go.mod) or later) to have $version built." >&2
    exit 69
  fi
  echo "Building pulumi $version, once: a few minutes." >&2
  mkdir -p "$cache/bin"
  # Moved at the end, so that a build which is interrupted leaves nothing behind that looks whole.
  go build -tags osusergo,grpcnotrace \
    -ldflags "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=$version" \
    -o "$cache/bin/pulumi.$$" github.com/pulumi/pulumi/pkg/v3/cmd/pulumi
  mv "$cache/bin/pulumi.$$" "$cache/bin/pulumi"
fi
echo "$cache"
