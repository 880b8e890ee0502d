/* Policies as NETLINK_XFRM messages.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "xfrmd/netlink_policy.h"

#include <errno.h>
#include <netinet/in.h>

/* Less is better; the narrower selector comes first, which matters when children overlap. */
#define PRIORITY_ANY_TO_ANY 1000u

static struct xfrm_selector selector(const struct netlink_policy *policy)
{
	bool is_out = policy->direction == XFRM_POLICY_OUT;

	return netlink_selector(is_out ? &policy->local : &policy->remote,
				is_out ? &policy->remote : &policy->local);
}

void netlink_policy_put(void *buf, const struct netlink_policy *policy)
{
	struct xfrm_userpolicy_info *info =
		netlink_header(buf, XFRM_MSG_UPDPOLICY, 0, sizeof(*info));
	struct xfrm_user_tmpl template = {
		.id.proto = IPPROTO_ESP,
		.family = netlink_family(&policy->gateway),
		.reqid = policy->reqid,
		.mode = XFRM_MODE_TUNNEL,
		.aalgos = ~0u,
		.ealgos = ~0u,
		.calgos = ~0u,
	};

	info->sel = selector(policy);
	info->lft.soft_byte_limit = info->lft.hard_byte_limit = XFRM_INF;
	info->lft.soft_packet_limit = info->lft.hard_packet_limit = XFRM_INF;
	info->priority = PRIORITY_ANY_TO_ANY - policy->local.len - policy->remote.len;
	info->dir = policy->direction;
	info->action = XFRM_POLICY_ALLOW;
	info->share = XFRM_SHARE_ANY;
	if (policy->direction == XFRM_POLICY_OUT)
		template.id.daddr = netlink_from_addr(&policy->gateway);
	else
		template.saddr = netlink_from_addr(&policy->gateway);
	mnl_attr_put(buf, XFRMA_TMPL, sizeof(template), &template);
	mnl_attr_put_u32(buf, XFRMA_IF_ID, policy->if_id);
}

void netlink_policy_del(void *buf, const struct netlink_policy *policy)
{
	struct xfrm_userpolicy_id *id = netlink_header(buf, XFRM_MSG_DELPOLICY, 0, sizeof(*id));

	id->sel = selector(policy);
	id->dir = policy->direction;
	mnl_attr_put_u32(buf, XFRMA_IF_ID, policy->if_id);
}

int netlink_policy_parse(const struct nlmsghdr *message, struct netlink_policy *ret_policy)
{
	const struct xfrm_userpolicy_info *info = netlink_payload(message, sizeof(*info));
	struct prefix src, dst;

	if (!info)
		return -EBADMSG;
	src = netlink_to_prefix(&info->sel.saddr, info->sel.family, info->sel.prefixlen_s);
	dst = netlink_to_prefix(&info->sel.daddr, info->sel.family, info->sel.prefixlen_d);
	*ret_policy = (struct netlink_policy){
		.direction = info->dir,
		.if_id = netlink_u32(message, sizeof(*info), XFRMA_IF_ID),
		.local = info->dir == XFRM_POLICY_OUT ? src : dst,
		.remote = info->dir == XFRM_POLICY_OUT ? dst : src,
	};
	return 0;
}
