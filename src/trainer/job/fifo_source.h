#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

#include "core/base/fd.h"
#include "core/io/byte_source.h"

namespace millrace {

/// Reads a FIFO of Pipe mode from the moment it appears until its writer closes it. Both waiting
/// for the file and waiting for bytes end at once when a stop is requested.
class FifoSource final : public ByteSource {
 public:
  /// The next epoch's FIFO exists at the latest when the previous one was closed: a reader that is
  /// quicker waits this long for the file, and then takes the platform for dead.
  static constexpr std::chrono::minutes kPatience{5};

  /// `origin` is for messages: "channel 'train', epoch 2".
  FifoSource(std::filesystem::path path, std::string origin, std::stop_token stop);

  /// Throws Error(Platform) when the stop was requested, when the file does not appear within
  /// kPatience and when it is no FIFO.
  std::size_t read(std::span<char> buffer) override;

 private:
  void open();
  /// Until `fd` has something to say or `patience` is over; throws when the stop is requested.
  void wait(int fd, std::chrono::milliseconds patience);

  std::filesystem::path path_;
  std::string origin_;
  Fd fifo_;
  Fd stopped_;  ///< an eventfd that the stop request makes readable
  std::stop_callback<std::function<void()>> on_stop_;
};

}  // namespace millrace
