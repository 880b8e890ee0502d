/* A session of iked for xfrmd's tests: asks the answering functions directly. The kernel is a fake
 * and the clock stands still.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

#include <time.h>

#include "fake_kernel.h"
#include "sample.h"
#include "xfrmd/xfrmd.h"

extern struct envelope envelope; /* that of sample_envelope */
extern struct xfrmd xfrmd;
extern struct server_session session;
extern const struct server_config session_config;
extern time_t seconds; /* what every clock says; linked with --wrap=clock_gettime */

/* Set-up and tear-down of a test: nothing is installed, nobody is connected. */
int session_set_up(void **state);
int session_tear_down(void **state);

/* Connects anew, as a younger session; with HELLO, too. */
void begin_session(void);
void say_hello(void);

/* The header of a request. */
struct xfrm_header header(uint16_t type);

/* Dispatches one request; returns the reply, or NULL for a violation. */
const struct xfrm_reply *ask(const void *request, size_t size);

/* Requests of one kind, which must succeed where they return no error. */
uint32_t get_spi(void);
int add_sa(enum sample sample, uint32_t spi_be);
const struct xfrm_reply *refer(uint16_t type, enum sample sample, uint32_t spi_be);

/* Both directions of the route-based child; returns the inbound SPI. */
uint32_t add_pair(uint32_t out_spi);

/* How many rows of the table are in a state. */
unsigned int count_sas(enum sa_state state);
