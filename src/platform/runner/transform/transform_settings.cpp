#include "platform/runner/transform/transform_settings.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/json/json.h"
#include "generated/aws/sagemaker/types.h"

namespace millrace::runner {
namespace {

using wire::sagemaker::BatchStrategy;
using wire::sagemaker::SplitType;

/// As published, of one request and of all under way.
constexpr std::int64_t kMaxPayloadMb = 100;

Json parameters_of(const std::optional<std::string>& text) {
  if (!text) return Json::object();
  try {
    Json parsed = parse_json(*text, "/execution-parameters");
    if (parsed.is_object()) return parsed;
  } catch (const Error&) {
    // As good as none: the server answers whatever it wants to paths it does not know.
  }
  return Json::object();
}

std::optional<std::int64_t> count_of(const Json& parameters, const char* name) {
  const auto found = parameters.find(name);
  if (found == parameters.end() || !found->is_number_integer()) return std::nullopt;
  const auto value = found->get<std::int64_t>();
  return value >= 0 ? std::optional(value) : std::nullopt;
}

}  // namespace

TransformSettings transform_settings(const wire::control::TransformTicket& ticket,
                                     const std::optional<std::string>& text) {
  const Json parameters = parameters_of(text);
  TransformSettings settings;
  const std::int64_t concurrent = ticket.max_concurrent_transforms.value_or(0);
  settings.concurrent =
      concurrent > 0 ? concurrent : count_of(parameters, "MaxConcurrentTransforms").value_or(1);
  settings.max_payload_mb = std::min(
      kMaxPayloadMb, ticket.max_payload_in_mb.value_or(
                         count_of(parameters, "MaxPayloadInMB").value_or(settings.max_payload_mb)));
  if (ticket.batch_strategy) {
    settings.many = *ticket.batch_strategy == BatchStrategy::MultiRecord;
  } else if (const auto found = parameters.find("BatchStrategy");
             found != parameters.end() && found->is_string()) {
    settings.many = found->get<std::string>() != "SINGLE_RECORD";
  }
  const std::int64_t each = std::max<std::int64_t>(settings.max_payload_mb, 1);
  settings.concurrent = std::clamp<std::int64_t>(settings.concurrent, 1, kMaxPayloadMb / each);
  return settings;
}

bool TransformSettings::streams(const wire::control::TransformTicket& ticket) const {
  return max_payload_mb == 0 && (many || ticket.split_type == SplitType::None) &&
         !ticket.processing;
}

std::string TransformSettings::text() const {
  return "MaxConcurrentTransforms=" + std::to_string(concurrent) +
         ", MaxPayloadInMB=" + std::to_string(max_payload_mb) +
         ", BatchStrategy=" + (many ? "MULTI_RECORD" : "SINGLE_RECORD");
}

}  // namespace millrace::runner
