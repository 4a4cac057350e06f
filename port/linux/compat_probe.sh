#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# compat_probe.sh SYMVERS CC FLAG...: writes compat_probes.h, which says what
# this kernel has. Versions are not compared, because distributions backport
# changes. Features in the environment's NA_WITHOUT are left out, so that their
# replacement can be tested on a kernel that has them.
set -efu
# The compiler's words are read; the kernel's Makefile forgets LC_ALL.
LC_ALL=C
export LC_ALL

symvers=$1
shift
cc="$*"

# NAME HEADER BODY: what is to be tried, BODY as that of a function. The last
# one changes a macro for what comes after it.
probes() {
	cat <<'END'
VM_FLAGS_SET linux/mm.h vm_flags_set((struct vm_area_struct *)0, 0);
PFN_T linux/pfn_t.h vmf_insert_mixed((struct vm_area_struct *)0, 0, (pfn_t){ 0 });
PMD_SPECIAL linux/mm.h (void)pmd_special((pmd_t){ 0 }); (void)sizeof(char[IS_ENABLED(CONFIG_ARCH_SUPPORTS_PUD_PFNMAP) ? 1 : -1]);
MEMDESC_FLAGS linux/mm.h (void)((struct page *)0)->flags.f;
DMA_BUF_UNLOCKED linux/dma-buf.h (void)dma_buf_vmap_unlocked((struct dma_buf *)0, (struct iosys_map *)0);
BUS_DMA_OFFSET linux/dma-direct.h (void)((struct bus_dma_region *)0)->offset;
RDMSRQ asm/msr.h u64 value; (void)rdmsrq_safe(0, &value);
NS_STRING linux/module.h \n#undef MODULE_INFO\n#define MODULE_INFO(tag, info) (void)sizeof(char[sizeof(info) == 3 ? 1 : -1])\nMODULE_IMPORT_NS("NS");
END
}

# These say whether an answer is one: what every kernel has, before and after all
# else, since an error may confuse what follows it; and what none has.
all_probes() {
	echo 'ANY_FIRST linux/mm.h (void)sizeof(struct page);'
	probes
	echo 'ANY_LAST linux/mm.h (void)sizeof(struct page);'
	echo 'NONE linux/mm.h na_no_such_call();'
}

# One source of all probes: to read the kernel's headers takes longer than all
# else. Each is a file of its own to the compiler, so that it names it.
source_of_probes() {
	all_probes | while read -r name header body; do
		printf '#if __has_include(<%s>)\n#include <%s>\n#endif\n' \
			"$header" "$header"
	done
	all_probes | while read -r name header body; do
		printf '#if __has_include(<%s>)\n# 1 "probe:%s"\n' "$header" "$name"
		printf 'void probe_%s(void);\nvoid probe_%s(void)\n{\n%b\n}\n' \
			"$name" "$name" "$body"
		printf '#else\n# 1 "probe:%s"\n#error no header\n#endif\n' "$name"
	done
}

# Warnings are ignored, because newer headers cause some with an older compiler,
# but a call of an undeclared function has to be an error.
compile() {
	$cc -DKBUILD_MODNAME='"probe"' -DKBUILD_BASENAME='"probe"' \
		-D__KBUILD_MODNAME=probe -Wno-error \
		-Werror=implicit-function-declaration -fsyntax-only -x c -
}

# Names of the probes that have an error, out of the compiler's words: in its
# line or, where the error is in a macro, in a note to it.
failed_probes() {
	awk '/warning: / { is_error = 0 }
		/error: / { is_error = 1 }
		is_error && match($0, /probe:[A-Z0-9_]+:[0-9]/) {
			print substr($0, RSTART + 6, RLENGTH - 8)
		}' | sort -u
}

# Not exported for named modules only (newer kernels), nor in a namespace.
is_exported() {
	awk -F '\t' -v symbol="$1" '$2 == symbol && $5 == "" { found = 1 }
		END { exit !found }' "$symvers" 2>/dev/null
}

has() {
	case " ${NA_WITHOUT-} " in
	*" $1 "*) ;;
	*) echo "#define NA_HAVE_$1" ;;
	esac
}

die() {
	echo "compat_probe.sh: $*" >&2
	exit 1
}

words=$(source_of_probes | compile 2>&1) || :
failed=" $(printf '%s\n' "$words" | failed_probes | tr '\n' ' ')"
case $failed in
*" ANY_"*) is_sound=0 ;;
*" NONE "*) is_sound=1 ;;
*) is_sound=0 ;;
esac
if [ $is_sound = 0 ]; then
	printf '%s\n' "$words" >&2
	die "what this compiler says of this kernel's headers is no answer, see above"
fi

echo "/* Written by compat_probe.sh. */"
probes | while read -r name header body; do
	case $failed in
	*" $name "*) ;;
	*) has "$name" ;;
	esac
done
! is_exported __flush_tlb_all || has FLUSH_TLB_ALL
! is_exported e820__mapped_raw_any || has E820_RAW
