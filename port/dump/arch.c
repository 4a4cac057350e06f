// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The calls of each architecture.
 */
#include "arch.h"

static const struct na_arch_calls x86 = {
	.info_fits = na_x86_info_fits,
	.has_direct_map = na_x86_has_direct_map,
	.find_layout = na_x86_find_layout,
	.list_spaces = na_x86_list_spaces,
	.find_types = na_x86_find_types,
	.entry_type = na_x86_entry_type,
	.effective_type = na_x86_effective_type,
	.add_regions = na_x86_add_regions,
};

static const struct na_arch_calls arm64 = {
	.info_fits = na_arm64_info_fits,
	.has_direct_map = na_arm64_has_direct_map,
	.find_layout = na_arm64_find_layout,
	.list_spaces = na_arm64_list_spaces,
	.find_types = na_arm64_find_types,
	.entry_type = na_arm64_entry_type,
	.effective_type = na_arm64_effective_type,
	.add_regions = na_arm64_add_regions,
};

/* Memory types are those of arm64. */
static const struct na_arch_calls arm = {
	.info_fits = na_arm_info_fits,
	.has_direct_map = na_arm_has_direct_map,
	.find_layout = na_arm_find_layout,
	.list_spaces = na_arm_list_spaces,
	.find_types = na_arm64_find_types,
	.entry_type = na_arm64_entry_type,
	.effective_type = na_arm64_effective_type,
	.add_regions = na_arm_add_regions,
};

const struct na_arch_calls *na_arch_calls(enum na_arch arch)
{
	switch (arch) {
	case NA_ARCH_ARM64:
		return &arm64;
	case NA_ARCH_ARM:
		return &arm;
	case NA_ARCH_X86_64:
	case NA_ARCH_I386:
		return &x86;
	default:
		return NULL;
	}
}
