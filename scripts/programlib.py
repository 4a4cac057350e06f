# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Test programs that print TAP: built by the Makefile of their folder, run as
one producer. Case C of program P becomes the test 'P: C', and whatever P did
that an honest producer does not do becomes a test that failed.
"""

import os
import subprocess
import sys

import taplib

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), ".."))
SECONDS_EACH = 300


class Folder:
    """Of tests/: its Makefile has the targets check-bins and list."""

    def __init__(self, name):
        self.name = name
        self.out = os.path.join(TOP, "build", name)

    def make(self, *args, **more):
        return subprocess.run(
            ["flock", self.out + ".lock", "make", "-s", "--no-print-directory",
             "-C", os.path.join(TOP, "tests", self.name), f"OUT={self.out}",
             *args], check=True, **more)

    def build(self):
        """Names of the programs; SystemExit after a bail out. Other suites
        build the same."""
        os.makedirs(os.path.dirname(self.out), exist_ok=True)
        try:
            self.make(f"-j{os.cpu_count()}", "check-bins", stdout=sys.stderr)
            return self.make("list", stdout=subprocess.PIPE,
                             text=True).stdout.split()
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"Bail out! cannot build tests/{self.name}: {error}")
            sys.exit(1)

    def command_of(self, program):
        """The thread sanitizer of older compilers cannot live with the address
        space of newer kernels, unless it is laid out without randomness."""
        path = os.path.join(self.out, program)
        if not program.endswith("-tsan"):
            return [path]
        probe = subprocess.run([path, "--list"], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, check=False)
        return [path] if not probe.returncode else ["setarch", "-R", path]


class Output:
    def __init__(self):
        self.nr = self.nr_failed = 0

    def result(self, program, is_ok, case, skip=None):
        self.nr += 1
        self.nr_failed += not is_ok
        print(f"{'' if is_ok else 'not '}ok {self.nr} - {program}: {case}"
              + (f" # SKIP {skip}" if skip else ""), flush=True)

    def run(self, program, command):
        reader = taplib.Reader(
            program, taplib.Skips(allow_all=True),
            lambda is_ok, case, skip: self.result(program, is_ok, case, skip))

        def on_line(line):
            if line.startswith("#"):
                print(line, flush=True)
            reader.feed(line)

        try:
            reader.finish(taplib.run(command, SECONDS_EACH, on_line))
        except OSError as error:
            reader.problem(f"cannot be run: {error.strerror}")
        if not reader.is_good() and not reader.problems:
            reader.problems.append("failed")
        for text in reader.problems:
            self.result(program, False, text)


def main(name, programs):
    """Run these programs of a folder, or all of them; the exit status."""
    folder = Folder(name)
    output = Output()
    taplib.exit_on_term()
    for program in programs or folder.build():
        output.run(program, folder.command_of(program))
    print(f"1..{output.nr}")
    return 1 if output.nr_failed else 0
