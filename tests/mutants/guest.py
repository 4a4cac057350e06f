# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Mutants of the module, several a boot. A mutant is killed only by its own case
saying "not ok", or, where it says so, by the guest's death with the words that
it expects; and only where the case passes with the sound module in that guest."""
import hashlib
import os
import re
import shutil
import subprocess
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

import taplib
from results import KILLED, NOT_RUN, OTHERWISE, SURVIVED, worst
from tree import TOP, Tree, files_below

TARGET = "i386-6.1"
SOURCES = ("Kbuild", "engine/", "include/", "module/", "port/linux/", "port/x86/", "scripts/")
BOOT_MAX = 8            # mutants in one boot
SECONDS_BUILD = 900
SECONDS_BOOT = 1200
BOOT_TIMEOUT = 200      # exit status of vm/boot, see there
TRIES_MAX = 3           # boots in turn that say nothing of any mutant


def target_of(suite):
    """'vm-heap' or 'vm-heap@amd64-6.1': (suite, target)."""
    name, _, target = suite.partition("@")
    return name[3:], target or TARGET


def digest(tree, target):
    """Of all that a module is built from."""
    total = hashlib.sha256(target.encode())
    for name in sorted(files_below(tree.path)):
        if name.startswith(SOURCES):
            with open(os.path.join(tree.path, name), "rb") as file:
                total.update(name.encode() + b"\0" + file.read())
    return total.hexdigest()[:24]


def build(tree, target, out):
    """(path of the module, problem). One that was built before is kept: a
    mutant costs a boot the second time."""
    kept = os.path.join(out, "modules", digest(tree, target) + ".ko")
    if os.path.exists(kept):
        return kept, ""
    done = subprocess.run(
        [os.path.join(tree.path, "scripts", "build-module"), target],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=SECONDS_BUILD, check=False)
    if done.returncode:
        return None, "does not build: " + done.stdout[-800:]
    os.makedirs(os.path.dirname(kept), exist_ok=True)
    module = os.path.join(done.stdout.strip().split("\n")[-1], "noalias.ko")
    subprocess.run(["strip", "-g", "-o", kept + ".new", module], check=True)
    os.rename(kept + ".new", kept)
    return kept, ""


class Job:
    """One killer of one mutant: a module built, a case to run."""

    def __init__(self, mutant, idx):
        self.mutant = mutant
        self.suite, self.case, self.last_words = mutant.killers[idx]
        self.name = f"{mutant.name}.{idx + 1}" if idx else mutant.name
        self.module = None      # to be: (path, problem)
        self.result = None      # (kind, detail)

    def only(self):
        """What the guest is told to run: nothing is everything."""
        return self.case + "\n" if ": " in self.case else ""


class Builder:
    """Builds modules one after the other, beside the guest that runs."""

    def __init__(self, out):
        self.out = out
        self.trees = {}
        self.pool = ThreadPoolExecutor(1)

    def begin(self, job, target):
        job.module = self.pool.submit(self._build, job, target)

    def _build(self, job, target):
        if target not in self.trees:
            self.trees[target] = Tree(self.out, "guest." + target)
        tree = self.trees[target]
        problem = tree.put_in(job.mutant)
        try:
            return (None, problem) if problem else build(tree, target, self.out)
        except subprocess.TimeoutExpired as error:
            return None, str(error)
        finally:
            tree.take_out(job.mutant)

    def end(self):
        self.pool.shutdown(cancel_futures=True)


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def put_job(job, folder):
    """The job's module and case into @folder, or its result: does not build."""
    module, problem = job.module.result()
    if problem:
        job.result = NOT_RUN, problem
        return
    path = os.path.join(folder, job.name)
    os.makedirs(path)
    shutil.copy(module, os.path.join(path, "noalias.ko"))
    write(os.path.join(path, "only"), job.only())
    write(os.path.join(path, "case"), job.case + "\n")


class Said:
    """What the guest said, by module."""
    BEGINS = re.compile(r"mutants: (\S+) begins$")
    ENDS = re.compile(r"mutants: (\S+) ends with status (\d+)$")
    TEST = re.compile(r"(not )?ok \d+ - (.*?)(?: # SKIP.*)?$")

    def __init__(self):
        self.runs = []      # [name, {case: ok or not ok}, status]
        self.lines = []

    def feed(self, line):
        line = line.rstrip("\r\n")
        self.lines.append(line)
        match = self.BEGINS.match(line)
        if match:
            self.runs.append([match[1], {}, None])
        match = self.ENDS.match(line)
        if match and self.runs:
            self.runs[-1][2] = int(match[2])
        match = self.TEST.match(line)
        if match and self.runs:
            results = self.runs[-1][1]
            # A case may run several times; it failed if it failed once.
            if results.get(match[2]) != "not ok":
                results[match[2]] = "not ok" if match[1] else "ok"


def boot(suite, target, folder):
    """(Said, exit status of vm/boot, the console's text)."""
    said = Said()
    env = dict(os.environ, NA_TARGET=target, NA_THOROUGH="1")
    ended = taplib.run(
        [os.path.join(TOP, "tests", "vm", "run"), "--mutants", folder, suite],
        SECONDS_BOOT, said.feed, env=env)
    console = os.path.join(TOP, "build", target, suite + "-mutants.out",
                           "console.log")
    text = ""
    if os.path.exists(console):
        with open(console, encoding="utf-8", errors="replace") as file:
            text = file.read()
    return said, ended.status, text


def judge_run(job, results, status, died, console):
    """One run of the job's module: (kind, detail)."""
    if status is None:
        if job.last_words and died and job.last_words in console:
            return KILLED, f"the guest died: {job.last_words}"
        if died and not job.last_words and results.get(job.case) == "not ok":
            return KILLED, f"{job.suite} {job.case}: not ok, and then the " \
                f"guest died: {last_lines(console)}"
        return OTHERWISE, "the guest died of it, and was not expected to " \
            f"(or not so): {last_lines(console)}"
    result = results.get(job.case, "not run")
    others = [case for case, found in results.items()
              if found == "not ok" and case != job.case]
    text = f"{job.suite} {job.case}: {result}" + "".join(
        f"\nalso not ok: {case}" for case in others)
    if result == "not ok":
        return OTHERWISE if job.last_words else KILLED, text
    return OTHERWISE if others else SURVIVED, text


def last_lines(console):
    lines = [line for line in console.split("\n")
             if re.search(r"WARNING|BUG|Oops|panic|RIP|EIP", line)]
    return " / ".join(lines[:4]) or "it hung"


def control_of(said):
    """What the cases say of the module as it is; None: it did not run."""
    for name, results, status in said.runs:
        if name == "control" and status is not None:
            return results
    return None


def read_boot(jobs, said, status, console):
    """Gives each job that ran its result."""
    control = control_of(said)
    if control is None:
        return
    by_name = {job.name: job for job in jobs}
    for job in jobs:
        if control.get(job.case) != "ok":
            job.result = NOT_RUN, "without a mutant %s: %s" % (
                job.case, control.get(job.case, "not run"))
    nr_before = 0
    for name, results, ended in said.runs:
        job = by_name.get(name)
        # One that was cut short has a boot of its own next time, or first
        # place in it, before it is said to hang.
        if ended is None and status == BOOT_TIMEOUT and nr_before:
            continue
        if job and not job.result:
            job.result = judge_run(job, results, ended, status != 0, console)
        nr_before += bool(job)


def boot_some(jobs, suite, target, out):
    """One boot of as many as it takes; what was said last."""
    folder = os.path.join(out, f"boot.{suite}.{target}")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    for job in jobs:
        put_job(job, folder)
    some = [job for job in jobs if not job.result]
    if not some:
        return []
    said, status, console = boot(suite, target, folder)
    read_boot(some, said, status, console)
    return said.lines[-3:]


def run_suite(jobs, suite, target, out, verdicts):
    """Boots until each job has a result; yields after each boot."""
    nr_idle = 0
    while True:
        left = [job for job in jobs if not job.result]
        if not left:
            return
        if verdicts.is_time_up():
            said, nr_idle = ["the time is up"], TRIES_MAX
        else:
            said = boot_some(left[:BOOT_MAX], suite, target, out)
            nr_idle = 0 if any(job.result for job in left) else nr_idle + 1
        if nr_idle == TRIES_MAX:
            for job in left:
                job.result = NOT_RUN, "no boot gets to it: " + " / ".join(said)
        yield


def say_new(jobs, told, verdicts):
    """Of each mutant whose killers have all had their say."""
    by_mutant = defaultdict(list)
    for job in jobs:
        by_mutant[job.mutant].append(job)
    for mutant, mine in by_mutant.items():
        if mutant in told or not all(job.result for job in mine):
            continue
        told.add(mutant)
        verdicts.say(mutant, worst([job.result[0] for job in mine]),
                     "\n".join(job.result[1] for job in mine))


def judge(mutants, out, verdicts):
    jobs = [Job(mutant, idx) for mutant in mutants
            for idx in range(len(mutant.killers))]
    groups = defaultdict(list)
    for job in jobs:
        groups[job.suite].append(job)
    builder = Builder(out)
    told = set()
    try:
        for suite in sorted(groups):
            for job in groups[suite]:
                builder.begin(job, target_of(suite)[1])
        for suite in sorted(groups):
            for _ in run_suite(groups[suite], *target_of(suite), out,
                               verdicts):
                say_new(jobs, told, verdicts)
    finally:
        builder.end()
