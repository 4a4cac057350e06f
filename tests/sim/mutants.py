#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Applies each mutant of tests/sim/mutants to a scratch copy, builds the
simulator with it, and expects the named scenario to find the named kind of
verdict. TAP on standard output; exit status 0 when every mutant was killed.

usage: mutants.py OUT [--exhaustive] [NAME...]

OUT has a finished build of noalias-sim. --exhaustive: by the exhaustive search
alone, which shows that its reductions lose none of them.
"""
import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.abspath(os.path.join(HERE, '..', '..'))
RUN_S = 120
EXHAUSTIVE = ['--exhaustive', '--states', '1000000']
TRIES = [['--random', '1', '--steps', '300000'], EXHAUSTIVE,
         ['--random', '2', '--steps', '5000000']]


class Mutant:
    def __init__(self, name):
        self.name = name
        self.why = ''
        self.scenario = ''
        self.verdicts = []
        self.options = []
        self.hunks = []     # (file, old, new)


def parse_kill(mutant, text):
    words = text.split()
    mutant.scenario, mutant.verdicts = words[0], words[1].split(',')
    mutant.options = words[2:]


def parse(path):
    mutants, part, file, old, new = [], None, '', [], []
    for line in open(path, encoding='utf-8').read().split('\n'):
        if line.startswith('=== '):
            mutants.append(Mutant(line[4:].strip()))
            part = None
        elif line in ('<<<<', '<<<<>>>>'):
            if part == 'new':
                mutants[-1].hunks.append((file, '\n'.join(old),
                                          '\n'.join(new)))
            part = 'old' if line == '<<<<' else None
            old, new = [], []
        elif line == '>>>>':
            part = 'new'
        elif part == 'old':
            old.append(line)
        elif part == 'new':
            new.append(line)
        elif line.startswith('why: '):
            mutants[-1].why = line[5:]
        elif line.startswith('kill: '):
            parse_kill(mutants[-1], line[6:])
        elif line.startswith('file: '):
            file = line[6:].strip()
    return mutants


# What may stand between two lines of a mutant's text: comments and asserts come
# and go without changing the order that the mutant is about.
BETWEEN = (r'\n(?:[ \t]*\(void\)NA_ASSERT\([^;]*;\n'
           r'|[ \t]*/\*(?:[^*]|\*(?!/))*\*/\n|[ \t]*\n)*')


def pattern(old):
    lines = [re.escape(line) for line in old.split('\n') if line.strip()]
    return re.compile(BETWEEN.join(lines))


def apply(mutant, tree):
    """Returns the changed files, or a message."""
    changed = set()
    for file, old, new in mutant.hunks:
        path = os.path.join(tree, file)
        text = open(path, encoding='utf-8').read()
        hits = list(pattern(old).finditer(text))
        if len(hits) != 1:
            return None, '%s: text occurs %d times: %r' % (
                file, len(hits), old[:60])
        text = text[:hits[0].start()] + new + text[hits[0].end():]
        open(path, 'w', encoding='utf-8').write(text)
        changed.add(file)
    return changed, ''


def sources(tree, changed):
    """What must be compiled again: a changed header drags its folder in."""
    out = set()
    for file in changed:
        folder = os.path.dirname(file)
        if file.endswith('.c'):
            out.add(file)
            continue
        name = os.path.basename(file)
        for other in os.listdir(os.path.join(tree, folder)):
            path = os.path.join(tree, folder, other)
            if other.endswith('.c') and name in open(
                    path, encoding='utf-8').read():
                out.add(os.path.join(folder, other))
    return sorted(out)


@functools.lru_cache(maxsize=None)
def objects_of(base):
    """Not all that lie there: a source may have gone since they were built."""
    return subprocess.run(['make', '-s', '--no-print-directory', '-C',
                           TOP + '/port/sim', 'OUT=' + base, 'objects'],
                          check=True, capture_output=True,
                          text=True).stdout.split()


def build(tree, base, changed):
    flags = ['-std=gnu11', '-O1', '-w', '-fno-stack-protector',
             '-I' + tree + '/port/sim', '-I' + TOP + '/include',
             '-I' + tree + '/engine', '-I' + TOP + '/tests/sim']
    objects = {os.path.basename(f): f for f in objects_of(base)}
    for file in sources(tree, changed):
        name = os.path.basename(file)[:-2] + '.o'
        objects[name] = os.path.join(tree, name)
        subprocess.run(['gcc'] + flags + ['-c', '-o', objects[name],
                       os.path.join(tree, file)], check=True)
    binary = os.path.join(tree, 'noalias-sim')
    subprocess.run(['gcc', '-o', binary] + sorted(objects.values()),
                   check=True)
    return binary


def found(binary, mutant, options):
    """The verdict that one run of the scenario ends with, or ''."""
    try:
        run = subprocess.run([binary, 'run', mutant.scenario] + options,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             timeout=RUN_S, check=False)
    except subprocess.TimeoutExpired:
        return 'timeout', ''
    text = run.stdout.decode('utf-8', 'replace')
    hit = re.search(r'^FAILED \S+: ([\w-]+): (.*)$', text, re.M)
    if run.returncode == 1 and hit:
        replay = re.search(r'^replay: (.*)$', text, re.M)
        return hit.group(1), replay.group(1) if replay else ''
    if run.returncode in (0, 3):
        return '', ''
    return 'crash %d' % run.returncode, text[-200:]


def replays(binary, verdict, failure):
    """Does the failure's id lead to the same verdict again?"""
    run = subprocess.run([binary, 'replay', failure], stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, timeout=RUN_S, check=False)
    text = run.stdout.decode('utf-8', 'replace')
    return run.returncode == 1 and '\n%s: ' % verdict in text


def judge(mutant, base, tries):
    tree = tempfile.mkdtemp(prefix='mutant-')
    try:
        for folder in ('engine', 'port/sim'):
            shutil.copytree(os.path.join(TOP, folder),
                            os.path.join(tree, folder))
        shutil.copy(os.path.join(TOP, 'port/na_list.h'),
                    os.path.join(tree, 'port'))
        changed, problem = apply(mutant, tree)
        if problem:
            return False, problem
        binary = build(tree, base, changed)
        for options in [mutant.options] if mutant.options else tries:
            verdict, detail = found(binary, mutant, options)
            if verdict and not replays(binary, verdict, detail):
                return False, '%s, but not when replayed: %s' % (
                    verdict, detail)
            if verdict:
                return verdict in mutant.verdicts, '%s by %s' % (
                    verdict, detail or mutant.scenario)
        return False, 'SURVIVED ' + mutant.scenario
    except subprocess.CalledProcessError as err:
        return False, 'does not build: %s' % err
    finally:
        shutil.rmtree(tree)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    base, names, tries = sys.argv[1], sys.argv[2:], TRIES
    if '--exhaustive' in names:
        names.remove('--exhaustive')
        tries = [EXHAUSTIVE]
    folder = os.path.join(HERE, 'mutants')
    mutants = [m for f in sorted(os.listdir(folder)) if f.endswith('.mut')
               for m in parse(os.path.join(folder, f))
               if not names or m.name in names]
    print('TAP version 13\n1..%d' % len(mutants), flush=True)
    bad = 0
    jobs = len(os.sched_getaffinity(0))
    with ThreadPoolExecutor(jobs) as pool:
        results = pool.map(lambda m: (m, judge(m, base, tries)), mutants)
        for nr, (mutant, (killed, detail)) in enumerate(results, 1):
            bad += not killed
            print('%s %d - mutant %s: %s' % (
                'ok' if killed else 'not ok', nr, mutant.name, mutant.why))
            print('# %s' % detail, flush=True)
    print('# %d of %d mutants killed' % (len(mutants) - bad, len(mutants)))
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
