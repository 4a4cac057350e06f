# SPDX-License-Identifier: GPL-2.0 OR MIT
"""A copy of the tree that keeps what it has built, so that a mutant costs one
object and a link. Mutants are put in and taken out again in place: make sees
which files changed."""
import filecmp
import os
import shutil
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))

sys.path.insert(0, os.path.join(TOP, "scripts"))
import mutantlib  # noqa: E402

NOT_COPIED = (".git", "build", "__pycache__")


def files_below(top):
    for folder, names, files in os.walk(top):
        names[:] = [name for name in names if name not in NOT_COPIED]
        for name in files:
            if not name.startswith(".git"):
                yield os.path.relpath(os.path.join(folder, name), top)


def copy_link(old, new):
    """Links of a recorded system lead nowhere here."""
    if os.path.islink(new) and os.readlink(new) == os.readlink(old):
        return
    if os.path.lexists(new):
        os.unlink(new)
    os.makedirs(os.path.dirname(new), exist_ok=True)
    os.symlink(os.readlink(old), new)


class Tree:
    """One of several below @out; brought up to date when it is made."""

    def __init__(self, out, name):
        self.path = os.path.join(out, name)
        wanted = set(files_below(TOP))
        for name in set(files_below(self.path)) - wanted:
            os.unlink(os.path.join(self.path, name))
        for name in wanted:
            self._copy(name)

    def _copy(self, name):
        old, new = os.path.join(TOP, name), os.path.join(self.path, name)
        if os.path.islink(old):
            copy_link(old, new)
            return
        if os.path.exists(new) and filecmp.cmp(old, new, shallow=False):
            return
        os.makedirs(os.path.dirname(new), exist_ok=True)
        # Not the time: a file that goes back to what it was has changed, too.
        shutil.copyfile(old, new)
        shutil.copymode(old, new)

    def put_in(self, mutant):
        """'' or why it cannot be put in."""
        changed, problem = mutantlib.apply(mutant, self.path)
        if not problem and not changed:
            problem = "it changes nothing"
        return problem

    def take_out(self, mutant):
        for name in {hunk[0] for hunk in mutant.hunks}:
            self._copy(name)
