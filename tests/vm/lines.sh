#!/bin/sh
# SPDX-License-Identifier: GPL-2.0 OR MIT
# The kernel's lines about memory types and about dma-bufs that cannot be used:
# each is provoked, and noalias doctor must find and count it. tests/cli compares
# the list below with docs/troubleshooting.md. Needs in /payload: noalias.ko,
# lines.ko, importer.ko, the programs lines_*, the noalias command.
#
# na_cameras=0: without those of videobuf2. On 6.12 and 7.2 they come too, but it
# keeps each buffer that could not be attached, and then no module goes.
# stock modules: vivid
# test modules: lines importer
# boot: --append memmap=16M$0x20000000
#
# TAP on stdout; the verdict comes last, after unload and leak check.
. /payload/lib.sh

# said TIMES PART: what the programs have the kernel say, and doctor knows.
# heard TIMES PART: the same, and doctor does not search for it: it says nothing of
# a memory type and nothing that its neighbour in the log does not say.
#
# Not provoked, because they come with a WARN, which ends this guest:
#	ioremap on RAM at; ioremap: invalid physical address
#	iounmap() called for ISA range not obtained using ioremap()
#	memtype_reserve failed: [mem; PAT cannot be disabled after initialization
#	CPA: called for zero pte; CPA detected W^X violation; CPA VMM failure
#	overflow (mask, of swiotlb and of dma_direct; Buffer overflow detected;
#	Access before mapping start detected
#	trying to pin a non attached buffer and the other lines of a pin too many
#	vmap allocation for size, of an importer: dma_buf_vmap() adds the WARN. Here a
#	driver is refused its own vmap()
# or because this machine has no way to:
#	ioremap_change_attr failed: a table that is refused when an entry is split
#	CPA protect and CPA conflict: nobody may ask for executable data
#	Could not invalidate pfn: an error of the memory itself
#	with the DMA bounce buffer: Xen; using DMA bounce buffers: encrypted memory
#	vmalloc_node_range for size: 32 bit with Linux 6.12
#	what is said at boot only: nopat, swiotlb=, setup_data
list_types() {
	cat <<-'END'
	said 1 map pfn RAM range req
	said 1 map pfn expected mapping type
	said 1 conflicting memory types
	said 1 PAT: memtype_reserve failed
	said 1 reserve_ram_pages_type failed
	said 2 freeing invalid memtype
	said 1 ioremap error for
	said 1 ioremap memtype_reserve failed
	said 1 mapping multiple BARs
	said 1 iounmap: bad address
	heard 1 resource sanity check: requesting
	END
	[ "$(uname -m)" = x86_64 ] || echo 'said 1 vmap allocation for size'
}

list_cameras() {
	cat <<-'END'
	said 1 contiguous chunk is too small
	said 1 Error getting dmabuf scatterlist
	said 3 failed to attach dmabuf
	said 1 failed to map scatterlist
	said 1 swiotlb buffer is full
	heard 1 invalid dmabuf fd for plane
	heard 1 invalid dmabuf length
	heard 2 failed to map dmabuf for plane
	END
}

with_cameras() {
	[ "${na_cameras-}" != 0 ]
}

begin_cameras() {
	begin_vivid n_devs=2 node_types=0x1,0x1 allocators=1,0 &&
		echo 1 >/sys/module/videobuf2_common/parameters/debug
}

nothing_is_said_yet() {
	./noalias doctor >/tmp/said
	! grep '^note *log ' /tmp/said
}

# kills: a line that doctor passes over, or counts twice; one that it has in other
# words; one that it takes for another
doctor_counts_them() {
	local how nr part lines status=0
	./noalias doctor >/tmp/said
	list_types >/tmp/list
	! with_cameras || list_cameras >>/tmp/list
	while read -r how nr part; do
		lines=lines
		[ "$nr" != 1 ] || lines=line
		[ "$(dmesg | grep -cF "$part")" = "$nr" ] ||
			{ echo "# the log has not $nr of '$part'"; status=1; }
		[ "$how" = said ] || continue
		grep -qF "\"$part\", $nr $lines: " /tmp/said ||
			{ echo "# doctor does not say $nr of '$part'"; status=1; }
	done </tmp/list
	# And none beside them.
	[ "$(grep -c '^note *log ' /tmp/said)" = "$(grep -c '^said ' /tmp/list)" ] || status=1
	[ $status = 0 ] || grep '^note *log ' /tmp/said | sed 's/^/# /'
	return $status
}

begin_suite importer
check "the driver that provokes loads" insmod lines.ko device=0x20000000
! with_cameras || check "the cameras begin" begin_cameras
check "doctor finds nothing in the log before" nothing_is_said_yet
said_on_purpose='noalias test: |x86/PAT: lines_types:|x86/PAT: memtype_reserve failed|x86/PAT: reserve_ram_pages_type failed'
run_program lines_types
! with_cameras || run_program lines_video
check "doctor finds and counts each line" doctor_counts_them
! with_cameras || check "the cameras end" end_vivid
end_suite lines importer
