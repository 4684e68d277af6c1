#!/usr/bin/env bash
# Local images that stand in for the public ones, for machines with a Docker engine and without a registry:
#
#   deploy/standins.sh
#
# They carry the names that Dockerfile and docker-compose.yml ask for, and hold the programs of this machine: its Go, and
# Redis, HAProxy and Prometheus from Debian's packages. An image that is there already is left alone. There is none for
# Grafana, which Debian does not package.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

missing=()
need() { command -v "$1" >/dev/null || missing+=("$2"); }
need busybox busybox-static
need redis-server redis-server
need haproxy haproxy
need prometheus prometheus
[ -e /etc/ssl/certs/ca-certificates.crt ] || missing+=(ca-certificates)
if [ ${#missing[@]} -gt 0 ]; then
	export DEBIAN_FRONTEND=noninteractive
	# Their services would take ports of this machine.
	printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d
	apt-get update -qq && apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
	rm -f /usr/sbin/policy-rc.d
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

image_of() { grep -hoE "(FROM|image:) $1[^ ]+" Dockerfile docker-compose.yml | head -n 1 | cut -d ' ' -f 2; }

# made NAME [STATE]: whether the image is there: the real one, or a stand-in of this state.
made() {
	local state
	state=$(docker image inspect --format '{{ index .Config.Labels "stand-in" }}' "$1" 2>/dev/null) || return 1
	[ -z "$state" ] || [ "$state" = "${2:-made}" ] || return 1
	echo "$1 is there"
}

# root DIR PROGRAM…: a root file system of a shell and some programs, each with the libraries it is linked with.
root() {
	local dir=$1 program library
	shift
	mkdir -p "$dir"/{bin,etc,tmp,usr/bin,data}
	chmod 1777 "$dir/tmp"
	cp "$(command -v busybox)" "$dir/bin/busybox"
	for program in sh cat ls sleep wget nc; do ln -s busybox "$dir/bin/$program"; done
	printf 'root:x:0:0::/:/bin/sh\nnonroot:x:65532:65532::/:/bin/sh\n' >"$dir/etc/passwd"
	printf 'root:x:0:\nnonroot:x:65532:\n' >"$dir/etc/group"
	for program in "$@"; do
		cp -L "$(command -v "$program")" "$dir/usr/bin/"
		{ ldd "$(command -v "$program")" 2>/dev/null || true; } | grep -oE '/[^ ]+' | while read -r library; do
			mkdir -p "$dir$(dirname "$library")"
			cp -Ln "$library" "$dir$library"
		done
	done
}

# image NAME STATE DIR INSTRUCTION…: makes the image of a root file system.
image() {
	local name=$1 dir=$3 instruction arguments=(--change "LABEL stand-in=$2")
	shift 3
	for instruction in "$@"; do arguments+=(--change "$instruction"); done
	tar -C "$dir" -c . | docker import "${arguments[@]}" - "$name" >/dev/null
	echo "$name made"
}

go_image=$(image_of 'golang:')
modules=$(sha256sum go.sum | cut -c 1-16)
if ! made "$go_image" "$modules"; then
	root "$work/go"
	mkdir -p "$work/go/usr/local" "$work/go/go/pkg"
	for applet in mkdir rm cp chmod true env; do ln -s busybox "$work/go/bin/$applet"; done
	cp -r "$(go env GOROOT)" "$work/go/usr/local/go"
	# The modules of this project, and of no other.
	cache=$(go env GOMODCACHE)
	go mod download
	GOFLAGS=-modcacherw GOMODCACHE="$work/go/go/pkg/mod" GOPROXY="file://$cache/cache/download" GOSUMDB=off go mod download
	image "$go_image" "$modules" "$work/go" 'ENV PATH=/usr/local/go/bin:/usr/bin:/bin' 'ENV GOPATH=/go' 'ENV GOPROXY=off' 'ENV GOTOOLCHAIN=local' 'ENV GOCACHE=/tmp/cache' 'CMD ["/bin/sh"]'
fi

static_image=$(image_of 'gcr.io/distroless/static')
if ! made "$static_image"; then
	mkdir -p "$work/static/etc/ssl/certs" "$work/static/tmp"
	chmod 1777 "$work/static/tmp"
	cp -L /etc/ssl/certs/ca-certificates.crt "$work/static/etc/ssl/certs/"
	printf 'root:x:0:0::/:/sbin/nologin\nnonroot:x:65532:65532::/nonexistent:/sbin/nologin\n' >"$work/static/etc/passwd"
	printf 'root:x:0:\nnonroot:x:65532:\n' >"$work/static/etc/group"
	image "$static_image" made "$work/static" 'USER 65532'
fi

redis_image=$(image_of 'redis:')
if [ -n "$redis_image" ] && ! made "$redis_image"; then
	root "$work/redis" redis-server redis-cli
	image "$redis_image" made "$work/redis" 'ENV PATH=/usr/bin:/bin' 'WORKDIR /data' 'CMD ["redis-server"]'
fi

haproxy_image=$(image_of 'haproxy:')
if [ -n "$haproxy_image" ] && ! made "$haproxy_image"; then
	root "$work/haproxy" haproxy
	image "$haproxy_image" made "$work/haproxy" 'ENV PATH=/usr/bin:/bin' 'CMD ["haproxy", "-W", "-db", "-f", "/usr/local/etc/haproxy/haproxy.cfg"]'
fi

prometheus_image=$(image_of 'prom/prometheus:')
if [ -n "$prometheus_image" ] && ! made "$prometheus_image"; then
	root "$work/prometheus" prometheus
	mkdir -p "$work/prometheus/prometheus"
	chmod 1777 "$work/prometheus/prometheus"
	image "$prometheus_image" made "$work/prometheus" 'ENV PATH=/usr/bin:/bin' 'WORKDIR /prometheus' 'USER 65532' 'ENTRYPOINT ["prometheus"]'
fi
