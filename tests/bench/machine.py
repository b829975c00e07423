# SPDX-License-Identifier: BSD-2-Clause
"""Where the measurements take place: a mount namespace, folders, and what ends with them."""

import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
import time

SOURCE = os.path.dirname(os.path.abspath(__file__))
LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS = 0x20000
MS_REC, MS_PRIVATE, MNT_DETACH = 0x4000, 0x40000, 2


class Unable(Exception):
    """What keeps us from measuring; for the user."""


def check_call(result, what):
    if result != 0:
        raise Unable(f"{what}: {os.strerror(ctypes.get_errno())}")


def enter_private_namespace():
    """Nothing that is mounted from here on shows outside, and all of it ends with us."""
    check_call(LIBC.unshare(CLONE_NEWNS), "make a mount namespace")
    check_call(LIBC.mount(None, b"/", None, MS_REC | MS_PRIVATE, None), "make the mounts private")
    # crun refuses to run where both versions of cgroups are mounted, even if told to use none.
    hybrid = "/sys/fs/cgroup/unified"
    if os.path.ismount(hybrid):
        check_call(LIBC.umount2(hybrid.encode(), MNT_DETACH), f"unmount {hybrid}")


def output_of(command):
    """The standard output of a program that has to succeed."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        raise Unable(f"{' '.join(command)}: status {done.returncode}: {done.stderr.strip()}")
    return done.stdout


class Machine:
    """Folders for state (on disk) and for what runs (in memory), a root, and the two programs that
    measure. To be used in a `with`, which leaves nothing behind."""

    def __init__(self, folder, programs):
        enter_private_namespace()
        self.at_exit = []
        self.programs = programs
        in_memory = memory_folder()
        self.disk = tempfile.mkdtemp(prefix="brig-bench.", dir=folder)
        self.memory = tempfile.mkdtemp(prefix="brig-bench.", dir=in_memory)

    def __enter__(self):
        try:
            self.root = os.path.join(self.disk, "root")
            output_of([os.path.join(SOURCE, "../support/make_busybox_root.sh"), self.root])
            self.floor = self.program("bench_floor", "floor.cpp")
            self.timer = self.program("bench_time", "time.cpp")
        except BaseException:
            self.clean_up()
            raise
        return self

    def __exit__(self, *_):
        self.clean_up()

    def program(self, name, source):
        """As built with brig, or else built now."""
        path = os.path.join(self.programs, name)
        if not os.access(path, os.X_OK):
            path = os.path.join(self.disk, name)
            compiler = os.environ.get("CXX", "c++")
            output_of([compiler, "-std=c++20", "-O2", "-static", "-o", path,
                       os.path.join(SOURCE, source)])
        return path

    def folder(self, *names):
        path = os.path.join(self.disk, *names)
        os.makedirs(path, exist_ok=True)
        return path

    def memory_folder(self, name):
        path = os.path.join(self.memory, name)
        os.makedirs(path, exist_ok=True)
        return path

    def overlay_folder(self):
        for name in ("upper", "work", "root"):
            self.folder("overlay", name)
        return self.folder("overlay")

    def clean_up(self):
        """Not to be interrupted: containers, then processes, then folders."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        for action in reversed(self.at_exit):
            action()
        kill_companions()
        unmount_below(self.disk)
        for folder in (self.disk, self.memory):
            shutil.rmtree(folder, ignore_errors=True)
            if os.path.exists(folder):
                print(f"compare: '{folder}' could not be removed")


def memory_folder():
    for folder in ("/dev/shm", "/run"):
        if os.path.isdir(folder) and file_system_of(folder) == "tmpfs":
            return folder
    raise Unable("neither /dev/shm nor /run is a tmpfs, which run state is to be on")


def file_system_of(folder):
    return output_of(["stat", "-f", "-c", "%T", folder]).strip()


def companions():
    """Whoever else is in our mount namespace was started by us: a supervisor that still tears down,
    or one that lost its engine."""
    ours = os.readlink("/proc/self/ns/mnt")
    for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
        try:
            if pid != os.getpid() and os.readlink(f"/proc/{pid}/ns/mnt") == ours:
                yield pid
        except OSError:  # it has ended meanwhile
            continue


def kill_companions():
    deadline = time.monotonic() + 5
    while any(companions()) and time.monotonic() < deadline:
        time.sleep(0.02)
    for pid in companions():
        print(f"compare: process {pid} was still there and is killed")
        os.kill(pid, signal.SIGKILL)


def unmount_below(folder):
    with open("/proc/self/mountinfo", encoding="utf-8") as table:
        points = [line.split()[4] for line in table]
    for point in reversed(points):
        if point.startswith(folder + "/"):
            LIBC.umount2(point.encode(), MNT_DETACH)
