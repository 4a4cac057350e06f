# SPDX-License-Identifier: GPL-2.0 OR MIT
# Sources of an audit without the module, below the top of the tree ($(top)).
audit_parts := $(patsubst $(top)/%,%,$(sort \
	$(filter-out %/audit_ledger.c,$(wildcard $(top)/engine/audit*.c)) \
	$(top)/engine/vec.c $(wildcard $(top)/port/x86/*.c) \
	$(wildcard $(top)/port/arm64/*.c) \
	$(wildcard $(top)/port/dump/*.c)))
