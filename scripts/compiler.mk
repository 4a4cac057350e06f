# SPDX-License-Identifier: GPL-2.0 OR MIT
# Which compiler builds the library and the command: the one that CC names on
# the command line, or else $(CROSS)gcc. CC in the environment is the one for
# this machine, so a CROSS that is given goes before it.
ifneq ($(filter default $(if $(CROSS),environment),$(origin CC)),)
CC := $(CROSS)gcc
endif
is_clang := $(findstring clang,$(shell $(CC) --version 2>/dev/null))
ifeq ($(origin AR),default)
# An archive with objects of GCC's link time optimizer needs its plugin.
AR := $(CROSS)$(if $(is_clang),,gcc-)ar
endif

# write-if-changed FILE,TEXT: so that what depends on FILE is made anew when
# the compiler or its options are others than the last time.
define write-if-changed
$(shell mkdir -p "$(dir $(1))"; echo '$(subst ','\'',$(2))' | \
	cmp -s - "$(1)" || echo '$(subst ','\'',$(2))' >"$(1)")
endef
