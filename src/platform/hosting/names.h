#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "platform/records/hosting.h"

namespace millrace::hosting {

/// arn:aws:sagemaker:<region>:<account>:<type>/<name in lower case>, type "model",
/// "endpoint-config", "endpoint" or "transform-job".
std::string arn_of(records::HostingKind kind, std::string_view region, std::string_view account,
                   std::string_view name);
std::string arn_of(records::HostingKind kind, const records::HostingRow& row);

/// The row, or ValidationException "Could not find <kind> "<arn>"." SDKs look for these words.
/// `region` is the caller's and only shows in the ARN.
records::HostingRow found_or_refused(records::Connection& connection, records::HostingKind kind,
                                     const std::string& account, const std::string& region,
                                     const std::string& name);
/// Inserts, or ValidationException "Cannot create already existing <kind> "<arn>"." SDKs look for
/// these words too.
void insert_or_refuse(records::Connection& transaction, records::HostingKind kind,
                      const records::HostingRow& row);

/// What a variant's instances are called where they are started and supervised:
/// endpoint.<endpoint>.<variant>.<generation>. Names of endpoints and variants hold no dot.
struct ServerWorkload {
  std::string endpoint;
  std::string variant;
  std::int64_t generation = 0;

  [[nodiscard]] std::string text() const;
};
std::optional<ServerWorkload> parse_workload(std::string_view text);

/// "/aws/sagemaker/Endpoints/<endpoint>"
std::string log_group(std::string_view endpoint);

}  // namespace millrace::hosting
