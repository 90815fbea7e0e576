#pragma once

#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "platform/runner/channels/object_bytes.h"
#include "platform/runner/channels/object_names.h"
#include "platform/runner/daemon.h"
#include "platform/runner/retry.h"

namespace millrace::runner {

/// Every listed name is kept in memory while a job uses it, at about 300 bytes.
inline constexpr std::size_t kMaxListedObjects = 10'000'000;

/// The object as the store has located it.
ChannelObject channel_object(const std::string& bucket, wire::control::ObjectLocation&& location);

/// The objects whose keys begin with `prefix`, in ascending order of their keys, folder markers
/// included; page after page, each tried again while the daemon cannot be reached. Ends early,
/// incomplete, when `stop` fires. Throws Error that begins with `what`, and Error(Customer) for
/// more than kMaxListedObjects.
std::vector<ChannelObject> list_objects(Daemon& daemon, const ObjectName& prefix,
                                        const Patience& patience, const std::stop_token& stop,
                                        const std::string& what);

/// Fills in what the store has of each object, which is named: version, size and file. One that is
/// not there keeps an empty e_tag. Otherwise as list_objects().
void locate_objects(Daemon& daemon, std::span<ChannelObject> objects, const Patience& patience,
                    const std::stop_token& stop, const std::string& what);

/// For name_objects(); valid as long as the objects.
std::vector<ListedKey> keys_of(const std::vector<ChannelObject>& objects);
std::vector<ListedKey> keys_of(const std::vector<const ChannelObject*>& objects);

}  // namespace millrace::runner
