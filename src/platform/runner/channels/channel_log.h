#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/contract/channel_report.h"
#include "generated/aws/control/types.h"
#include "platform/runner/channels/channel_meter.h"

namespace millrace::runner {

/// What the channels of this host have delivered so far, for the job's use of its data: the meters
/// of their feeds, and what the program says of itself in its channel report. Any thread.
class ChannelLog {
 public:
  using Clock = std::chrono::steady_clock;
  /// The program's channel report as it stands; empty where there is none.
  using ReadReport = std::function<std::string()>;

  ChannelLog();

  /// The channel's meter, valid as long as this.
  ChannelMeter& open(const std::string& channel);

  /// Asks for the program's report whenever changed() is called, until unfollow().
  void follow(ReadReport read);
  /// Asks once more, and not again. Says what is wrong with a report that could not be understood.
  std::optional<std::string> unfollow();

  /// All of it, where it is not what the last call returned, at most once a second; `last`: however
  /// soon after that.
  std::optional<wire::control::HostChannels> changed(bool last,
                                                     Clock::time_point at = Clock::now());

 private:
  struct Metered {
    std::string name;
    ChannelMeter meter;
  };

  void read_report();
  [[nodiscard]] wire::control::ChannelUse use_of(const Metered& channel,
                                                 Clock::time_point at) const;

  const std::string run_;
  std::mutex mutex_;
  std::deque<Metered> channels_;
  ReadReport read_;
  ChannelReports reports_;
  std::optional<std::string> problem_;  ///< of the program's report
  std::vector<wire::control::ChannelUse> told_;
  std::optional<Clock::time_point> told_at_;
};

}  // namespace millrace::runner
