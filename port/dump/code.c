// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Names of functions: of the kernel's image by kallsyms, of modules by the
 * symbol tables that they keep.
 *
 * A module's text was one range until 6.3 (core_layout); later it is the first
 * of several (mem[MOD_TEXT]).
 */
#include <elf.h>

#include "areas.h"
#include "list.h"
#include "symbols.h"

#define NR_MODULES_MAX	8192u
#define NR_SYMBOLS_MAX	65536u
#define NAME_LEN	64u

struct search {
	struct na_kernel *kernel;
	u64 address;
	u64 module;		/* which has it; 0: none yet */
	u64 start;		/* of its text */
	u32 nr_modules;
};

static bool is_text(struct search *search, u64 module, const char *member,
		    const char *type)
{
	long offset = na_kernel_member(search->kernel, "module", member);
	u64 start, size;

	if (offset < 0)
		return false;
	start = na_kernel_field(search->kernel, module + (u64)offset, type,
				"base");
	size = (u32)na_kernel_field(search->kernel, module + (u64)offset, type,
				    "size");
	search->start = start;
	return search->address >= start && search->address - start < size;
}

/* False ends the search: it is found, or never will be. */
static bool visit_module(void *context, u64 node)
{
	struct search *search = context;
	u64 module = node - (u64)na_kernel_member(search->kernel, "module",
						  "list");

	if (!is_text(search, module, "mem", "module_memory") &&
	    !is_text(search, module, "core_layout", "module_layout"))
		return ++search->nr_modules < NR_MODULES_MAX;
	search->module = module;
	return false;
}

/* A string of the kernel, cut if need be; false if it is empty or missing. */
static bool read_string(struct na_kernel *kernel, u64 va, char *text,
			size_t len)
{
	size_t i;

	for (i = 0; i + 1 < len; i++)
		if (!na_kernel_read(kernel, va + i, &text[i], 1) || !text[i])
			break;
	text[i] = 0;
	return i;
}

/* The last one of its text that is not above the address. */
static bool name_in_module(const struct search *search, char *name, size_t len)
{
	struct na_kernel *kernel = search->kernel;
	u64 tables = na_kernel_field(kernel, search->module, "module",
				     "kallsyms");
	u64 symbols = na_kernel_field(kernel, tables, "mod_kallsyms", "symtab");
	u64 strings = na_kernel_field(kernel, tables, "mod_kallsyms", "strtab");
	u32 i, nr = (u32)na_kernel_field(kernel, tables, "mod_kallsyms",
					"num_symtab");
	Elf64_Sym symbol, best = { 0 };

	for (i = 0; i < nr && i < NR_SYMBOLS_MAX; i++) {
		if (!na_kernel_read(kernel, symbols + i * sizeof(symbol),
				    &symbol, sizeof(symbol)))
			break;
		if (symbol.st_shndx && symbol.st_value >= search->start &&
		    symbol.st_value <= search->address &&
		    symbol.st_value >= best.st_value)
			best = symbol;
	}
	return best.st_value && strings &&
	       read_string(kernel, strings + best.st_name, name, len);
}

static bool name_of_module(const struct search *search, char *name, size_t len)
{
	long offset = na_kernel_member(search->kernel, "module", "name");

	return offset >= 0 && read_string(search->kernel,
					  search->module + (u64)offset, name,
					  len);
}

bool na_code_name(struct na_kernel *kernel, u64 address, char *name,
		  size_t len)
{
	struct search search = { .kernel = kernel, .address = address };
	u64 end = na_kernel_symbol(kernel, "_etext");
	char module[NAME_LEN], function[NAME_LEN] = "";

	if (!address)
		return false;
	if (address >= kernel->layout.text && address < end)
		return na_symbols_at(kernel->symbols, kernel, address, name,
				     len);
	if (na_kernel_member(kernel, "module", "list") < 0)
		return false;
	na_list_follow(kernel, na_kernel_symbol(kernel, "modules"),
		       visit_module, &search);
	if (!search.module || !name_of_module(&search, module, sizeof(module)))
		return false;
	name_in_module(&search, function, sizeof(function));
	snprintf(name, len, "%s%s[%s]", function, function[0] ? " " : "",
		 module);
	return true;
}
