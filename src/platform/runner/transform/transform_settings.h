#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "generated/aws/control/types.h"

namespace millrace::runner {

/// How the records of a transform job are sent: what its request says, else what the model's server
/// asks for at /execution-parameters, else the service's defaults.
struct TransformSettings {
  std::int64_t concurrent = 1;      ///< requests at a time
  bool many = true;                 ///< MultiRecord
  std::int64_t max_payload_mb = 6;  ///< 0: whole objects, in chunks

  [[nodiscard]] std::size_t max_payload_bytes() const {
    return static_cast<std::size_t>(max_payload_mb) << 20;
  }
  /// Objects are sent as they are read, whatever their size.
  [[nodiscard]] bool streams(const wire::control::TransformTicket& ticket) const;
  /// "MaxConcurrentTransforms=1, MaxPayloadInMB=6, BatchStrategy=MULTI_RECORD", as the public
  /// service writes it into a job's data log.
  [[nodiscard]] std::string text() const;
};

/// `parameters` is the body of the server's answer; one that is no such JSON is passed over, and so
/// is each member of another type. All requests under way together hold at most 100 MB, so a
/// server that asks for more gets fewer at a time.
TransformSettings transform_settings(const wire::control::TransformTicket& ticket,
                                     const std::optional<std::string>& parameters);

}  // namespace millrace::runner
