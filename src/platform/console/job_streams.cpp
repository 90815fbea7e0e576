#include "platform/console/job_streams.h"

#include <algorithm>
#include <optional>

#include "core/base/text.h"
#include "platform/jobs/ticket.h"

namespace millrace::console {
namespace {

constexpr std::int64_t kMaxStreams = 1000;  ///< a job has at most as many hosts

/// By number, so that algo-10 comes behind algo-9.
std::int64_t number_of(std::string_view host) {
  return parse_int(host.substr(host.rfind('-') + 1)).value_or(0);
}

}  // namespace

std::vector<records::LogStreamRow> log_streams_of(records::Connection& connection,
                                                  const std::string& account,
                                                  const std::string& job) {
  records::LogTable table(connection);
  const auto group = table.find_group(account, jobs::kTrainingLogGroup);
  if (!group) return {};
  auto streams = table.list_streams(*group, job + "/", false, std::nullopt, kMaxStreams);
  std::stable_sort(streams.begin(), streams.end(), [](const auto& a, const auto& b) {
    return number_of(host_of_stream(a.name)) < number_of(host_of_stream(b.name));
  });
  return streams;
}

std::string_view host_of_stream(std::string_view stream) {
  stream.remove_prefix(std::min(stream.find('/') + 1, stream.size()));
  return stream.substr(0, stream.rfind('-'));
}

}  // namespace millrace::console
