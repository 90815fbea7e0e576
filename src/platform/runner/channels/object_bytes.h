#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/io/byte_source.h"
#include "platform/runner/channels/fifo.h"
#include "platform/runner/daemon.h"
#include "platform/runner/retry.h"

namespace millrace::runner {

/// One version of an object, as the store listed it.
struct ChannelObject {
  ObjectName name;
  std::string e_tag;
  std::int64_t size = 0;
  /// A file that holds exactly its bytes; absent where the store is elsewhere.
  std::optional<std::filesystem::path> path;
};

/// The version of an object that was listed, as a stream. Throws Error naming channel and object:
/// Customer when the object was changed or deleted since, Platform when the store has not all of
/// its bytes or cannot be reached for longer than patience allows. A connection that breaks is
/// taken up again where it broke.
class ObjectBytes : public ByteSource {
 public:
  /// Moves the rest to the FIFO by the cheapest way there is.
  virtual void send(FifoWriter& fifo) = 0;
};

/// Opens objects for one thread, and keeps its connections to the daemon between them.
class ObjectOpener {
 public:
  /// References must outlive the opener and what it opens; `what` begins messages, "channel
  /// 'train'". With `stop`, waiting for the daemon ends early, with the failure that it waited
  /// because of.
  ObjectOpener(std::string what, const ConnectDaemon& connect, const Patience& patience,
               std::stop_token stop)
      : what_(std::move(what)), connect_(connect), patience_(patience), stop_(std::move(stop)) {}

  /// Several may be open at the same time. `object` must outlive the stream.
  std::unique_ptr<ObjectBytes> open(const ChannelObject& object);

  /// "channel 'train', s3://bucket/key", as messages begin.
  [[nodiscard]] std::string where(const ChannelObject& object) const;

 private:
  class Local;
  class Remote;

  const std::string what_;
  const ConnectDaemon& connect_;
  const Patience& patience_;
  const std::stop_token stop_;
  std::vector<std::unique_ptr<Daemon>> idle_;
};

}  // namespace millrace::runner
