#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/time.h"
#include "generated/aws/control/types.h"
#include "platform/records/connection.h"

namespace millrace::jobs {

/// What a channel has delivered to all hosts of a job, over all attempts. What no supervisor has
/// measured is absent.
struct ChannelDelivery {
  std::int64_t hosts = 0;
  Time at{};                            ///< of the last report
  std::optional<std::string> measured;  ///< wire::control::ChannelMeasure
  std::optional<std::int64_t> bytes;
  std::optional<std::int64_t> objects;
  std::optional<double> seconds;               ///< of the host that took longest
  std::optional<double> bytes_per_second;      ///< mean
  std::optional<double> bytes_per_second_now;  ///< of hosts that have reported lately
  std::optional<std::int64_t> records;
  std::optional<std::int64_t> passes;            ///< of the host that has made most
  std::optional<std::int64_t> records_per_pass;  ///< of all hosts, in the last attempt
  std::optional<double> records_per_second;      ///< mean
  std::optional<double> reader_waited;           ///< share of time, 0 to 1
  std::optional<double> writer_waited;           ///< likewise
};

/// By the channel's name. `runs` are of one job, with their hosts, in any order.
std::map<std::string, ChannelDelivery> join_channels(
    const std::vector<std::pair<std::string, wire::control::HostChannels>>& runs, Time now);

/// Keeps what a supervisor has told.
void record_channels(records::Connection& transaction, const std::string& account,
                     const std::string& workload, const std::string& host,
                     const wire::control::HostChannels& channels);
/// All that supervisors of a job have told, with their hosts.
std::vector<std::pair<std::string, wire::control::HostChannels>> recorded_channels(
    records::Connection& connection, const std::string& account, const std::string& workload);

}  // namespace millrace::jobs
