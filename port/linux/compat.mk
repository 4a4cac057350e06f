# SPDX-License-Identifier: GPL-2.0 OR MIT
# For compat.h: what this kernel has is tried, once a build, before the first
# object is made. A Kbuild that includes this file sets before
#
#   compat-dir   where this file is
#   compat-objs  objects that include compat.h, as in NAME-y
#
# Beside the port's shared files the folder of the kernel's architecture has
# headers that these include by name alone: pte.h, range.h, memtype.h.
compat-flags = $(NOSTDINC_FLAGS) $(LINUXINCLUDE) \
	-include $(srctree)/include/linux/compiler_types.h \
	$(KBUILD_CPPFLAGS) $(KBUILD_CFLAGS) $(KBUILD_CFLAGS_MODULE)

quiet_cmd_compat_probe = PROBE   $@
      cmd_compat_probe = NA_WITHOUT="$(NA_WITHOUT)" $(CONFIG_SHELL) $< \
			 $(objtree)/Module.symvers $(CC) $(compat-flags) >$@

# Repeated when the kernel, the compiler or its flags have changed.
$(obj)/compat_probes.h: $(compat-dir)/compat_probe.sh \
		$(wildcard $(objtree)/Module.symvers \
			   $(objtree)/include/generated/autoconf.h) FORCE
	$(call if_changed,compat_probe)

$(addprefix $(obj)/,$(compat-objs)): $(obj)/compat_probes.h

targets += compat_probes.h
ccflags-y += -I$(compat-dir) $(addprefix -I,$(wildcard \
	$(compat-dir)/$(SRCARCH))) -I$(obj)
