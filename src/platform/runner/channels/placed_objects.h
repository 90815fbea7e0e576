#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "platform/runner/channels/channel_meter.h"
#include "platform/runner/channels/object_bytes.h"
#include "platform/runner/channels/object_names.h"
#include "platform/runner/daemon.h"
#include "platform/runner/retry.h"

namespace millrace::runner {

/// Makes each object a file below `directory`, which is made, by the name that name_objects() gives
/// it: a hard link to the store's own file where that can be reached, else a copy or a download.
/// Returns the names; what is not named (folder markers) is not placed. `channel` is for messages.
/// `meter`, where there is one, counts their bytes. Ends early, incomplete, when `stop` fires.
/// Throws what name_objects() and download_all() throw.
std::vector<NamedObject> place_objects(const std::vector<const ChannelObject*>& objects,
                                       const std::string& prefix, const std::string& channel,
                                       const std::filesystem::path& directory,
                                       const ConnectDaemon& connect, const Patience& patience,
                                       const std::stop_token& stop, ChannelMeter* meter = nullptr);

}  // namespace millrace::runner
