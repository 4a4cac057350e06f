# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Mutants as text: small faults, each with who must see it.

Used by tests/sim/mutants.py and tests/mutants/run. The format is told in
tests/sim/mutants/README.md; what follows "kill:" is the runner's own.
"""
import os
import re


class Mutant:
    def __init__(self, name):
        self.name = name
        self.why = ''
        self.list = ''      # the file's name without .mut
        self.kills = []     # what follows each "kill:"
        self.survives = ''  # why nothing can see it
        self.hunks = []     # (file, old, new)


def parse(path):
    mutants, part, file, old, new = [], None, '', [], []
    for line in open(path, encoding='utf-8').read().split('\n'):
        if line.startswith('=== '):
            mutants.append(Mutant(line[4:].strip()))
            mutants[-1].list = os.path.basename(path)[:-len('.mut')]
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
            mutants[-1].kills.append(line[6:].strip())
        elif line.startswith('survives: '):
            mutants[-1].survives = line[10:].strip()
        elif line.startswith('file: '):
            file = line[6:].strip()
    return mutants


def read(folder):
    """All mutants of a folder, in the order of its files."""
    return [mutant for name in sorted(os.listdir(folder))
            if name.endswith('.mut')
            for mutant in parse(os.path.join(folder, name))]


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
