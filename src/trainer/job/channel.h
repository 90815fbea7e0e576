#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "core/contract/config_files.h"
#include "core/contract/paths.h"
#include "core/io/byte_source.h"
#include "trainer/job/channel_counts.h"

namespace millrace {

struct Channel;

/// One pass over what a channel delivers, as streams that are read one after the other: of a Pipe
/// channel the one FIFO of the epoch, of a File or FastFile channel each of its files in order.
///
///     ChannelEpoch epoch = channel.open_epoch(0, job.stop());
///     while (ByteSource* stream = epoch.next()) {
///       RecordIoReader records(*stream, epoch.origin());
///       while (const std::string* record = records.next()) use(*record);
///     }
///
/// Nothing is opened before it is read, nothing is read twice, and a channel may be left early.
class ChannelEpoch {
 public:
  /// `channel` must outlive the epoch.
  ChannelEpoch(const Channel& channel, std::int64_t epoch, std::stop_token stop);

  /// Valid until the following call; nullptr after the last. Throws Error(Platform) where a file
  /// cannot be opened; reading a stream throws Error(Platform) once a stop is requested, which the
  /// reader tells from other failures by the stop token.
  ByteSource* next();
  /// How messages name the stream that next() gave: "channel 'train', a.csv" or "channel 'train',
  /// epoch 2".
  [[nodiscard]] const std::string& origin() const { return origin_; }

 private:
  const Channel& channel_;
  std::int64_t epoch_;
  std::stop_token stop_;
  std::vector<std::filesystem::path> files_;
  std::size_t given_ = 0;  ///< streams
  std::string origin_;
  std::unique_ptr<ByteSource> stream_;
};

/// The streams of an epoch joined byte for byte, as Pipe mode joins the objects of a channel: a
/// mini-batch of rows may then begin in one file and end in the next, whatever the mode.
class JoinedEpoch final : public ByteSource {
 public:
  explicit JoinedEpoch(ChannelEpoch epoch) : epoch_(std::move(epoch)) {}
  std::size_t read(std::span<char> buffer) override;
  /// The stream that the last byte came from.
  [[nodiscard]] const std::string& origin() const { return epoch_.origin(); }

 private:
  ChannelEpoch epoch_;
  ByteSource* stream_ = nullptr;
  bool started_ = false;
};

/// One named input of a job.
struct Channel {
  std::string name;
  ChannelConfig config;
  ContractPaths paths;
  /// For whoever takes records from it; shared by all copies.
  std::shared_ptr<ChannelCounts> counts = std::make_shared<ChannelCounts>();

  [[nodiscard]] std::filesystem::path directory() const { return paths.channel(name); }
  [[nodiscard]] bool is_pipe() const { return config.input_mode == "Pipe"; }
  /// ContentType without its parameters, in lower case: "application/x-recordio" of
  /// "application/x-recordio; label-format=class-id". Empty when the request has none.
  [[nodiscard]] std::string media_type() const;

  /// Regular files below the directory, in byte order of their relative paths. Throws
  /// Error(Customer) naming the channel when there is none, or when its input mode delivers no
  /// files.
  [[nodiscard]] std::vector<std::filesystem::path> files() const;
  /// "channel 'train', a/b.rec": how messages name a file of this channel.
  [[nodiscard]] std::string name_of(const std::filesystem::path& file) const;

  /// Epochs from 0, each opened once and in order. Throws what files() throws.
  [[nodiscard]] ChannelEpoch open_epoch(std::int64_t epoch, std::stop_token stop) const {
    return {*this, epoch, std::move(stop)};
  }
};

}  // namespace millrace
