/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The version of all parts: module, library, command and packages. The first
 * heading of CHANGELOG.md must have the same.
 */
#ifndef NOALIAS_VERSION_H
#define NOALIAS_VERSION_H

#define NOALIAS_VERSION "0.1.0"

#endif
