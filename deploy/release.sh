#!/usr/bin/env bash
# Everything of a release, in dist/ (or the folder that DIST names): static binaries, a Debian package for each of Linux's architectures, a list of what is
# in them (CycloneDX), and the checksums of all.
#
#   deploy/release.sh [PLATFORM…]          for example linux/amd64; all of them without
#
# The version is the tag of the commit that is checked out, as go build finds it. The same commit and the same Go give the
# same bytes: nothing of this machine, its paths or the time gets in.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

platforms=("$@")
[ ${#platforms[@]} -gt 0 ] || platforms=(linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64)
version=$(git describe --tags --match 'v[0-9]*' 2>/dev/null || echo "v0.0.0-$(git rev-parse --short=12 HEAD)")
export SOURCE_DATE_EPOCH GOTOOLCHAIN=local CGO_ENABLED=0 GOFLAGS='-mod=readonly -trimpath -buildvcs=auto'
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)

dist=${DIST:-dist}
rm -rf "$dist"
mkdir -p "$dist"
for platform in "${platforms[@]}"; do
	name=bonus-adapter_${platform/\//_}
	[ "${platform%/*}" != windows ] || name+=.exe
	GOOS=${platform%/*} GOARCH=${platform#*/} go build -ldflags '-s -w -buildid=' -o "$dist/$name" ./cmd/bonus-adapter
	echo "$dist/$name"
done

# package ARCH: a Debian package of the binary, its unit and an example of a config.
package() {
	local root name
	root=$(mktemp -d)
	chmod 0755 "$root"
	name=$dist/bonus-adapter_${version#v}_$1.deb
	install -D -m 0755 "$dist/bonus-adapter_linux_$1" "$root/usr/bin/bonus-adapter"
	install -D -m 0644 deploy/systemd/bonus-adapter.service "$root/usr/lib/systemd/system/bonus-adapter.service"
	install -D -m 0644 -t "$root/usr/share/doc/bonus-adapter" README.md README.ru.md CONFIGURATION.md CHANGELOG.md LICENSE config.yaml
	install -d "$root/DEBIAN" "$root/etc/bonus-adapter"
	sed -e "s/@VERSION@/${version#v}/" -e "s/@ARCH@/$1/" deploy/debian/control >"$root/DEBIAN/control"
	install -m 0755 deploy/debian/{postinst,prerm,postrm} "$root/DEBIAN/"
	(cd "$root" && find usr -type f -exec md5sum {} + | LC_ALL=C sort -k 2 >DEBIAN/md5sums && chmod 0644 DEBIAN/md5sums)
	find "$root" -newermt "@$SOURCE_DATE_EPOCH" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
	dpkg-deb --root-owner-group -Zxz --build "$root" "$name" >/dev/null
	rm -rf "$root"
	echo "$name"
}
for platform in "${platforms[@]}"; do
	[ "${platform%/*}" != linux ] || package "${platform#*/}"
done

GOFLAGS='' go tool -modfile=tools/go.mod cyclonedx-gomod mod -json -licenses=false -noserial -output "$dist/bonus-adapter.cdx.json" . 2>/dev/null
sed -i "s/\"timestamp\": \"[^\"]*\"/\"timestamp\": \"$(date -u -d "@$SOURCE_DATE_EPOCH" +%FT%TZ)\"/" "$dist/bonus-adapter.cdx.json"
echo "$dist/bonus-adapter.cdx.json"
(cd "$dist" && sha256sum -- * >SHA256SUMS)
echo "$dist/SHA256SUMS"
