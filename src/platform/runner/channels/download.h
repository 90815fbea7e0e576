#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "platform/runner/channels/channel_meter.h"
#include "platform/runner/daemon.h"
#include "platform/runner/retry.h"

namespace millrace::runner {

/// One object to fetch.
struct Download {
  ObjectName object;
  std::string e_tag;
  std::int64_t size = 0;
  std::filesystem::path target;
};

/// Fetches all of them in ranges of 32 MiB over up to four connections at once; each range is
/// pinned to the version (If-Match), must come complete and is taken up again where it broke (see
/// ReadAttempts). Ends early, incomplete, when `stop` fires. Throws Error that begins with `what`
/// and names the object. `meter`, where there is one, counts bytes as they come.
void download_all(const std::vector<Download>& downloads, const std::string& what,
                  const ConnectDaemon& connect, const Patience& patience,
                  const std::stop_token& stop, ChannelMeter* meter = nullptr);

}  // namespace millrace::runner
