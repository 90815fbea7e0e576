#include "platform/runner/network/counters.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/text.h"
#include "core/io/file.h"

namespace millrace::runner {
namespace {

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words = split(line, ' ');
  std::erase_if(words, [](std::string_view word) { return word.empty(); });
  return words;
}

std::int64_t number(std::string_view word) {
  return parse_int(word).value_or(0);
}

/// "  eth0: 8 fields of what was received, then bytes and packets that were sent ..."
std::int64_t packets_out(std::string_view dev) {
  constexpr std::size_t kSentPackets = 9;
  std::int64_t packets = 0;
  for (const std::string_view line : split(dev, '\n')) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || trim(line.substr(0, colon)) == "lo") continue;
    const std::vector<std::string_view> fields = words_of(line.substr(colon + 1));
    if (fields.size() > kSentPackets) packets += number(fields[kSentPackets]);
  }
  return packets;
}

/// A line of names "Ip: Forwarding ... OutNoRoutes ..." and under it one of values.
std::int64_t no_routes_of_ipv4(std::string_view snmp) {
  std::vector<std::string_view> names;
  for (const std::string_view line : split(snmp, '\n')) {
    if (!line.starts_with("Ip: ")) continue;
    const std::vector<std::string_view> words = words_of(line);
    if (names.empty()) {
      names = words;
      continue;
    }
    const auto found = std::find(names.begin(), names.end(), "OutNoRoutes");
    const auto at = static_cast<std::size_t>(found - names.begin());
    return at < words.size() ? number(words[at]) : 0;
  }
  return 0;
}

std::int64_t no_routes_of_ipv6(std::string_view snmp6) {
  for (const std::string_view line : split(snmp6, '\n')) {
    const std::vector<std::string_view> words = words_of(line);
    if (words.size() == 2 && words[0] == "Ip6OutNoRoutes") return number(trim(words[1]));
  }
  return 0;
}

}  // namespace

NetworkCounters parse_counters(std::string_view dev, std::string_view snmp,
                               std::string_view snmp6) {
  return {.packets_out = packets_out(dev),
          .no_routes = no_routes_of_ipv4(snmp) + no_routes_of_ipv6(snmp6)};
}

NetworkCounters read_counters(pid_t member) {
  constexpr std::size_t kMaxBytes = std::size_t{1} << 20;
  const std::string folder = "/proc/" + std::to_string(member) + "/net/";
  // A kernel without IPv6 has no such file.
  const bool has_ipv6 = std::filesystem::exists(folder + "snmp6");
  return parse_counters(read_file(folder + "dev", kMaxBytes), read_file(folder + "snmp", kMaxBytes),
                        has_ipv6 ? read_file(folder + "snmp6", kMaxBytes) : std::string());
}

}  // namespace millrace::runner
