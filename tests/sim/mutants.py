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
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(TOP, 'scripts'))
import mutantlib  # noqa: E402

RUN_S = 120
EXHAUSTIVE = ['--exhaustive', '--states', '1000000']
TRIES = [['--random', '1', '--steps', '300000'], EXHAUSTIVE,
         ['--random', '2', '--steps', '5000000']]


def read_kill(mutant):
    words = mutant.kills[0].split()
    mutant.scenario, mutant.verdicts = words[0], words[1].split(',')
    mutant.options = words[2:]


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
        changed, problem = mutantlib.apply(mutant, tree)
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
    mutants = [m for m in mutantlib.read(os.path.join(HERE, 'mutants'))
               if not names or m.name in names]
    for mutant in mutants:
        read_kill(mutant)
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
