#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# compat_probe.sh SYMVERS CC FLAG...: writes compat_probes.h, which says what
# this kernel has. Versions are not compared, because distributions backport
# changes. Features in the environment's NA_WITHOUT are left out, so that their
# replacement can be tested on a kernel that has them.
set -efu

symvers=$1
shift
cc="$*"

# compiles HEADER BODY: BODY of a function. Warnings are ignored, because newer
# headers cause some with an older compiler, but a call of an undeclared
# function has to be an error.
compiles() {
	printf '#include <%s>\nvoid probe(void);\nvoid probe(void)\n{\n%b\n}\n' \
		"$1" "$2" |
		$cc -DKBUILD_MODNAME='"probe"' -DKBUILD_BASENAME='"probe"' \
			-D__KBUILD_MODNAME=probe -Wno-error \
			-Werror=implicit-function-declaration \
			-fsyntax-only -x c -
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

# Without this check every probe would fail.
words=$(compiles linux/mm.h '(void)sizeof(struct page);' 2>&1) || {
	printf '%s\n' "$words" >&2
	die "this kernel's headers do not compile, see above"
}
! compiles linux/mm.h 'na_no_such_call();' 2>/dev/null ||
	die "the compiler takes calls of what is not declared"

echo "/* Written by compat_probe.sh. */"
while read -r name header body; do
	! compiles "$header" "$body" 2>/dev/null || has "$name"
done <<'END'
VM_FLAGS_SET linux/mm.h vm_flags_set((struct vm_area_struct *)0, 0);
PFN_T linux/pfn_t.h vmf_insert_mixed((struct vm_area_struct *)0, 0, (pfn_t){ 0 });
PMD_SPECIAL linux/mm.h (void)pmd_special((pmd_t){ 0 }); (void)sizeof(char[IS_ENABLED(CONFIG_ARCH_SUPPORTS_PUD_PFNMAP) ? 1 : -1]);
MEMDESC_FLAGS linux/mm.h (void)((struct page *)0)->flags.f;
DMA_BUF_UNLOCKED linux/dma-buf.h (void)dma_buf_vmap_unlocked((struct dma_buf *)0, (struct iosys_map *)0);
BUS_DMA_OFFSET linux/dma-direct.h (void)((struct bus_dma_region *)0)->offset;
RDMSRQ asm/msr.h u64 value; (void)rdmsrq_safe(0, &value);
NS_STRING linux/module.h \n#undef MODULE_INFO\n#define MODULE_INFO(tag, info) (void)sizeof(char[sizeof(info) == 3 ? 1 : -1])\nMODULE_IMPORT_NS("NS");
END
! is_exported __flush_tlb_all || has FLUSH_TLB_ALL
! is_exported e820__mapped_raw_any || has E820_RAW
