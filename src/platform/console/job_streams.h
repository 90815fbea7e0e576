#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/records/connection.h"
#include "platform/records/log_events.h"

namespace millrace::console {

/// The log streams of a training job, "<job>/algo-1-1732752000", by host.
std::vector<records::LogStreamRow> log_streams_of(records::Connection& connection,
                                                  const std::string& account,
                                                  const std::string& job);
/// "algo-1" of such a name.
std::string_view host_of_stream(std::string_view stream);

}  // namespace millrace::console
