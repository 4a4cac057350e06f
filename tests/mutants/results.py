# SPDX-License-Identifier: GPL-2.0 OR MIT
"""What was seen of each mutant, kept from run to run, and the table of it."""
import contextlib
import fcntl
import glob
import hashlib
import json
import os

from tree import TOP

KILLED = "killed as named"
OTHERWISE = "killed otherwise"
SURVIVED = "survived"
NOT_RUN = "not run"
EXPECTED = "survives, as told"
KINDS = (KILLED, OTHERWISE, SURVIVED, NOT_RUN, EXPECTED)


def worst(kinds):
    """Of a mutant that several cases must see: what is said of it. Not run:
    nothing is, until each has its say."""
    return next(kind for kind in (NOT_RUN, SURVIVED, OTHERWISE, KILLED)
                if kind in kinds)


def sources_of(suite, case):
    """(files that may define the case, its name)"""
    title, _, name = case.rpartition(": ")
    program = title.split(" ")[0]
    if suite.startswith("vm-"):
        return [f"tests/guest/{program}.c"], name
    if suite in ("unit", "dump", "lib"):
        return [f"tests/{suite}/{program}.c"], name
    return ["tests/cli/run", "tests/cli/input", "tests/cli/fleet",
            "tests/cli/*.sh"], \
        case.partition("_of_")[0] if suite == "cli-input" else case


def paths_of(suite, case):
    files, _ = sources_of(suite, case)
    return sorted(path for file in files
                  for path in glob.glob(os.path.join(TOP, file)))


def digest(mutant):
    """Of the mutant, of the files that it changes and of its cases' sources:
    while these stay what was seen of it is believed by --resume."""
    total = hashlib.sha256()
    for text in mutant.kills + [text for hunk in mutant.hunks for text in hunk]:
        total.update(text.encode() + b"\0")
    paths = {os.path.join(TOP, file) for file, _, _ in mutant.hunks}
    for suite, case, _ in mutant.killers:
        paths.update(paths_of(suite, case))
    for path in sorted(paths):
        if os.path.isfile(path):
            with open(path, "rb") as file:
                name = os.path.relpath(path, TOP)
                total.update(name.encode() + b"\0" + file.read())
    return total.hexdigest()[:24]


@contextlib.contextmanager
def locked(path):
    with open(path, "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class Results:
    """Kept in one file, written after each mutant: a run may be cut short, and
    another one, of the other half, may go on beside it."""

    def __init__(self, out):
        self.out = out
        self.path = os.path.join(out, "results.json")
        self.kept = self._read()

    def _read(self):
        if not os.path.exists(self.path):
            return {}
        with open(self.path, encoding="utf-8") as file:
            return json.load(file)

    def put(self, mutant, kind, detail):
        with locked(self.path + ".lock"):
            self.kept = self._read()
            self.kept[mutant.name] = [digest(mutant), kind, detail]
            with open(self.path + ".new", "w", encoding="utf-8") as file:
                json.dump(self.kept, file, indent=1, sort_keys=True)
            os.rename(self.path + ".new", self.path)

    def kind(self, mutant):
        """Of this run or of one before, while it is believed."""
        if mutant.survives:
            return EXPECTED
        was, kind, _ = self.kept.get(mutant.name, ["", NOT_RUN, ""])
        return kind if was == digest(mutant) else NOT_RUN

    def table(self, mutants):
        """Lines: a row for each list of mutants, and their sum."""
        lists = sorted({mutant.list for mutant in mutants})
        rows = [[name, [m for m in mutants if m.list == name]]
                for name in lists] + [["all", mutants]]
        yield "| list | mutants | " + " | ".join(KINDS) + " |"
        yield "|---" * (len(KINDS) + 2) + "|"
        for name, some in rows:
            kinds = [self.kind(mutant) for mutant in some]
            yield f"| {name} | {len(some)} | " + " | ".join(
                str(kinds.count(kind)) for kind in KINDS) + " |"

    def keep_table(self, mutants):
        """Into OUT/table, with the names of those that were not killed as they
        name; returns the table's lines alone."""
        self.kept = self._read()
        lines = list(self.table(mutants))
        names = [f"{kind}: {mutant.name}" for mutant in mutants
                 for kind in [self.kind(mutant)]
                 if kind not in (KILLED, EXPECTED)]
        with open(os.path.join(self.out, "table"), "w",
                  encoding="utf-8") as file:
            file.write("\n".join(lines + names) + "\n")
        return lines
