"""The root file system that all lab hosts share: a bare Debian with systemd and sshd, made once."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

SUITE = "bookworm"
# What a bare server has; no curl, no zstd, no rsync, no python3.
PACKAGES = "systemd,systemd-sysv,dbus,openssh-server,iproute2,procps,sudo"
# `deploy` is how Slipway comes in as nobody special; `app` is whom services run as.
CUSTOMISE = """
set -e
chroot "$1" useradd --create-home --shell /bin/sh deploy
chroot "$1" useradd --system --shell /usr/sbin/nologin app
echo 'deploy ALL=(ALL:ALL) NOPASSWD: ALL' >"$1/etc/sudoers.d/deploy"
chmod 0440 "$1/etc/sudoers.d/deploy"
rm -f "$1"/etc/ssh/ssh_host_* "$1/etc/hostname"
: >"$1/etc/machine-id"
sshd=$1/etc/ssh/sshd_config.d/lab.conf
printf 'HostKey /etc/ssh/ssh_host_ed25519_key\\nMaxStartups 200\\n' >"$sshd"
units=$1/etc/systemd/system
mkdir -p "$units/multi-user.target.wants"
ln -sf /lib/systemd/system/systemd-networkd.service "$units/multi-user.target.wants/"
for unit in getty.target console-getty.service apt-daily.timer apt-daily-upgrade.timer \\
    dpkg-db-backup.timer e2scrub_all.timer fstrim.timer e2scrub_reap.service \\
    systemd-networkd-wait-online.service; do
    ln -sf /dev/null "$units/$unit"
done
"""


def cache_folder() -> Path:
    return Path(os.environ.get("SLIPWAY_LAB_CACHE") or Path.home() / ".cache" / "slipway-lab")


def get_base_image() -> Path:
    """Return the folder of the unpacked root file system; made on first use, in a minute or less.

    Raises subprocess.CalledProcessError with mmdebstrap's words when it cannot be made.
    """
    recipe = hashlib.sha256(f"{SUITE} {PACKAGES} {CUSTOMISE}".encode()).hexdigest()[:12]
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    image = folder / f"base-{recipe}"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not image.exists():
            _build(image.with_suffix(".new"))
            image.with_suffix(".new").rename(image)
    return image


def _build(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)  # left by a build that was interrupted
    hook = folder.with_suffix(".hook")
    hook.write_text(f"#!/bin/sh\n{CUSTOMISE}")
    hook.chmod(0o755)
    mirror = os.environ.get("SLIPWAY_LAB_MIRROR")
    subprocess.run(
        [
            *("mmdebstrap", "--quiet", "--variant=minbase", "--format=directory"),
            *(f"--include={PACKAGES}", f"--customize-hook={hook}", SUITE, str(folder)),
            *([mirror] if mirror else []),
        ],
        check=True,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
    )
    hook.unlink()
