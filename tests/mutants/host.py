# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Mutants that a case on this machine kills."""
import os
import queue
import subprocess
from concurrent.futures import ThreadPoolExecutor

import taplib
from results import KILLED, NOT_RUN, OTHERWISE, SURVIVED
from tree import Tree

SECONDS_BUILD = 600
SECONDS_CASE = 120
SECONDS_ALL = 300


# A suite: what make builds for a case, and how the case alone is run.

def programs_of(folder):
    """A folder of tests/ whose programs have cases."""
    def suite(tree, case):
        """PROGRAM: CASE"""
        program, name = case.split(": ", 1)
        out = os.path.join(tree, "build", folder)
        path = os.path.join(out, program)
        return (["-C", f"tests/{folder}", f"OUT={out}", "WERROR=", path],
                [path, name], name)
    return suite


def lib(tree, case):
    """PROGRAM VARIANT: CASE"""
    title, name = case.split(": ", 1)
    program, variant = title.split()
    out = os.path.join(tree, "build", "lib-tests")
    path = os.path.join(out, variant, program)
    return (["-C", "tests/lib", f"OUT={out}", path], [path, name], name)


def cli(tree, case):
    """CASE"""
    out = os.path.join(tree, "build", "cli")
    return (["-C", "cli", f"OUT={out}"],
            [os.path.join(tree, "tests", "cli", "run"), case], case)


def cli_input(tree, case):
    """CASE"""
    out = os.path.join(tree, "build", "cli")
    return (["-C", "cli", f"OUT={out}"],
            [os.path.join(tree, "tests", "cli", "input"), case], case)


def cli_fleet(tree, case):
    """A case of tests/cli/fleet."""
    out = os.path.join(tree, "build", "cli")
    return (["-C", "cli", f"OUT={out}"],
            [os.path.join(tree, "tests", "cli", "fleet"), case], case)


SUITES = {"unit": programs_of("unit"), "dump": programs_of("dump"),
          "lib": lib, "cli": cli, "cli-input": cli_input,
          "cli-fleet": cli_fleet}


class Killer:
    """One case of one suite in one tree."""

    def __init__(self, tree, suite, case):
        if suite not in SUITES:
            raise ValueError(f"there is no suite '{suite}'")
        self.tree = tree
        self.make, self.command, self.name = SUITES[suite](tree, case)

    def build(self):
        """'' or the compiler's words."""
        done = subprocess.run(
            ["make", "-s", "--no-print-directory", "-C", self.tree]
            + self.make, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            cwd=self.tree, timeout=SECONDS_BUILD, check=False, text=True)
        return done.stdout[-800:] or "make failed" if done.returncode else ""

    def _run(self, command, seconds):
        """(how it ended, what it planned, {case: result})"""
        results = {}
        reader = taplib.Reader(
            "killer", taplib.Skips(allow_all=True),
            lambda is_ok, case, skip: results.setdefault(
                case, "skipped" if skip else "ok" if is_ok else "not ok"))
        ended = taplib.run(command, seconds, reader.feed)
        return ended, reader, results

    def others(self):
        """What else of the case's program sees it, where the case did not."""
        ended, _, results = self._run(self.command[:-1], SECONDS_ALL)
        seen = [name for name in results if results[name] == "not ok"]
        if not seen and (ended.is_timeout or ended.status):
            seen = ["the program's end"]
        return seen

    def run(self):
        """'ok', 'not ok', 'died: ...', or 'not run'."""
        ended, reader, results = self._run(self.command, SECONDS_CASE)
        if self.name in results:
            return results[self.name]
        if ended.is_timeout:
            return "died: it did not end"
        if ended.status and reader.plan:
            return "died: " + taplib.describe_status(ended.status)
        return "not run"


def is_seen(result):
    # The program ran this case alone: what it died of is the case's failure.
    return result == "not ok" or result.startswith("died")


def judge_killers(tree, mutant):
    """(kind, detail) of a mutant that has been put in."""
    details = []
    for suite, case, _ in mutant.killers:
        killer = Killer(tree.path, suite, case)
        problem = killer.build()
        if problem:
            return NOT_RUN, "does not build: " + problem
        result = killer.run()
        details.append(f"{suite} {case}: {result}")
        if not is_seen(result):
            others = killer.others()
            details += [f"also not ok: {name}" for name in others]
            return OTHERWISE if others else SURVIVED, "\n".join(details)
    return KILLED, "\n".join(details)


def judge_one(tree, mutant, verdicts):
    """(kind, detail); the tree is sound again when this returns."""
    if verdicts.is_time_up():
        return NOT_RUN, "the time is up"
    problem = tree.put_in(mutant)
    try:
        if problem:
            return NOT_RUN, problem
        return judge_killers(tree, mutant)
    except (ValueError, subprocess.TimeoutExpired) as error:
        return NOT_RUN, str(error)
    finally:
        tree.take_out(mutant)


def check_sound(tree, mutants):
    """{killer: why it proves nothing} for each that fails without a mutant."""
    faults = {}
    for suite, case in sorted({k[:2] for m in mutants for k in m.killers}):
        try:
            killer = Killer(tree.path, suite, case)
            result = killer.build() or killer.run()
        except ValueError as error:
            result = str(error)
        if result != "ok":
            faults[suite, case] = f"without a mutant {suite} {case}: {result}"
    return faults


def judge(mutants, out, verdicts):
    if not mutants:
        return
    nr_jobs = len(os.sched_getaffinity(0))
    trees = queue.Queue()
    names = [f"host.{nr}" for nr in range(nr_jobs)]
    for name in names:
        trees.put(Tree(out, name))

    def in_a_tree(work, *args):
        tree = trees.get()
        try:
            return work(tree, *args)
        finally:
            trees.put(tree)

    # Neighbours by killer: what one has built serves the next.
    mutants = sorted(mutants, key=lambda m: m.killers)
    with ThreadPoolExecutor(nr_jobs) as pool:
        parts = [mutants[nr::nr_jobs] for nr in range(nr_jobs)]
        faults = {}
        for found in pool.map(lambda part: in_a_tree(check_sound, part), parts):
            faults.update(found)
        results = pool.map(
            lambda m: in_a_tree(judge_one, m, verdicts), mutants)
        for mutant, (kind, detail) in zip(mutants, results):
            unsound = [faults[k[:2]] for k in mutant.killers
                       if k[:2] in faults]
            verdicts.say(mutant, NOT_RUN if unsound else kind,
                             "\n".join(unsound) or detail)
