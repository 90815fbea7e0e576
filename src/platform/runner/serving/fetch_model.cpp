#include "platform/runner/serving/fetch_model.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/io/file.h"
#include "platform/runner/channels/object_bytes.h"
#include "platform/runner/channels/object_listing.h"
#include "platform/runner/channels/placed_objects.h"
#include "platform/runner/deadline.h"
#include "platform/runner/serving/model_archive.h"

namespace millrace::runner {
namespace {

namespace fs = std::filesystem;
using wire::control::ModelDataType;
using wire::control::ServerTicket;

constexpr std::int64_t kDefaultVolumeBytes = std::int64_t{30} << 30;
constexpr const char* kWhat = "the model";

std::string type_of(const ServerTicket& ticket) {
  if (ticket.model_data_type) return *ticket.model_data_type;
  return ticket.model_data_url->ends_with('/') ? ModelDataType::Prefix : ModelDataType::Archive;
}

ChannelObject find_object(const ObjectName& name, const ConnectDaemon& connect,
                          const Patience& patience, const std::stop_token& stop) {
  auto found = with_retry(patience, stop, [&] {
    return connect()->locate(
        {.bucket = name.bucket, .prefix = "", .keys = std::vector<std::string>{name.key}});
  });
  if (found.objects.empty()) {
    throw Error(Blame::Customer, std::string(kWhat) + ", " + name.uri() +
                                     ": there is no such object. Store the model there, or give "
                                     "ModelDataUrl the place where it is.");
  }
  return channel_object(name.bucket, std::move(found.objects.front()));
}

[[noreturn]] void refuse_size(const std::string& where, std::int64_t bytes, std::int64_t volume) {
  throw Error(Blame::Customer, where + ": its " + human_bytes(static_cast<std::uint64_t>(bytes)) +
                                   " are more than the volume of " +
                                   human_bytes(static_cast<std::uint64_t>(volume)) +
                                   ". Ask for a larger VolumeSizeInGB.");
}

std::optional<Bind> place_prefix(const ServerTicket& ticket, const ObjectName& prefix,
                                 const Workspace& workspace, const ConnectDaemon& connect,
                                 const Patience& patience, const std::stop_token& stop) {
  const auto daemon = with_retry(patience, stop, connect);
  const std::vector<ChannelObject> objects =
      list_objects(*daemon, prefix, patience, stop, std::string(kWhat) + " in " + prefix.uri());
  std::vector<const ChannelObject*> all;
  std::int64_t bytes = 0;
  for (const ChannelObject& object : objects) {
    all.push_back(&object);
    bytes += object.size;
  }
  const std::string where = std::string(kWhat) + ", " + prefix.uri();
  if (all.empty() && !stop.stop_requested()) {
    throw Error(Blame::Customer, where +
                                     ": there is no object below this prefix. Store the model "
                                     "there, or give another S3Uri.");
  }
  if (bytes > volume_of(ticket)) refuse_size(where, bytes, volume_of(ticket));
  const fs::path directory = workspace.readable_paths().model();
  place_objects(all, prefix.key, "model", directory, connect, patience, stop);
  return Bind{.source = directory, .target = ContractPaths{}.model()};
}

std::optional<Bind> fetch(const ServerTicket& ticket, const Workspace& workspace,
                          const ConnectDaemon& connect, const Patience& patience,
                          const std::stop_token& stop) {
  const ObjectName name = parse_s3_uri(*ticket.model_data_url, "ModelDataUrl");
  const std::string type = type_of(ticket);
  if (type == ModelDataType::Prefix)
    return place_prefix(ticket, name, workspace, connect, patience, stop);

  const ChannelObject object = find_object(name, connect, patience, stop);
  const fs::path directory = workspace.writable_paths().model();
  ObjectOpener opener(kWhat, connect, patience, stop);
  if (object.size > volume_of(ticket))
    refuse_size(opener.where(object), object.size, volume_of(ticket));
  const std::unique_ptr<ObjectBytes> bytes = opener.open(object);
  unpack_model(*bytes, opener.where(object), directory, volume_of(ticket), stop);
  return std::nullopt;
}

}  // namespace

std::int64_t volume_of(const ServerTicket& ticket) {
  return ticket.volume_bytes.value_or(kDefaultVolumeBytes);
}

std::optional<Bind> fetch_model(const ServerTicket& ticket, const Workspace& workspace,
                                const ConnectDaemon& connect, const Patience& patience,
                                const std::stop_token& stop) {
  if (!ticket.model_data_url) return std::nullopt;
  if (!ticket.download_timeout_in_seconds) return fetch(ticket, workspace, connect, patience, stop);
  const std::chrono::seconds limit(*ticket.download_timeout_in_seconds);
  const Deadline deadline(stop, limit);
  std::optional<Bind> bind;
  try {
    bind = fetch(ticket, workspace, connect, patience, deadline.token());
  } catch (const Error&) {
    if (!deadline.passed()) throw;
  }
  if (deadline.token().stop_requested() && !stop.stop_requested()) {
    throw Error(Blame::Customer, std::string(kWhat) + ", " + *ticket.model_data_url +
                                     ": it was not here within " + std::to_string(limit.count()) +
                                     " s. Ask for a larger ModelDataDownloadTimeoutInSeconds.");
  }
  return bind;
}

}  // namespace millrace::runner
