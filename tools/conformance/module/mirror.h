/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The two parts of the mirror's driver: mirror.c asks it for memory, mirror_state.c
 * looks at what is left.
 */
#ifndef _CONFORMANCE_MIRROR_H
#define _CONFORMANCE_MIRROR_H

#include "core/mirror.h"
#include "driver.h"

void conf_look_at(struct mirror *mirror);
unsigned int conf_nr_mirror_zones(void);
struct mirror_zone *conf_mirror_zone(unsigned int i);

u32 mirror_offset(const void *page);
void mirror_view(struct conf_view *views);
void mirror_state(struct conf_writer *w);

#endif /* _CONFORMANCE_MIRROR_H */
