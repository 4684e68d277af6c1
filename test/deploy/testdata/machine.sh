#!/usr/bin/env bash
# A machine that runs systemd, made of this one: namespaces of its own, and its files as a copy that is written to memory. It
# ends with its first process, and leaves nothing but an empty cgroup.
#
#   machine.sh boot NAME SHARE     SHARE is a folder, which the machine has as /mnt; NAME is that of the cgroup
#   machine.sh forget NAME
#   machine.sh try                 whether this machine lets somebody make another one
set -euo pipefail

# Each of these has a view of the mounts of its own, so that all of them are gone with it.
if [ "${ALONE:-}" = "" ]; then exec env ALONE=1 unshare --mount "$0" "$@"; fi
cgroups=$(mktemp -d)
mount -t cgroup2 cgroup2 "$cgroups"

copy() {
	work=$(mktemp -d)
	mount -t tmpfs tmpfs "$work"
	mkdir "$work"/{above,work,root}
	mount -t overlay overlay -o "lowerdir=/,upperdir=$work/above,workdir=$work/work" "$work/root"
	root=$work/root
}

case $1 in
try)
	copy
	unshare --pid --ipc --uts --net --cgroup --fork true
	;;
forget)
	find "$cgroups/$2" -depth -type d -exec rmdir {} \; 2>/dev/null || true
	;;
boot)
	mkdir "$cgroups/$2"
	echo $$ >"$cgroups/$2/cgroup.procs"
	exec unshare --pid --ipc --uts --net --cgroup --kill-child --fork "$0" inside "$3"
	;;
inside)
	copy
	# Nothing that this machine starts is started in it, and nothing in it may change the kernel.
	rm -rf "$root"/etc/systemd/system/*.wants "$root"/etc/rc?.d "$root/etc/bonus-adapter" "$root/usr/bin/bonus-adapter"
	mount -t proc proc "$root/proc"
	mount --bind "$root/proc/sys" "$root/proc/sys"
	mount -o remount,bind,ro "$root/proc/sys"
	mount -t sysfs -o ro sysfs "$root/sys"
	mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
	mount -t tmpfs tmpfs "$root/run"
	mount -t tmpfs tmpfs "$root/tmp"
	mount -t tmpfs -o mode=755 tmpfs "$root/dev"
	for device in "null 1 3" "zero 1 5" "full 1 7" "random 1 8" "urandom 1 9" "tty 5 0"; do
		# shellcheck disable=SC2086
		mknod -m 666 "$root/dev/"${device%% *} c ${device#* }
	done
	mkdir "$root/dev/pts" "$root/dev/shm"
	mount -t devpts -o newinstance,ptmxmode=666 devpts "$root/dev/pts"
	ln -s pts/ptmx "$root/dev/ptmx"
	mount --bind "$2" "$root/mnt"
	# A change of the root alone (chroot) would not do: the kernel lets nobody make namespaces of users within one.
	mkdir "$root/run/before"
	cd "$root"
	pivot_root . run/before
	umount --lazy /run/before
	exec env -i container=other PATH="$PATH" /lib/systemd/systemd --system --unit=basic.target --show-status=0
	;;
esac
