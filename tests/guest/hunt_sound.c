// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * hunt_sound -- COMMAND...: every PCM of every card is opened, given the largest
 * buffer that it takes, mapped and started, as a sound server does.
 */
#define _GNU_SOURCE
#include "hunt.h"

#include <sound/asound.h>

#define LEN_MAX (2u << 20)

static struct snd_interval *interval_of(struct snd_pcm_hw_params *params, int nr)
{
	return &params->intervals[nr - SNDRV_PCM_HW_PARAM_FIRST_INTERVAL];
}

/* All is allowed but the way of access: the kernel chooses. */
static void allow_all(struct snd_pcm_hw_params *params)
{
	size_t i;

	memset(params, 0, sizeof(*params));
	memset(params->masks, 0xff, sizeof(params->masks));
	for (i = 0; i < sizeof(params->intervals) / sizeof(params->intervals[0]);
	     i++)
		params->intervals[i].max = UINT32_MAX;
	memset(params->masks[0].bits, 0, sizeof(params->masks[0].bits));
	params->masks[0].bits[0] = 1u << SNDRV_PCM_ACCESS_MMAP_INTERLEAVED;
	params->rmask = UINT32_MAX;
	params->info = UINT32_MAX;
}

/* As large as it may be, for the kernel would choose a small one. */
static int choose(int fd, struct snd_pcm_hw_params *params)
{
	struct snd_interval *bytes =
		interval_of(params, SNDRV_PCM_HW_PARAM_BUFFER_BYTES);
	int err;

	allow_all(params);
	err = hunt_call(fd, SNDRV_PCM_IOCTL_HW_REFINE, params);
	if (err)
		return err;
	bytes->min = bytes->max < LEN_MAX ? bytes->max : LEN_MAX;
	params->rmask = UINT32_MAX;
	return hunt_call(fd, SNDRV_PCM_IOCTL_HW_PARAMS, params);
}

static bool start(int fd, snd_pcm_uframes_t frames)
{
	if (hunt_call(fd, SNDRV_PCM_IOCTL_PREPARE, NULL))
		return false;
	/* Fails on capture, where there is nothing to be ahead of. */
	hunt_call(fd, SNDRV_PCM_IOCTL_FORWARD, &frames);
	return !hunt_call(fd, SNDRV_PCM_IOCTL_START, NULL);
}

static bool use(const char *path)
{
	int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	struct snd_pcm_hw_params params;
	uint32_t len, frames;
	int err;

	if (fd < 0)
		return false;
	err = choose(fd, &params);
	len = interval_of(&params, SNDRV_PCM_HW_PARAM_BUFFER_BYTES)->min;
	frames = interval_of(&params, SNDRV_PCM_HW_PARAM_BUFFER_SIZE)->min;
	if (err || !hunt_map(fd, SNDRV_PCM_MMAP_OFFSET_DATA, len, PROT_READ | PROT_WRITE)) {
		hunt_say("%s: %s", path, strerror(err ? -err : errno));
		return false;
	}
	hunt_say("%s: %u bytes mapped, %s", path, len,
		 start(fd, frames / 2) ? "started" : strerror(errno));
	return true;
}

int main(int argc, char **argv)
{
	(void)argc;
	return hunt_hold(argv, hunt_each("/dev/snd/pcmC*D*", use));
}
