#pragma once

#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

namespace millrace {

/// Where the hosts of a job wait for each other before anything joins them.
struct MeetingPlace {
  std::vector<std::string> hosts;  ///< names that resolve; they meet at the first
  std::size_t rank = 0;            ///< of this host among them
  std::uint16_t port = 0;
};

/// Returns on every host once all have come, with the number that the first brought.
///
/// The first listens at the address of its own name only, so that jobs whose hosts have addresses
/// of their own may meet at the same port of one machine. Hosts may come in any order, half an hour
/// apart: they start when their channels are downloaded. Throws Error(Platform) when some do not
/// come, and soon after a stop was requested.
std::uint16_t meet(const MeetingPlace& place, std::uint16_t number, const std::stop_token& stop);

}  // namespace millrace
