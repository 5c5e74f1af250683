#!/bin/sh
# Runs a command in a bare root as a container engine would, told to be strict: read-only but for the volume, /tmp not
# executable, one user, no capabilities. What is mounted here lives in the namespace of this process and ends with it:
#   unshare --mount --pid --fork --kill-child as_container.sh ROOT USER VOLUME FOLDER NAME=VALUE … COMMAND …
set -eu
root=$1 user=$2 volume=$3 folder=$4
shift 4

mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=1777,noexec,nosuid,nodev tmp "$root/tmp"
mount -t tmpfs -o mode=755 dev "$root/dev"
for device in null zero full random urandom; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/shm"
mount -t tmpfs -o mode=1777,noexec,nosuid,nodev shm "$root/dev/shm"
ln -s /proc/self/fd "$root/dev/fd"

chown --reference="$root$volume" "$folder" # a new volume belongs to whom the image's folder belongs
mount --bind "$folder" "$root$volume"
mount -o remount,bind,ro "$root"

exec chroot "$root" setpriv --reuid "$user" --regid "$user" --init-groups --no-new-privs --inh-caps=-all --bounding-set=-all \
  env -i -C /app PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
