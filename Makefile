# SPDX-License-Identifier: GPL-2.0 OR MIT
# Library and command, and where they go; see make help. The kernel's build
# reads Kbuild next to this file and never this one.
VERSION := $(shell sed -n 's/^.define NOALIAS_VERSION "\(.*\)"/\1/p' include/noalias/version.h)
ifeq ($(VERSION),)
$(error include/noalias/version.h defines no NOALIAS_VERSION)
endif

OUT ?= build/make
CROSS ?=
CFLAGS ?= -O2 -Wall -Wextra
LDFLAGS ?=
DESTDIR ?=
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man
DOCDIR ?= $(PREFIX)/share/doc/noalias
COMPLETIONDIR ?= $(PREFIX)/share/bash-completion/completions
UDEVDIR ?= $(PREFIX)/lib/udev/rules.d
UNITDIR ?= $(PREFIX)/lib/systemd/system
SRCDIR ?= /usr/src
KDIR ?= /lib/modules/$(shell uname -r)/build

INSTALL ?= install
out := $(abspath $(OUT))
sub := OUT="$(out)" CROSS="$(CROSS)" CFLAGS="$(CFLAGS)" LDFLAGS="$(LDFLAGS)"
completion := $(wildcard cli/completion.bash)
module_src := $(SRCDIR)/noalias-$(VERSION)

# put FILES,DIR: files with mode 644; nothing for no files
put = $(if $(strip $(1)),$(INSTALL) -D -m 644 -t "$(DESTDIR)$(2)" $(1))
man = $(call put,$(wildcard man/*.$(1)),$(MANDIR)/man$(1))

all: lib command

lib: $(out)/libnoalias.pc
	$(MAKE) -C lib $(sub)

command:
	$(MAKE) -C cli $(sub)

# Paths may change from one call to the next, so this is made every time.
$(out)/libnoalias.pc: lib/libnoalias.pc.in FORCE
	@mkdir -p $(@D)
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' \
		-e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' \
		-e 's|@VERSION@|$(VERSION)|' $< >$@

install: install-lib install-dev install-command install-udev install-doc

install-lib: lib
	$(call put,$(out)/libnoalias.so.1,$(LIBDIR))

install-dev: lib
	$(call put,$(out)/libnoalias.a,$(LIBDIR))
	ln -sf libnoalias.so.1 "$(DESTDIR)$(LIBDIR)/libnoalias.so"
	$(call put,$(out)/libnoalias.pc,$(LIBDIR)/pkgconfig)
	$(call put,include/libnoalias.h include/uapi/noalias.h,$(INCLUDEDIR))
	$(call put,$(wildcard include/libnoalias/*.h),$(INCLUDEDIR)/libnoalias)
	$(call man,3)
	$(call man,7)

install-command: command
	$(INSTALL) -D -m 755 -t "$(DESTDIR)$(BINDIR)" "$(out)/noalias"
	$(call man,1)
	$(if $(completion),$(INSTALL) -D -m 644 $(completion) \
		"$(DESTDIR)$(COMPLETIONDIR)/noalias")

install-udev:
	$(INSTALL) -D -m 644 packaging/debian/noalias.udev \
		"$(DESTDIR)$(UDEVDIR)/60-noalias.rules"

install-systemd:
	$(INSTALL) -D -m 644 -t "$(DESTDIR)$(UNITDIR)" packaging/systemd/*

install-doc:
	$(call put,README.md CHANGELOG.md $(wildcard docs/*.md) examples/accepted.conf,$(DOCDIR))

# What DKMS builds from: the sources of the module and nothing else.
install-dkms:
	find Kbuild engine include/linux include/noalias include/uapi module \
		port/linux port/x86 -type f \( -name '*.[chS]' -o -name Kbuild -o \
		-name compat.mk -o -name compat_probe.sh \) \
		-exec $(INSTALL) -D -m 644 '{}' \
		"$(DESTDIR)$(module_src)/{}" \;
	$(INSTALL) -m 755 packaging/dkms.post-build packaging/dkms.probe \
		"$(DESTDIR)$(module_src)"
	sed 's/#MODULE_VERSION#/$(VERSION)/' packaging/debian/noalias-dkms.dkms \
		>"$(DESTDIR)$(module_src)/dkms.conf"
	ln -sfn noalias-$(VERSION) "$(DESTDIR)$(SRCDIR)/noalias"

# Installs into an empty place to know what to remove.
uninstall:
	rm -rf "$(out)/uninstall"
	$(MAKE) install DESTDIR="$(out)/uninstall" >/dev/null
	cd "$(out)/uninstall" && find . ! -type d -print | cut -c 2- | \
		while read -r file; do rm -f "$(DESTDIR)$$file"; done
	-rmdir --ignore-fail-on-non-empty "$(DESTDIR)$(INCLUDEDIR)/libnoalias" \
		"$(DESTDIR)$(DOCDIR)"
	rm -rf "$(out)/uninstall"

modules modules_install:
	$(MAKE) -C $(KDIR) M=$(CURDIR) $@

modules_clean:
	$(MAKE) -C $(KDIR) M=$(CURDIR) clean

# What a package build may run.
check:
	./test --check

test:
	./test

# For clangd and its like; of the modules what scripts/build-module has built.
compile_commands.json: FORCE
	scripts/compile-commands $@

clean:
	rm -rf "$(out)"

version:
	@echo $(VERSION)

help:
	@echo 'make                  library and command, in OUT ($(OUT))'
	@echo 'make install          library, command, udev rule, docs, below PREFIX ($(PREFIX))'
	@echo 'make uninstall        with the same DESTDIR, PREFIX and so on as install'
	@echo 'make modules          noalias.ko for the kernel in KDIR ($(KDIR))'
	@echo 'make modules_install  into that kernel'\''s updates'
	@echo 'make install-dkms     the module'\''s source into SRCDIR ($(SRCDIR)), for dkms add'
	@echo 'make install-systemd  a service and a timer for audits, into UNITDIR ($(UNITDIR))'
	@echo 'make check            host tests in under a minute: installs nothing, no root'
	@echo 'make test             all tests, as ./test: installs packages, boots kernels'
	@echo 'make compile_commands.json  how each source is compiled, for editors'
	@echo 'make clean modules_clean version'
	@echo
	@echo 'Variables: OUT CROSS CC CFLAGS LDFLAGS DESTDIR PREFIX BINDIR LIBDIR INCLUDEDIR'
	@echo 'MANDIR DOCDIR COMPLETIONDIR UDEVDIR UNITDIR SRCDIR KDIR. The group that the udev rule'
	@echo 'names must exist: addgroup --system noalias. Debian packages: packaging/build'

FORCE:
.PHONY: all lib command install install-lib install-dev install-command \
	install-udev install-systemd install-doc install-dkms uninstall modules \
	modules_install modules_clean check test clean version help FORCE
