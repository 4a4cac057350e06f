# SPDX-License-Identifier: GPL-2.0 OR MIT
"""Names in a document that do not exist in the tree.

It checks our own names (na_*, noalias_*, sim_* and in capitals), calls that
end in '()' if they look like ours, and, in backquotes, files of the tree. Words
in capitals inside a path (NAME, TARGET) are placeholders.
"""

import os
import re

OURS = re.compile(r"(?<![\w/.-])((?:na|noalias|sim)_\w+|(?:NA|NOALIAS|SIM)_\w+)")
PATH = re.compile(r"`((?:[\w.-]+/)+[\w.*-]*|[\w-]+\.(?:c|h|sh|py|mut|scn|map))`")
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
WORD = re.compile(r"[A-Za-z_]\w*")
SOURCES = (".c", ".h", ".map", ".sh", ".py", ".mk", ".mut", ".scn", ".postinst")


class Tree:
    def __init__(self, top, files):
        self.top, self.files = top, files
        self.folders = {os.path.dirname(file).split("/")[0] for file in files}
        self.folders.discard("")
        self.names = {os.path.basename(file) for file in files}
        self.words = set()
        for file in files:
            self._read(file)

    def _read(self, file):
        path = os.path.join(self.top, file)
        is_program = "." not in os.path.basename(file) and \
            os.access(path, os.X_OK)
        if not file.endswith(SOURCES) and not is_program and \
                not file.endswith(("Kbuild", "Makefile")):
            return
        with open(path, encoding="utf-8", errors="replace") as source:
            text = source.read()
        # A comment may tell of a function that is long gone.
        if file.endswith((".c", ".h")):
            text = COMMENT.sub(" ", text)
        self.words.update(WORD.findall(text))

    def _has_name(self, name):
        # Pages of the manual have their title in capitals.
        return name in self.words or name.lower() in self.words or \
            (name.endswith("_") and
             any(word.startswith(name) for word in self.words))

    def _has_path(self, page, path):
        if "/" not in path:
            return path in self.names
        if path.split("/")[0] not in self.folders or path.startswith("build/"):
            return True
        pattern = re.escape(path.rstrip("/")).replace(r"\*", "[^/]*")
        found = re.compile(pattern + r"($|/)")
        return any(found.match(file) or
                   found.match(os.path.relpath(file, os.path.dirname(page)))
                   for file in self.files)

    def missing(self, page, text):
        """Names and paths in @text, of @page, that do not exist."""
        names = {name for name in OURS.findall(text)
                 if not self._has_name(name)}
        paths = {path for path in PATH.findall(text)
                 if not re.search(r"(?<![a-zA-Z])[A-Z]{3,}(?![a-z])", path)
                 and not self._has_path(page, path)}
        return sorted(names | paths)
