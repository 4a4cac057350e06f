// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Modules that use noalias: the example works, and a module in use cannot be
 * unloaded. Expects consumer.ko beside the program, not loaded.
 */
#define _GNU_SOURCE
#include "export_consumer.h"
#include "plant_audit.h"
#include "heap_importer.h"

#include <stdlib.h>
#include <sys/syscall.h>

static int load(const char *file, const char *options)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	long err;

	EXPECT(fd >= 0);
	err = syscall(SYS_finit_module, fd, options, 0);
	close(fd);
	return err ? -errno : 0;
}

static int unload(const char *name)
{
	return syscall(SYS_delete_module, name, O_NONBLOCK) ? -errno : 0;
}

/* Nobody else may be the reason why noalias stays. */
static void expect_no_other_user(void)
{
	EXPECT(!file_has("/proc/modules", "consumer_test"));
	EXPECT(!file_has("/sys/module/noalias/refcnt", "1"));
	EXPECT(file_has("/sys/module/noalias/refcnt", "0"));
}

/* kills: an example that does not do what its README says */
static void example_uses_and_returns_pages(void)
{
	uint64_t conversions = counter("conversions");
	uint64_t returns = counter("returns");

	EXPECT_EQ(load("consumer.ko", "nr_pages=40"), 0);
	EXPECT_EQ(counter("frames_lent"), 40);
	EXPECT_EQ(counter("conversions") - conversions, 1);
	expect_clean_audit();
	EXPECT_EQ(unload("consumer"), 0);
	EXPECT_EQ(counter("frames_lent"), 0);
	EXPECT_EQ(counter("returns") - returns, 1);
	EXPECT(log_has("consumer: 40 pages are uncached"));
	EXPECT(log_has("consumer: done"));
	expect_clean_audit();
}

/* kills: a parameter that is taken as it comes */
static void example_refuses_bad_parameter(void)
{
	EXPECT_EQ(load("consumer.ko", "nr_pages=1"), -ERANGE);
	EXPECT_EQ(load("consumer.ko", "nr_pages=4097"), -ERANGE);
	EXPECT_EQ(nr_held(), 0);
}

/* kills: a symbol by which the user does not hold us */
static void noalias_stays_while_example_is_loaded(void)
{
	expect_no_other_user();
	EXPECT_EQ(load("consumer.ko", ""), 0);
	EXPECT_EQ(unload("noalias"), -EWOULDBLOCK);
	EXPECT_EQ(unload("consumer"), 0);
}

/* kills: a buffer whose importer does not hold the module */
static void noalias_stays_while_importer_holds_buffer(void)
{
	int fd, importer;

	expect_no_other_user();
	fd = new_buffer(PAGE);
	importer = new_import(fd);
	close(fd);
	EXPECT_EQ(unload("noalias"), -EWOULDBLOCK);
	import_vmap(importer);
	import_write(importer, 0, 5);
	EXPECT_EQ(import_read(importer, 0), 5);
}

static const struct guest_case cases[] = {
	CASE(example_uses_and_returns_pages),
	CASE(example_refuses_bad_parameter),
	CASE(noalias_stays_while_example_is_loaded),
	CASE(noalias_stays_while_importer_holds_buffer),
};
GUEST_MAIN(cases)
