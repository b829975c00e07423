#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause

# PROVIDE: brig
# REQUIRE: LOGIN FILESYSTEMS
# BEFORE: securelevel
# KEYWORD: shutdown

# Starts the containers whose restart policies ask for it, and stops all at the end; see rc(8).
# Copy it to /usr/local/etc/rc.d/brig with mode 555, and set these in /etc/rc.conf:
#
# brig_enable (bool):   Set it to YES. Default: NO.
# brig_program (path):  Default: /usr/local/bin/brig.
# brig_flags (string):  Options before the command, such as --config FILE.

. /etc/rc.subr

name=brig
desc="Containers as jails"
rcvar=brig_enable

load_rc_config $name

: "${brig_enable:=NO}"
: "${brig_program:=/usr/local/bin/brig}"
: "${brig_flags:=}"

start_cmd=brig_start
stop_cmd=brig_stop
status_cmd=brig_status
extra_commands=status

# The flags are words, so they are not quoted.
brig_start()
{
	echo "Starting containers."
	"${brig_program}" ${brig_flags} start --all
}

brig_stop()
{
	echo "Stopping containers."
	"${brig_program}" ${brig_flags} stop --all
}

brig_status()
{
	"${brig_program}" ${brig_flags} ps
}

run_rc_command "$1"
