/* A socket_t over two UDP sockets that xfrmd opened, bound and owns.
 *
 * They are shared: to connect, shut down or change one here would do so for xfrmd's copy, on which
 * ESP in UDP depends. When xfrmd is replaced, the new pair takes the place of the old one while
 * libcharon's receiver sleeps on it; an eventfd wakes it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iked/charon_parts.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <threading/rwlock.h>
#include <threading/thread.h>

#define MAX_PACKET_BYTES 10000 /* libcharon's own default; a fragmented IKE_AUTH stays below */
#define MAX_DRAINED 4096       /* a socket's queue holds fewer; who floods us must not hold us up */

typedef struct private_socket_t private_socket_t;

struct private_socket_t {
	socket_t public;
	rwlock_t *lock;		 /* guards udp and generation */
	int udp[2];		 /* ports 500 and 4500 */
	unsigned int generation; /* counts swaps */
	int wake_fd;
	unsigned int last; /* index of the socket that was read last; the receiver's alone */
};

static const uint16_t ports[2] = { IKEV2_UDP_PORT, IKEV2_NATT_PORT };

/* Where a datagram was sent to (IP_PKTINFO, which xfrmd has switched on). */
static host_t *destination_from(struct msghdr *message, uint16_t port)
{
	for (struct cmsghdr *control = CMSG_FIRSTHDR(message); control;
	     control = CMSG_NXTHDR(message, control)) {
		if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo info;

			memcpy(&info, CMSG_DATA(control), sizeof(info));
			return host_create_from_chunk(AF_INET, chunk_from_thing(info.ipi_addr),
						      port);
		}
	}
	return NULL;
}

static status_t read_packet(int fd, uint16_t port, packet_t **ret_packet)
{
	uint8_t buffer[MAX_PACKET_BYTES];
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(struct in_pktinfo))];
	} control;
	struct sockaddr_in source;
	struct iovec iov = { .iov_base = buffer, .iov_len = sizeof(buffer) };
	struct msghdr message = { .msg_name = &source,
				  .msg_namelen = sizeof(source),
				  .msg_iov = &iov,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &message, MSG_DONTWAIT);
	packet_t *packet;
	host_t *destination;

	if (n < 0 || (message.msg_flags & MSG_TRUNC))
		return FAILED;
	destination = destination_from(&message, port);
	if (!destination) {
		DBG1(DBG_NET, "a datagram without its destination address is ignored");
		return FAILED;
	}
	packet = packet_create();
	packet->set_source(packet, host_create_from_sockaddr((sockaddr_t *)&source));
	packet->set_destination(packet, destination);
	packet->set_data(packet, chunk_clone(chunk_create(buffer, n)));
	charon_wire_note_packet((const uint8_t *)&source.sin_addr, port, packet->get_data(packet));
	*ret_packet = packet;
	return SUCCESS;
}

/* Waits for either socket or a swap. Returns the index of a readable socket, the other one than
 * last time if both are, or -1. */
static int wait_readable(private_socket_t *this, const int udp[2])
{
	struct pollfd fds[] = { { .fd = udp[0], .events = POLLIN },
				{ .fd = udp[1], .events = POLLIN },
				{ .fd = this->wake_fd, .events = POLLIN } };
	bool old = thread_cancelability(TRUE);
	int n = poll(fds, countof(fds), -1);
	eventfd_t count;

	thread_cancelability(old);
	if (n <= 0)
		return -1;
	if (fds[2].revents)
		(void)eventfd_read(this->wake_fd, &count);
	for (unsigned int i = 1; i <= 2; i++) {
		unsigned int index = (this->last + i) % 2;

		if (fds[index].revents & (POLLIN | POLLERR))
			return (int)index;
	}
	return -1;
}

METHOD(socket_t, receive_packet, status_t, private_socket_t *this, packet_t **packet)
{
	status_t status = FAILED;
	unsigned int generation;
	int udp[2], index;

	this->lock->read_lock(this->lock);
	memcpy(udp, this->udp, sizeof(udp));
	generation = this->generation;
	this->lock->unlock(this->lock);

	index = wait_readable(this, udp);
	if (index < 0)
		return FAILED;
	this->last = (unsigned int)index;

	/* after a swap the number may already be somebody else's descriptor */
	this->lock->read_lock(this->lock);
	if (generation == this->generation) {
		charon_wire_take_errors(udp[index]);
		status = read_packet(udp[index], ports[index], packet);
	}
	this->lock->unlock(this->lock);
	return status;
}

/* From the address that the IKE SA has, if it has one; the kernel chooses otherwise. */
static ssize_t send_from(int fd, host_t *source, host_t *destination, chunk_t data)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(struct in_pktinfo))];
	} control = { 0 };
	struct iovec iov = { .iov_base = data.ptr, .iov_len = data.len };
	struct msghdr message = { .msg_name = destination->get_sockaddr(destination),
				  .msg_namelen = *destination->get_sockaddr_len(destination),
				  .msg_iov = &iov,
				  .msg_iovlen = 1 };
	struct in_pktinfo info = { 0 };
	chunk_t address = source->get_address(source);

	if (!source->is_anyaddr(source) && address.len == sizeof(info.ipi_spec_dst)) {
		memcpy(&info.ipi_spec_dst, address.ptr, address.len);
		control.header = (struct cmsghdr){ .cmsg_level = IPPROTO_IP,
						   .cmsg_type = IP_PKTINFO,
						   .cmsg_len = CMSG_LEN(sizeof(info)) };
		memcpy(CMSG_DATA(&control.header), &info, sizeof(info));
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
	}
	return sendmsg(fd, &message, MSG_NOSIGNAL);
}

METHOD(socket_t, send_packet, status_t, private_socket_t *this, packet_t *packet)
{
	host_t *source = packet->get_source(packet);
	host_t *destination = packet->get_destination(packet);
	uint16_t port = source->get_port(source);
	chunk_t data = packet->get_data(packet);
	ssize_t n;

	if (destination->get_family(destination) != AF_INET)
		return FAILED;
	this->lock->read_lock(this->lock);
	n = send_from(this->udp[port == IKEV2_NATT_PORT], source, destination, data);
	if (n < 0) /* maybe for an earlier packet: an ICMP error is told once (IP_RECVERR) */
		n = send_from(this->udp[port == IKEV2_NATT_PORT], source, destination, data);
	this->lock->unlock(this->lock);
	if (n != (ssize_t)data.len) {
		DBG1(DBG_NET, "sending to %#H failed: %s", destination, strerror(errno));
		return FAILED;
	}
	return SUCCESS;
}

METHOD(socket_t, get_port, uint16_t, private_socket_t *this, bool nat_t)
{
	return ports[nat_t ? 1 : 0];
}

METHOD(socket_t, supported_families, socket_family_t, private_socket_t *this)
{
	return SOCKET_FAMILY_IPV4;
}

static void drain(int fd)
{
	char byte;

	for (int i = 0; i < MAX_DRAINED; i++)
		if (recv(fd, &byte, sizeof(byte), MSG_DONTWAIT | MSG_ERRQUEUE) < 0)
			break;
	for (int i = 0; i < MAX_DRAINED; i++)
		if (recv(fd, &byte, sizeof(byte), MSG_DONTWAIT | MSG_TRUNC) < 0 && errno == EAGAIN)
			return;
}

METHOD(socket_t, destroy, void, private_socket_t *this)
{
	charon_parts()->socket = NULL;
	close(this->udp[0]);
	close(this->udp[1]);
	close(this->wake_fd);
	this->lock->destroy(this->lock);
	free(this);
}

void charon_socket_swap(socket_t *socket, const int udp[2])
{
	private_socket_t *this = (private_socket_t *)socket;

	this->lock->write_lock(this->lock);
	close(this->udp[0]);
	close(this->udp[1]);
	memcpy(this->udp, udp, sizeof(this->udp));
	this->generation++;
	this->lock->unlock(this->lock);
	(void)eventfd_write(this->wake_fd, 1);
}

socket_t *charon_socket_create(void)
{
	struct charon_parts *parts = charon_parts();
	private_socket_t *this;
	int wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (wake_fd < 0)
		return NULL;
	INIT(this,
		.public = {
			.receive = _receive_packet,
			.send = _send_packet,
			.get_port = _get_port,
			.supported_families = _supported_families,
			.destroy = _destroy,
		},
		.lock = rwlock_create(RWLOCK_TYPE_DEFAULT),
		.udp = { parts->udp[0], parts->udp[1] },
		.wake_fd = wake_fd);
	parts->udp[0] = parts->udp[1] = -1;
	drain(this->udp[0]);
	drain(this->udp[1]);
	parts->socket = &this->public;
	return &this->public;
}
