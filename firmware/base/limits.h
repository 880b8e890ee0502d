/* Bounds of everything that has one, each with its reason.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#pragma once

/* A branch has one or two gateways of two instances; 1,024 lets one build also serve a hub. */
#define MAX_TUNNELS 1024

/* Azure keeps at most 100 child SAs for one tunnel (quick mode SAs, Azure's own limit). */
#define MAX_CHILDREN 100

/* All tunnels of one device together: three kernel policies each. */
#define MAX_DEVICE_CHILDREN 4096

/* Azure's default policy has six IKE suites and twenty-six ESP combinations as responder. */
#define MAX_IKE_SUITES 16
#define MAX_ESP_SUITES 32

/* Azure allows 1,000 address prefixes per virtual network; a branch needs far fewer. */
#define MAX_PREFIXES 256

/* Azure resource names have at most 80 characters. Terminating NUL included. */
#define MAX_NAME_BYTES 81

/* IFNAMSIZ of <linux/if.h>, NUL included. */
#define MAX_IFNAME_BYTES 16

/* Azure's shared keys have 1 to 128 printable ASCII characters. */
#define MAX_PSK_BYTES 128

/* A device configuration; the largest valid one prints to 2.8 MB. */
#define MAX_CONFIG_BYTES (4 * 1024 * 1024)

/* One file of Azure's, e.g. an exported resource group. */
#define MAX_AZURE_FILE_BYTES (32 * 1024 * 1024)

/* JSON nesting; Azure's exported templates reach 14. */
#define MAX_JSON_DEPTH 32

/* ESP keys: AES-256 and 4 bytes of salt are 36, HMAC-SHA-512 is 64. */
#define MAX_ENCR_KEY_BYTES 36
#define MAX_INTEG_KEY_BYTES 64

/* A sentence for people: a refusal or a reason, NUL included. Fits two 80-column lines. */
#define MAX_SENTENCE_BYTES 160

/* What to do: a sentence and an `az` command with a name of 80 characters. */
#define MAX_REMEDY_BYTES 320

/* A code or the settings of Azure's that go with a reason: one 80-column line. */
#define MAX_AZURE_BYTES 80

/* What is said of a rung: one 80-column line beside its name and state. */
#define MAX_RUNG_TEXT_BYTES 63
