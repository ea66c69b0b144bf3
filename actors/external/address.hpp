// Which network addresses belong to the public Internet. No framework.
#pragma once

#include <sys/socket.h>

namespace souk::external {

/// Whether an address is one of the public Internet: not private, shared, loopback, link-local,
/// multicast, reserved, for documentation or unspecified. IPv6 addresses that carry an IPv4 one
/// (mapped, NAT64, 6to4) count as that. No address of another family is public.
bool is_public(const sockaddr& address);

} // namespace souk::external
