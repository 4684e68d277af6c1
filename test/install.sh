#!/usr/bin/env bash
# What the tests of this module start for themselves: Redis, HAProxy, and the browser chromium. Debian's own; nothing is
# started or enabled here, and what is there already is not touched.
set -euo pipefail

missing=()
command -v redis-server >/dev/null || missing+=(redis-server)
command -v haproxy >/dev/null || missing+=(haproxy)
command -v chromium >/dev/null || missing+=(chromium)
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi

run=()
if [ "$(id -u)" -ne 0 ]; then run=(sudo); fi
export DEBIAN_FRONTEND=noninteractive
if ! "${run[@]}" apt-get install -y --no-install-recommends "${missing[@]}"; then
	"${run[@]}" apt-get update
	"${run[@]}" apt-get install -y --no-install-recommends "${missing[@]}"
fi
