#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace millrace::serving {

/// How a model is served, from the environment that hosting sets. Source: Amazon SageMaker
/// Developer Guide, "Use Your Own Inference Code with Hosting Services", and the inference toolkit.
struct Settings {
  std::string address = "0.0.0.0";
  std::uint16_t port = 8080;  ///< SAGEMAKER_BIND_TO_PORT
  /// Longer requests are refused; nullopt: there is no limit, and they are read as they come.
  /// SAGEMAKER_MAX_PAYLOAD_IN_MB, where 0 stands for no limit.
  std::optional<std::uint64_t> max_payload_bytes = std::uint64_t{6} << 20;
  /// What is answered where a request accepts anything; empty: application/json.
  /// SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT.
  std::string default_accept;
  /// See Serving. MILLRACE_BATCH_DELAY_MS, not Amazon's.
  std::chrono::microseconds batch_delay{1000};
};

/// The value of an environment variable; nullptr where it is not set.
using Variable = std::function<const char*(const char* name)>;

/// Throws Error(Customer) naming the variable and what it may be.
Settings read_settings(const Variable& variable);

/// 0 to 65535, and a duration of 0 to 1000 ms such as "2.5". `where` names the option or variable.
std::uint16_t parse_port(std::string_view text, std::string_view where);
std::chrono::microseconds parse_batch_delay(std::string_view text, std::string_view where);

}  // namespace millrace::serving
