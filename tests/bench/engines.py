# SPDX-License-Identifier: BSD-2-Clause
"""The contestants: each says by which commands it does what is measured."""

import contextlib
import json
import os
import shutil
import subprocess

from machine import Unable, output_of

NAMESPACES = ["pid", "ipc", "uts", "mount"]
# What brig mounts as well; the rest of the default would only slow the peers down.
MOUNTS = ["/proc", "/dev", "/dev/pts", "/dev/shm"]


class Floor:
    """The least: system calls by hand."""

    def __init__(self, machine):
        self.program = machine.floor
        self.root = machine.root
        self.overlay = machine.overlay_folder()
        self.true = os.path.join(machine.root, "bin/true")

    def execute(self):
        return [self.program, "exec", self.true]

    def run(self, network):
        return [self.program, "ns-net" if network else "ns", self.root, "true"]

    def run_on_overlay(self, network):
        word = "ns-net-overlay" if network else "ns-overlay"
        return [self.program, word, self.root, self.overlay, "true"]

    def run_on_bridge(self, bridge):
        return [self.program, "ns-net-veth", bridge, self.root, self.overlay, "true"]

    def enter(self, pid):
        return [self.program, "setns", str(pid), "true"]


class Bridge:
    """A bridge of the host for the floor, as brig's network has one."""

    NAME = "benchfloor"

    def __enter__(self):
        output_of(["ip", "link", "add", self.NAME, "type", "bridge"])
        output_of(["ip", "addr", "add", "10.119.0.1/24", "dev", self.NAME])
        output_of(["ip", "link", "set", self.NAME, "up"])
        return self.NAME

    def __exit__(self, *_):
        output_of(["ip", "link", "del", self.NAME])


class Brig:
    """One state directory of brig's with the image `base`. With `scratch`, what containers write
    that are not kept is in memory."""

    def __init__(self, machine, program, name, scratch=False):
        config = os.path.join(machine.disk, f"{name}.toml")
        state = machine.folder(name)
        run = machine.memory_folder(name)
        with open(config, "w", encoding="utf-8") as file:
            if scratch:
                file.write(f'[storage.dir]\ndriver = "storage-dir"\npath = "{state}/storage"\n'
                           f'scratch = "{run}/scratch"\n')
        self.command = [program, "--config", config, "--state", state, "--run", run]
        machine.at_exit.append(self.remove_all)
        output_of(self.command + ["image", "create", "base", "--from-dir", machine.root])
        output_of(self.run(network=True))

    def run(self, network):
        return self.command + ["run", "--rm", "-n", "none" if network else "host", "base", "true"]

    @contextlib.contextmanager
    def network(self, name, subnet):
        output_of(self.command + ["network", "create", name, "--subnet", subnet])
        try:
            yield name
        finally:
            output_of(self.command + ["network", "rm", name])

    def run_on(self, network):
        return self.command + ["run", "--rm", "-n", network, "base", "true"]

    def run_and_keep(self):
        return self.command + ["run", "-n", "host", "base", "true"]

    def execute(self, name):
        return self.command + ["exec", name, "true"]

    def list(self):
        return self.command + ["ps", "-a"]

    def create(self):
        return self.command + ["create", "-n", "host", "base", "true"]

    def start_idle(self, name):
        """A container that only waits; the process id of its init."""
        self.call(["run", "-d", "-n", "host", "--name", name, "base", "sleep", "100000"])
        return json.loads(self.call(["inspect", "--json", name]))[0]["jid"]

    def remove_all(self):
        """Every container there is. Never fails: it is part of cleaning up."""
        listed = subprocess.run(self.command + ["ps", "-a", "--json"], capture_output=True, text=True)
        ids = [entry["id"] for entry in json.loads(listed.stdout or "[]")]
        for first in range(0, len(ids), 100):
            subprocess.run(self.command + ["rm", "-f", *ids[first:first + 100]],
                           stdout=subprocess.DEVNULL)

    def call(self, arguments):
        return output_of(self.command + arguments)


class Peer:
    """crun or runc: bundles with the same root, namespaces and mounts, and no cgroups if it can.
    They are given a directory as root, not an overlay, and no filter of system calls."""

    def __init__(self, machine, name, options):
        program = shutil.which(name)
        if program is None:
            raise Unable(f"{name} is not installed; it is in Debian's package {name}")
        self.name = name
        self.machine = machine
        self.command = [program, "--root", machine.memory_folder(name), *options]
        self.bundles = {
            "host": self.make_bundle("host", ["true"], NAMESPACES),
            "none": self.make_bundle("none", ["true"], NAMESPACES + ["network"]),
            "idle": self.make_bundle("idle", ["sleep", "100000"], NAMESPACES),
        }
        machine.at_exit.append(self.remove_all)
        # Better now than a hundred times: cgroups, for one, are not to be had everywhere.
        output_of(self.command + ["run", "--bundle", self.bundles["none"], "trial"])

    def make_bundle(self, name, arguments, namespaces):
        bundle = self.machine.folder(self.name, name)
        subprocess.run([self.command[0], "spec"], cwd=bundle, check=True)
        path = os.path.join(bundle, "config.json")
        with open(path, encoding="utf-8") as file:
            config = json.load(file)
        config["process"]["terminal"] = False
        config["process"]["args"] = arguments
        config["root"] = {"path": self.machine.root, "readonly": False}
        config["linux"]["namespaces"] = [{"type": namespace} for namespace in namespaces]
        config["mounts"] = [mount for mount in config["mounts"] if mount["destination"] in MOUNTS]
        with open(path, "w", encoding="utf-8") as file:
            json.dump(config, file)
        return bundle

    def run(self, network):
        bundle = self.bundles["none" if network else "host"]
        return self.command + ["run", "--bundle", bundle, "bench-{}"]

    def execute(self, name):
        return self.command + ["exec", name, "true"]

    def start_idle(self, name):
        # Not by output_of: the container keeps the descriptors it was started with.
        subprocess.run(self.command + ["run", "--detach", "--bundle", self.bundles["idle"], name],
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)

    def remove_all(self):
        listed = subprocess.run(self.command + ["list", "-q"], capture_output=True, text=True)
        for name in listed.stdout.split():
            subprocess.run(self.command + ["delete", "--force", name])
