#include "platform/runner/channels/channel_feed.h"

#include "core/base/error.h"
#include "platform/runner/channels/fastfile.h"
#include "platform/runner/channels/file.h"
#include "platform/runner/channels/file_system.h"
#include "platform/runner/channels/pipe.h"

namespace millrace::runner {
namespace {

/// One mode a channel may have and the feed that serves it.
struct Mode {
  const char* name;
  std::unique_ptr<ChannelFeed> (*open)(const wire::control::TicketChannel&,
                                       const ChannelSurroundings&);
};
constexpr Mode kModes[] = {
    {"File", open_file_channel}, {"Pipe", open_pipe_channel}, {"FastFile", open_fastfile_channel}};

[[noreturn]] void refuse(const wire::control::TicketChannel& channel, const char* option,
                         const std::string& value, const char* expected) {
  throw Error(Blame::Customer, Problem{.where = "channel '" + channel.channel_name + "', " + option,
                                       .given = value,
                                       .expected = expected,
                                       .fix = {}});
}

}  // namespace

std::unique_ptr<ChannelFeed> open_channel(const wire::control::TicketChannel& channel,
                                          const ChannelSurroundings& around) {
  // Also where its bytes are not seen: the program may tell of its records.
  around.channels.open(channel.channel_name);
  if (channel.file_system) return open_file_system_channel(channel, around);
  if (!channel.s3_source)
    refuse(channel, "DataSource", "", "an S3DataSource or a FileSystemDataSource");
  for (const Mode& mode : kModes) {
    if (channel.input_mode == mode.name) return mode.open(channel, around);
  }
  refuse(channel, "InputMode", channel.input_mode, "File, Pipe or FastFile");
}

}  // namespace millrace::runner
