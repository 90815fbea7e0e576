#include "platform/runner/channels/channel_log.h"

#include <algorithm>
#include <exception>
#include <string_view>
#include <utility>

#include "core/base/random.h"
#include "core/base/time.h"

namespace millrace::runner {
namespace {

using wire::control::ChannelMeasure;
using wire::control::ChannelUse;
using wire::control::HostChannels;

constexpr std::chrono::seconds kInterval{1};
/// While nothing is delivered and only the seconds of waiting grow: each report is a durable write.
constexpr std::chrono::seconds kIdleInterval{10};

/// What the program says wins: it knows its records, and when it had none.
void add_report(const ChannelReport& report, ChannelUse& use) {
  if (report.records) use.records = report.records;
  use.passes = report.passes;
  use.records_per_pass = report.records_per_pass;
  if (!report.seconds_waited || !report.seconds) return;  // a share needs both
  use.reader_waited_seconds = report.seconds_waited;
  use.reader_seconds = report.seconds;
}

bool has_moved(const std::vector<ChannelUse>& told, const std::vector<ChannelUse>& now) {
  const auto same = [](const ChannelUse& a, const ChannelUse& b) {
    return a.bytes == b.bytes && a.bytes_per_second == b.bytes_per_second &&
           a.objects == b.objects && a.records == b.records && a.passes == b.passes;
  };
  return !std::equal(told.begin(), told.end(), now.begin(), now.end(), same);
}

}  // namespace

ChannelLog::ChannelLog() : run_(random_hex(8)) {}

ChannelMeter& ChannelLog::open(const std::string& channel) {
  const std::lock_guard lock(mutex_);
  for (Metered& known : channels_) {
    if (known.name == channel) return known.meter;
  }
  Metered& opened = channels_.emplace_back();
  opened.name = channel;
  return opened.meter;
}

void ChannelLog::follow(ReadReport read) {
  const std::lock_guard lock(mutex_);
  read_ = std::move(read);
}

std::optional<std::string> ChannelLog::unfollow() {
  const std::lock_guard lock(mutex_);
  read_report();
  read_ = nullptr;
  return problem_;
}

void ChannelLog::read_report() {
  if (!read_) return;
  // Whatever is wrong with it, the job goes on without its figures.
  try {
    const std::string text = read_();
    if (text.empty()) return;
    reports_ = parse_channel_reports(text);
    problem_.reset();
  } catch (const std::exception& error) {
    problem_ = error.what();
  }
}

ChannelUse ChannelLog::use_of(const Metered& channel, Clock::time_point at) const {
  const ChannelMeter& meter = channel.meter;
  ChannelUse use{.channel_name = channel.name};
  if (const char* const measured = meter.measured) {
    use.measured = measured;
    use.bytes = meter.bytes;
    use.objects = meter.objects;
    use.seconds = meter.delivering.seconds(at);
    if (measured == std::string_view(ChannelMeasure::Fed))
      use.writer_waited_seconds = meter.writer_waits.seconds(at);
    if (measured != std::string_view(ChannelMeasure::Staged)) {
      use.reader_waited_seconds = meter.reader_waits.seconds(at);
      use.reader_seconds = use.seconds;
    }
  }
  if (meter.sees_records) use.records = meter.records;
  if (const auto report = reports_.find(channel.name); report != reports_.end())
    add_report(report->second, use);
  return use;
}

std::optional<HostChannels> ChannelLog::changed(bool last, Clock::time_point at) {
  const std::lock_guard lock(mutex_);
  if (channels_.empty() || (!last && told_at_ && at - *told_at_ < kInterval)) return std::nullopt;
  read_report();
  const double seconds = told_at_ ? std::chrono::duration<double>(at - *told_at_).count() : 0;
  std::vector<ChannelUse> now;
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    ChannelUse use = use_of(channels_[i], at);
    if (use.bytes && seconds > 0 && i < told_.size())
      use.bytes_per_second = static_cast<double>(*use.bytes - told_[i].bytes.value_or(0)) / seconds;
    now.push_back(std::move(use));
  }
  if (told_at_ && now == told_) return std::nullopt;
  if (!last && told_at_ && at - *told_at_ < kIdleInterval && !has_moved(told_, now))
    return std::nullopt;
  told_at_ = at;
  told_ = now;
  return HostChannels{.run = run_, .time = millrace::now(), .channels = std::move(now)};
}

}  // namespace millrace::runner
