/* What is tried on an established IKE SA out of turn. For charon_keeper.c only.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iked/charon_try.h"

#include <processing/jobs/initiate_tasks_job.h>
#include <sa/ikev2/tasks/ike_dpd.h>

bool charon_try_probe(uint32_t ike_id)
{
	ike_sa_manager_t *manager = charon->ike_sa_manager;
	ike_sa_t *ike_sa = manager->checkout_by_id(manager, ike_id);
	bool is_idle;

	if (!ike_sa)
		return FALSE;
	/* a request that waits for its answer is a probe already */
	is_idle = ike_sa->get_state(ike_sa) == IKE_ESTABLISHED;
	if (is_idle) {
		ike_sa->queue_task(ike_sa, (task_t *)ike_dpd_create(TRUE));
		lib->processor->queue_job(
			lib->processor, (job_t *)initiate_tasks_job_create(ike_sa->get_id(ike_sa)));
	}
	manager->checkin(manager, ike_sa);
	return is_idle;
}

/* The inbound SPI of the first child SA that is installed; 0: there is none. */
static uint32_t find_child(ike_sa_t *ike_sa)
{
	enumerator_t *children = ike_sa->create_child_sa_enumerator(ike_sa);
	child_sa_t *child_sa;
	uint32_t spi_be = 0;

	while (spi_be == 0 && children->enumerate(children, &child_sa))
		if (child_sa->get_state(child_sa) == CHILD_INSTALLED)
			spi_be = child_sa->get_spi(child_sa, TRUE);
	children->destroy(children);
	return spi_be;
}

bool charon_try_rekey(uint32_t ike_id)
{
	ike_sa_manager_t *manager = charon->ike_sa_manager;
	ike_sa_t *ike_sa = manager->checkout_by_id(manager, ike_id);
	uint32_t spi_be = ike_sa ? find_child(ike_sa) : 0;
	bool is_tried = spi_be && ike_sa->get_state(ike_sa) == IKE_ESTABLISHED &&
			ike_sa->rekey_child_sa(ike_sa, PROTO_ESP, spi_be) != DESTROY_ME;

	if (ike_sa)
		manager->checkin(manager, ike_sa);
	return is_tried;
}
