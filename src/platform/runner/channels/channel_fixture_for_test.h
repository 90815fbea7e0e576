#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "platform/runner/channels/channel_feed.h"
#include "platform/runner/fake_daemon_for_test.h"

namespace millrace::runner {

/// A channel 'train' of one job, a store beside it, and all that a feed works with.
class ChannelTest : public testing::Test {
 protected:
  explicit ChannelTest(std::string input_mode) {
    channel_ = {
        .channel_name = "train",
        .input_mode = std::move(input_mode),
        .compression_type = "None",
        .record_wrapper_type = "None",
        .s3_source = wire::control::TicketS3Source{.s3_data_type = "S3Prefix",
                                                   .s3_uri = "s3://b/data/",
                                                   .s3_data_distribution_type = "FullyReplicated",
                                                   .shard = 0,
                                                   .shards = 1}};
  }

  std::unique_ptr<ChannelFeed> open_feed() { return open_feed(workspace_); }
  std::unique_ptr<ChannelFeed> open_feed(const Workspace& workspace) {
    return open_channel(channel_, {.ticket = ticket_,
                                   .workspace = workspace,
                                   .connect = connect_,
                                   .patience = patience_,
                                   .alarm = alarm_,
                                   .residency = residency_,
                                   .channels = channels_,
                                   .note = note_});
  }
  void use_manifest(const std::string& type, const std::string& content) {
    store_.add("m", "manifest", content);
    channel_.s3_source->s3_data_type = type;
    channel_.s3_source->s3_uri = "s3://m/manifest";
  }
  /// What the channel has delivered so far.
  wire::control::ChannelUse use() {
    const auto told = channels_.changed(/*last=*/true);
    if (told) told_ = told->channels.at(0);
    return told_;
  }
  /// What prepare() gives as reason, with the blame in front; `otherwise` when it succeeds.
  static std::string refusal(const std::function<void()>& prepare, const char* otherwise) {
    try {
      prepare();
    } catch (const Error& error) {
      return (error.blame() == Blame::Customer ? "customer: " : "platform: ") +
             std::string(error.what());
    }
    return otherwise;
  }

  FakeStore store_;
  Workspace workspace_{store_.directory(), "job"};
  wire::control::JobTicket ticket_{.job_name = "job", .hosts = {"algo-1"}};
  wire::control::TicketChannel channel_;
  ConnectDaemon connect_ = store_.connector();
  Patience patience_{.limit = std::chrono::seconds(5)};
  FeedAlarm alarm_;
  ResidencyLog residency_;
  ChannelLog channels_;
  wire::control::ChannelUse told_;
  std::vector<std::string> notes_;
  const std::function<void(std::string_view)> note_ = [this](std::string_view line) {
    notes_.emplace_back(line);
  };
};

}  // namespace millrace::runner
