# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Reads what a TAP producer says and does not believe it.

Used by scripts/tap-run and scripts/programlib.py. A producer passes when it
said how many tests it has, reported each of them once, in order, with a number,
and exited with status 0 in time. Whatever else it does is a problem, and a
problem is a failure, also when every line says "ok".
"""

import fnmatch
import os
import re
import selectors
import signal
import subprocess
import time

PLAN = re.compile(r"1\.\.(\d+)\s*(?:#\s*(.*))?$")
TEST = re.compile(r"(not )?ok\b(?:[ \t]+(\d+))?[ \t]*(?:-[ \t]*)?(.*)$")
DIRECTIVE = re.compile(r"(?:^|\s)#\s*(skip|todo)\b\S*\s*(.*)$", re.I)
# Enough time for a producer that was told to end to end its children.
GRACE_SECONDS = 5


class Skips:
    """The skips that are allowed: lines 'NAME: CASE', both may be patterns.

    What follows ' # ' is the reason; empty lines and lines that begin with #
    are comments. None allows all.
    """

    def __init__(self, path=None, allow_all=False):
        self.allow_all = allow_all
        self.lines = []
        if not path:
            return
        with open(path, encoding="utf-8") as file:
            for line in file:
                line = line.split(" # ")[0].strip()
                if line and not line.startswith("#"):
                    self.lines.append(line)

    def allow(self, name, case):
        return self.allow_all or any(
            fnmatch.fnmatchcase(f"{name}: {case}", line)
            for line in self.lines)


class Reader:
    """Counts one producer's lines; finish() when it has ended."""

    def __init__(self, name, skips, on_result=None):
        self.name = name
        self.skips = skips
        self.on_result = on_result or (lambda ok, case, skip: None)
        self.passed = self.failed = self.skipped = 0
        self.problems = []
        self.plan = None
        self.plan_after = None      # tests seen when the plan came
        self.seen = set()
        self.last = 0
        self.bailed = self.said_after_bail = False

    def problem(self, text, weight=1):
        """Weight: how many failures it stands for."""
        self.problems.append(text)
        self.failed += weight

    def feed(self, line):
        line = line.rstrip("\r\n")
        if self.bailed:
            if line.strip() and not self.said_after_bail:
                self.said_after_bail = True
                self.problem("output after the bail out")
            return
        if line.startswith("Bail out!"):
            self.bailed = True
            self.problem("bailed out:" + line[9:])
            return
        match = PLAN.match(line)
        if match:
            self._plan(int(match[1]), match[2] or "")
            return
        match = TEST.match(line)
        if match:
            self._test(not match[1], match[2], match[3])

    def _plan(self, nr, comment):
        if self.plan is not None:
            self.problem(f"a second plan: 1..{nr}")
            return
        self.plan = nr
        self.plan_after = len(self.seen)
        if nr:
            return
        skip = DIRECTIVE.search("# " + comment)
        if not skip or skip[1].lower() != "skip":
            self.problem("no tests")
        else:
            self._skip("(all)", skip[2])

    def _skip(self, case, reason):
        if self.skips.allow(self.name, case):
            self.skipped += 1
            self.on_result(True, case, reason or "no reason given")
            return
        self.on_result(False, case, None)
        self.problem(f"skip that is not allowed: {self.name}: {case}"
                     + (f" ({reason})" if reason else ""))

    def _number(self, number):
        if number is None:
            self.problem("a test without a number")
            return
        number = int(number)
        if number in self.seen:
            self.problem(f"test {number} twice")
        elif number != self.last + 1:
            # A gap is counted once, by finish(), as what is missing.
            self.problem(f"test {number} after {self.last}",
                         weight=int(number < self.last))
        self.seen.add(number)
        self.last = number

    def _test(self, is_ok, number, text):
        directive = DIRECTIVE.search(text)
        case = (text[:directive.start()] if directive else text).strip()
        kind = directive[1].lower() if directive else None
        self._number(number)
        if is_ok and kind == "skip":
            self._skip(case, directive[2].strip())
            return
        if is_ok and kind == "todo":
            self.problem(f"todo is not a result: {case}")
            is_ok = False
        elif is_ok:
            self.passed += 1
        else:
            self.failed += 1
        self.on_result(is_ok, case, None)

    def _check_plan(self):
        if self.plan is None:
            self.problem("no plan")
            return
        if 0 < self.plan_after < len(self.seen):
            self.problem("the plan is neither first nor last")
        inside = sum(1 for number in self.seen if 1 <= number <= self.plan)
        if inside < self.plan:
            nr = self.plan - inside
            self.problem(f"{nr} of {self.plan} tests missing", weight=nr)
        for number in sorted(self.seen):
            if not 1 <= number <= self.plan:
                self.problem(f"test {number} is not in the plan "
                             f"1..{self.plan}")

    def finish(self, run):
        """run: an Ended."""
        if run.is_unfinished_line:
            self.problem("the last line has no end")
        if not self.bailed:
            self._check_plan()
        if run.is_timeout:
            self.problem(f"timeout after {run.limit:g} s")
        if run.has_orphan:
            self.problem("it left a process behind that holds its output")
        if run.status:
            # A failed test explains it; then it is not one failure more.
            self.problem(describe_status(run.status),
                         weight=int(not self.failed))
        if self.problems and not self.failed:
            self.failed = 1

    def is_good(self):
        return not self.failed and not self.problems


def describe_status(status):
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"killed by signal {-status}"


class Ended:
    """How a producer ended."""

    def __init__(self, limit):
        self.limit = limit
        self.status = None
        self.is_timeout = self.has_orphan = self.is_unfinished_line = False


def end_group(child):
    """The child and all it started, unless they left its session.

    First politely: a producer may have sessions of its own to end."""
    for number, seconds in ((signal.SIGTERM, GRACE_SECONDS),
                            (signal.SIGKILL, GRACE_SECONDS)):
        try:
            os.killpg(child.pid, number)
        except ProcessLookupError:
            break
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


class Lines:
    """Of a pipe, as they come."""

    def __init__(self, pipe, on_line):
        self.pipe, self.on_line = pipe, on_line
        self.rest = b""
        os.set_blocking(pipe.fileno(), False)

    def read(self):
        """What there was to read: None if nothing now, empty at the end."""
        data = self.pipe.read(65536)
        *lines, self.rest = (self.rest + (data or b"")).split(b"\n")
        for line in lines:
            self.on_line(line.decode("utf-8", "replace"))
        return data

    def end(self):
        """Is there a line without an end?"""
        if self.rest:
            self.on_line(self.rest.decode("utf-8", "replace"))
        return bool(self.rest)


def _follow(child, ended, on_line, on_error):
    """Lines until the output ends, the time is up, or only orphans are left."""
    deadline = time.monotonic() + ended.limit
    orphan_deadline = None
    out = Lines(child.stdout, on_line)
    errors = Lines(child.stderr, on_error) if on_error else None
    is_open = set(filter(None, (out, errors)))
    with selectors.DefaultSelector() as selector:
        for stream in is_open:
            selector.register(stream.pipe, selectors.EVENT_READ, stream)
        while True:
            now = time.monotonic()
            if orphan_deadline is None and child.poll() is not None:
                orphan_deadline = min(deadline, now + GRACE_SECONDS)
            if orphan_deadline is not None and now >= orphan_deadline:
                ended.has_orphan = True
                break
            if now >= deadline:
                ended.is_timeout = True
                break
            ready = [key.data for key, _ in
                     selector.select(min(0.2, deadline - now))]
            for stream in [stream for stream in ready if stream.read() == b""]:
                selector.unregister(stream.pipe)
                is_open.discard(stream)
            # One that has more to say of errors than a pipe holds ends later.
            if out not in is_open and (errors not in is_open or
                                       child.poll() is not None):
                break
    ended.is_unfinished_line = out.end()
    if not ended.is_timeout and not ended.has_orphan:
        try:
            child.wait(max(0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            ended.is_timeout = True
    if errors:
        while errors.read():
            pass
        errors.end()


def run(command, limit, on_line, env=None, on_error=None):
    """Run @command for at most @limit seconds; returns an Ended.

    Lines of its standard error go to @on_error, or else where ours do.
    OSError if it cannot be started. It ends with us: SIGTERM to us becomes
    SystemExit in the caller's main program (see exit_on_term())."""
    ended = Ended(limit)
    # In a session of its own, so that all it starts can be ended with it.
    with subprocess.Popen(command, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE if on_error else None,
                          start_new_session=True, env=env) as child:
        try:
            _follow(child, ended, on_line, on_error)
        finally:
            if child.poll() is None or ended.has_orphan:
                end_group(child)
            ended.status = child.poll()
    return ended


def exit_on_term():
    def handler(number, frame):
        raise SystemExit(128 + number)
    signal.signal(signal.SIGTERM, handler)
