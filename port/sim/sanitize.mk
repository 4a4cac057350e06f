# SPDX-License-Identifier: GPL-2.0 OR MIT
# san_cflags: the address and undefined-behaviour sanitizers for what runs on
# coroutines. All of a suspended one lies on its own stack (co.h). So no variable
# may live on ASan's heap instead, where it looks for uses after return, from GCC
# 13 on by default: a thread that is abandoned half way, as in every run that
# ends early, never tells ASan that it is gone.
san_cflags := -fsanitize=address,undefined -fno-sanitize-recover=all \
	      -fno-omit-frame-pointer \
	      $(if $(findstring clang,$(shell $(CC) --version)), \
	      -fsanitize-address-use-after-return=never, \
	      --param asan-use-after-return=0)
