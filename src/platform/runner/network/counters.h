#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string_view>

namespace millrace::runner {

/// What the kernel has counted in a network namespace since it was made (RFC 4293's MIB, as
/// proc(5) shows it).
struct NetworkCounters {
  /// Packets sent through interfaces other than the loopback one.
  std::int64_t packets_out = 0;
  /// Connections and datagrams for which there was no way out (OutNoRoutes): whoever tried was told
  /// ENETUNREACH.
  std::int64_t no_routes = 0;
};

/// Of the texts of net/dev, net/snmp and net/snmp6; what they lack counts nothing.
NetworkCounters parse_counters(std::string_view dev, std::string_view snmp, std::string_view snmp6);

/// Of the namespace that process `member` is in. Throws Error(Platform) when it is gone.
NetworkCounters read_counters(pid_t member);

}  // namespace millrace::runner
