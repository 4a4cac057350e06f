// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Malformed files for the command's readers.
 *
 *	fuzz KIND --seeds FIRST NR FILE...	mutants of FILEs, always the same
 *	fuzz KIND --show SEED FILE...		one of them, on standard output
 *	fuzz KIND FILE...			FILEs as they are
 *
 * KIND: audit (saved), records (an audit of the module), frames, counters,
 * trace, value. With -DNA_LIBFUZZER it is a target of libFuzzer instead, and
 * NA_FUZZ_KIND says the kind. NA_FUZZ_SYSTEM is a sysroot whose file of the
 * module is a link to /proc/self/fd/100.
 *
 * What must hold for every input: exit status 0, 1 or 2; with 2 a message,
 * and otherwise JSON that reads as such; CPU time below a limit; nothing that a
 * sanitizer objects to.
 */
#include <errno.h>
#include <fcntl.h>
#include <sanitizer/common_interface_defs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "command.h"
#include "json.h"

#define INPUT_FD	100
#define INPUT_MAX	(1u << 20)
#define CPU_MS_MAX	2000
#define INPUT_PATH	"/proc/self/fd/100"
#define ENTRIES(array)	(sizeof(array) / sizeof((array)[0]))

static int output_fd, message_fd, true_stdout, true_stderr;

/* --- what must hold -------------------------------------------------------- */

static void broken(const char *what)
{
	dup2(true_stderr, STDERR_FILENO);
	fprintf(stderr, "fuzz: %s\n", what);
	abort();
}

static uint64_t cpu_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* An object a line, or one object on several. */
static void check_json(void)
{
	off_t len = lseek(output_fd, 0, SEEK_END);
	char *text = malloc((size_t)len + 1);
	struct json json;

	if (!text || pread(output_fd, text, (size_t)len, 0) != len)
		broken("cannot read what it printed");
	json_begin(&json, text, (size_t)len);
	while (!json.error && json.at < json.end) {
		json_skip(&json);
		while (json.at < json.end && *json.at == '\n')
			json.at++;
	}
	if (json.error)
		broken(json.error);
	free(text);
}

static void run(int (*command)(int argc, char **argv), char **argv, bool is_json)
{
	uint64_t begun = cpu_ms();
	int argc = 0, status;

	while (argv[argc])
		argc++;
	if (ftruncate(output_fd, 0) || ftruncate(message_fd, 0))
		broken("cannot begin");
	lseek(output_fd, 0, SEEK_SET);
	lseek(message_fd, 0, SEEK_SET);
	fflush(stdout);
	dup2(output_fd, STDOUT_FILENO);
	dup2(message_fd, STDERR_FILENO);
	optind = 0;
	status = command(argc, argv);
	fflush(stdout);
	dup2(true_stdout, STDOUT_FILENO);
	dup2(true_stderr, STDERR_FILENO);
	if (status < CLI_CLEAN || status > CLI_TROUBLE)
		broken("an exit status that there is not");
	if (status == CLI_TROUBLE && !lseek(message_fd, 0, SEEK_END))
		broken("trouble without a message");
	if (is_json && status != CLI_TROUBLE)
		check_json();
	if (cpu_ms() - begun > CPU_MS_MAX)
		broken("it took too long");
}

/* --- kinds ------------------------------------------------------------------- */

static void set_input(const uint8_t *data, size_t len)
{
	if (ftruncate(INPUT_FD, 0) ||
	    pwrite(INPUT_FD, data, len, 0) != (ssize_t)len)
		broken("cannot write the input");
}

static void run_words(const char *words, bool is_json)
{
	static char name[] = "noalias";
	char line[512], *rest = line, *argv[12] = { name };
	int nr = 1;

	snprintf(line, sizeof(line), words, getenv("NA_FUZZ_SYSTEM"));
	while ((argv[nr] = strsep(&rest, " ")))
		nr++;
	run(cli_main, argv, is_json);
}

static void fuzz_audit(const uint8_t *data, size_t len)
{
	set_input(data, len);
	run_words("audit --json --from " INPUT_PATH, true);
	run_words("audit --pid 214 --from " INPUT_PATH, false);
}

static void fuzz_records(const uint8_t *data, size_t len)
{
	set_input(data, len);
	run_words("audit --json --sysroot %s", true);
	run_words("audit --ours --sysroot %s", false);
	run_words("map --json --sysroot %s", true);
}

static void fuzz_frames(const uint8_t *data, size_t len)
{
	set_input(data, len);
	run_words("map --json --no-audit --sysroot %s", true);
	run_words("map --no-audit --range 4K-3G --sysroot %s", false);
}

static void fuzz_counters(const uint8_t *data, size_t len)
{
	set_input(data, len);
	run_words("stat --json --sysroot %s", true);
	run_words("stat --sysroot %s", false);
}

static void fuzz_trace(const uint8_t *data, size_t len)
{
	set_input(data, len);
	run_words("trace --json --from " INPUT_PATH, true);
	run_words("trace --from " INPUT_PATH, false);
}

static int take_value(int argc, char **argv)
{
	uint64_t value = 0;

	(void)argc;
	if (cli_size("--size", argv[0], 5, 1ull << 40, &value) == CLI_GO_ON &&
	    (value < 5 || value > 1ull << 40))
		broken("a size beyond its limits");
	if (cli_number("--nr", argv[0], 7, 99, &value) == CLI_GO_ON &&
	    (value < 7 || value > 99))
		broken("a number beyond its limits");
	if (cli_seconds("--time", argv[0], &value) == CLI_GO_ON &&
	    (value < 50 || value > 86400000))
		broken("a time beyond its limits");
	return CLI_CLEAN;
}

static void fuzz_value(const uint8_t *data, size_t len)
{
	char word[256], *argv[] = { word, NULL };

	if (len >= sizeof(word))
		len = sizeof(word) - 1;
	memcpy(word, data, len);
	word[len] = 0;
	run(take_value, argv, false);
}

static const struct kind {
	const char *name;
	void (*fuzz)(const uint8_t *data, size_t len);
} kinds[] = {
	{ "audit", fuzz_audit }, { "records", fuzz_records },
	{ "frames", fuzz_frames },
	{ "counters", fuzz_counters }, { "trace", fuzz_trace },
	{ "value", fuzz_value },
};

static const struct kind *set_up(const char *name)
{
	int fd = memfd_create("input", MFD_CLOEXEC);
	size_t i;

	output_fd = memfd_create("output", MFD_CLOEXEC);
	message_fd = memfd_create("messages", MFD_CLOEXEC);
	true_stdout = dup(STDOUT_FILENO);
	true_stderr = dup(STDERR_FILENO);
	__sanitizer_set_report_fd((void *)(intptr_t)true_stderr);
	if (dup2(fd, INPUT_FD) < 0 || output_fd < 0 || message_fd < 0)
		broken("cannot begin");
	for (i = 0; name && i < ENTRIES(kinds); i++)
		if (!strcmp(name, kinds[i].name))
			return &kinds[i];
	fprintf(stderr, "fuzz: which kind?\n");
	exit(2);
}

#ifdef NA_LIBFUZZER

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct kind *kind;

	if (!kind)
		kind = set_up(getenv("NA_FUZZ_KIND"));
	kind->fuzz(data, len);
	return 0;
}

#else

/* --- mutants ------------------------------------------------------------------- */

struct input {
	uint8_t data[INPUT_MAX];
	size_t len;
};

static uint64_t state;

/* xorshift64: the same everywhere. */
static size_t pick(size_t nr)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return nr ? (size_t)(state % nr) : 0;
}

static void read_file(struct input *input, const char *path)
{
	FILE *file = fopen(path, "re");

	if (!file)
		broken(path);
	input->len = fread(input->data, 1, INPUT_MAX, file);
	fclose(file);
}

/* Replaces @cut bytes at @at. */
static void put(struct input *input, size_t at, size_t cut, const void *bytes,
		size_t len)
{
	if (cut > input->len - at)
		cut = input->len - at;
	if (input->len - cut + len > INPUT_MAX)
		return;
	memmove(input->data + at + len, input->data + at + cut,
		input->len - at - cut);
	memcpy(input->data + at, bytes, len);
	input->len += len - cut;
}

/* Limits, and their neighbours; what a reader may take for its own. */
static void put_word(struct input *input)
{
	static const char *const words[] = {
		"0", "1", "-1", "00", "1e9", "1.5", "255", "65536", "2147483648",
		"4294967295", "4294967296", "1099511627775", "1099511627776",
		"4503599627370496", "9223372036854775808",
		"18446744073709551615", "18446744073709551616", "0x", "0x0x1",
		"99999999999999999999999999", " ", "\n", "\t", ",", ":", "\"",
		"{", "}", "[", "]", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "\\",
		"\\u0000", "\\ud83d", "\\ude00", "\\ud83d\\ude00", "\x1b[31m",
		"\xff", "\xed\xa0\x80", "=", ": noalias_", " [", "null", "true",
		"UC", "high", "held ", "ram ", "none", "found", "\\033", "party ",
		"CPU:1 [LOST 7 EVENTS]",
	};
	const char *word = words[pick(ENTRIES(words))];
	size_t at = pick(input->len + 1), nr = 0;

	/* Half of them take the place of a number. */
	if (pick(2)) {
		while (at < input->len &&
		       (input->data[at] < '0' || input->data[at] > '9'))
			at++;
		while (at + nr < input->len && input->data[at + nr] >= '0' &&
		       input->data[at + nr] <= '9')
			nr++;
	}
	put(input, at, nr, word, strlen(word));
}

static void mutate_once(struct input *input, const struct input *other)
{
	size_t at = pick(input->len + 1), from;
	uint8_t byte = (uint8_t)pick(256);

	switch (pick(8)) {
	case 0:
		put(input, at, 1, &byte, 1);
		return;
	case 1:
		put(input, at, pick(40), "", 0);
		return;
	case 2:
		put(input, at, 0, "", 1);
		return;
	case 3:
		if (!pick(4))
			input->len = at;
		return;
	case 4:
		from = pick(other->len + 1);
		put(input, at, pick(20), other->data + from,
		    pick(other->len - from + 1) % 200);
		return;
	default:
		put_word(input);
	}
}

static void make_mutant(struct input *input, uint64_t seed, int nr_files,
			char **files)
{
	static struct input other;
	size_t nr;

	state = (seed + 1) * 0x9e3779b97f4a7c15ull;
	(void)pick(1);
	read_file(input, files[seed % (size_t)nr_files]);
	read_file(&other, files[pick((size_t)nr_files)]);
	for (nr = pick(6) + 1; nr; nr--)
		mutate_once(input, &other);
}

int main(int argc, char **argv)
{
	static struct input input;
	const struct kind *kind = set_up(argc > 1 ? argv[1] : NULL);
	uint64_t seed, end;
	int i;

	if (argc > 5 && !strcmp(argv[2], "--seeds")) {
		seed = strtoull(argv[3], NULL, 10);
		end = seed + strtoull(argv[4], NULL, 10);
		for (; seed < end; seed++) {
			dprintf(true_stdout, "%llu\r", (unsigned long long)seed);
			make_mutant(&input, seed, argc - 5, argv + 5);
			kind->fuzz(input.data, input.len);
		}
		return 0;
	}
	if (argc > 4 && !strcmp(argv[2], "--show")) {
		make_mutant(&input, strtoull(argv[3], NULL, 10), argc - 4,
			    argv + 4);
		return fwrite(input.data, 1, input.len, stdout) != input.len;
	}
	for (i = 2; i < argc; i++) {
		read_file(&input, argv[i]);
		kind->fuzz(input.data, input.len);
	}
	return 0;
}

#endif
