/* Read-only vici: libcharon's dispatcher with the query commands, so that `swanctl --list-sas`
 * works.
 *
 * Never the plugin, which can load, initiate and terminate: those commands do not exist here, and
 * the dispatcher answers that it does not know them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iked/charon_parts.h"

#include <errno.h>
#include <grp.h>
#include <sys/stat.h>

#include <plugins/vici/vici_dispatcher.h>
#include <plugins/vici/vici_query.h>

#include "base/log.h"

typedef struct private_vici_t private_vici_t;

struct private_vici_t {
	charon_vici_t public;
	vici_dispatcher_t *dispatcher;
	vici_query_t *query;
};

/* The one query command that changes something. */
#define CHANGING_COMMAND "reset-counters"

METHOD(charon_vici_t, destroy, void, private_vici_t *this)
{
	charon->bus->remove_listener(charon->bus, &this->query->listener);
	this->query->destroy(this->query);
	this->dispatcher->destroy(this->dispatcher);
	unlink(CHARON_VICI_PATH);
	free(this);
}

/* libstrongswan makes the socket for our own group. */
static void open_to_group(void)
{
	const struct group *group = getgrnam(IKE_GROUP);

	if (!group || chown(CHARON_VICI_PATH, -1, group->gr_gid) < 0 ||
	    chmod(CHARON_VICI_PATH, 0660) < 0)
		log_warn("vici stays closed to the group group=%s error=\"%s\"", IKE_GROUP,
			 group ? strerror(errno) : "there is no such group");
}

charon_vici_t *charon_vici_create(void)
{
	private_vici_t *this;
	vici_dispatcher_t *dispatcher = vici_dispatcher_create("unix://" CHARON_VICI_PATH);

	if (!dispatcher)
		return NULL;
	INIT(this,
		.public = {
			.destroy = _destroy,
		},
		.dispatcher = dispatcher,
		.query = vici_query_create(dispatcher));
	dispatcher->manage_command(dispatcher, CHANGING_COMMAND, NULL, NULL);
	charon->bus->add_listener(charon->bus, &this->query->listener);
	open_to_group();
	return &this->public;
}
