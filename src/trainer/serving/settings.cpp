#include "trainer/serving/settings.h"

#include <limits>

#include "core/base/refuse.h"
#include "core/base/text.h"

namespace millrace::serving {
namespace {

constexpr const char* kPort = "SAGEMAKER_BIND_TO_PORT";
constexpr const char* kMaxPayload = "SAGEMAKER_MAX_PAYLOAD_IN_MB";
constexpr const char* kDefaultAccept = "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT";
constexpr const char* kBatchDelay = "MILLRACE_BATCH_DELAY_MS";

/// A terabyte: more than any request.
constexpr std::int64_t kMostMegabytes = 1 << 20;
constexpr double kMostDelay = 1000;

std::optional<std::uint64_t> parse_megabytes(std::string_view text) {
  const std::optional<std::int64_t> megabytes = parse_int(text);
  if (!megabytes || *megabytes < 0 || *megabytes > kMostMegabytes) {
    refuse(
        kMaxPayload, text,
        "a whole number from 0, which stands for no limit, to " + std::to_string(kMostMegabytes));
  }
  if (*megabytes == 0) return std::nullopt;
  return static_cast<std::uint64_t>(*megabytes) << 20;
}

}  // namespace

std::uint16_t parse_port(std::string_view text, std::string_view where) {
  const std::optional<std::int64_t> port = parse_int(text);
  if (!port || *port < 0 || *port > std::numeric_limits<std::uint16_t>::max())
    refuse(std::string(where), text, "a port, from 1 to 65535, or 0 for any that is free");
  return static_cast<std::uint16_t>(*port);
}

std::chrono::microseconds parse_batch_delay(std::string_view text, std::string_view where) {
  const std::optional<double> milliseconds = parse_double(text);
  if (!milliseconds || !(*milliseconds >= 0 && *milliseconds <= kMostDelay))
    refuse(std::string(where), text, "milliseconds from 0 to 1000");
  return std::chrono::microseconds(static_cast<std::int64_t>(*milliseconds * 1000));
}

Settings read_settings(const Variable& variable) {
  Settings settings;
  if (const char* port = variable(kPort)) settings.port = parse_port(port, kPort);
  if (const char* megabytes = variable(kMaxPayload))
    settings.max_payload_bytes = parse_megabytes(megabytes);
  if (const char* accept = variable(kDefaultAccept)) settings.default_accept = accept;
  if (const char* delay = variable(kBatchDelay))
    settings.batch_delay = parse_batch_delay(delay, kBatchDelay);
  return settings;
}

}  // namespace millrace::serving
