#pragma once

#include <thread>

#include "trainer/job/job.h"

namespace millrace {

/// Keeps the job's channel report (core/contract/channel_report.h) up to date as long as it lives:
/// once a second where something was taken from a channel since, and at the end. A report that
/// cannot be written is left out.
class ChannelReporter {
 public:
  /// `job` must outlive it.
  explicit ChannelReporter(const Job& job);
  ChannelReporter(const ChannelReporter&) = delete;
  ChannelReporter& operator=(const ChannelReporter&) = delete;
  ~ChannelReporter();

 private:
  void write();

  const Job& job_;
  ChannelReports written_;
  std::jthread thread_;
};

}  // namespace millrace
