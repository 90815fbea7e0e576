#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "core/base/fd.h"
#include "core/io/byte_source.h"
#include "platform/runner/channels/channel_meter.h"
#include "platform/runner/stop_signal.h"

namespace millrace::runner {

/// Makes a FIFO that every process of the job may open. Throws Error(Platform).
void make_fifo(const std::filesystem::path& path);

/// The writing end of a FIFO while a reader is there. A full FIFO makes it wait; that is all the
/// back-pressure there is.
class FifoWriter final : public ByteSink {
 public:
  /// Waits, without polling, until somebody opens the FIFO for reading; null when `stop` fires
  /// first. The FIFO is given 1 MiB of room where the kernel allows it. `meter` counts what goes
  /// into it, and who waits for whom while it is open; must outlive the writer.
  static std::unique_ptr<FifoWriter> open(const std::filesystem::path& path,
                                          const std::stop_token& stop, ChannelMeter& meter);
  FifoWriter(const FifoWriter&) = delete;
  FifoWriter& operator=(const FifoWriter&) = delete;
  ~FifoWriter() override;

  /// Small pieces are collected until flush(), splice() or 64 KiB. This and all below throw Error
  /// once the reader has left or `stop` has fired; then abandoned() is true.
  void write(std::span<const char> bytes) override;
  void flush();

  /// Lets the kernel move between one byte and `max` bytes: from a file at *offset, which advances,
  /// or from a non-blocking socket (offset null), for whose bytes it waits at most `patience`. 0 at
  /// the source's end; nullopt when the source cannot be spliced. Throws Error(Platform) when the
  /// source fails or its patience is exhausted.
  std::optional<std::size_t> splice(int source, loff_t* offset, std::size_t max,
                                    std::chrono::milliseconds patience);

  /// Waits until the descriptor has something to read; false when that takes longer than
  /// `patience`.
  bool wait_readable(int source, std::chrono::milliseconds patience);

  /// Nobody wants the rest: not a failure.
  [[nodiscard]] bool abandoned() const { return reader_left_ || stop_.stop_requested(); }

 private:
  FifoWriter(Fd fd, const std::stop_token& stop, ChannelMeter& meter);

  void write_through(std::span<const char> bytes);
  /// The result of `move`, a call that puts bytes into the FIFO; counts them.
  template <class Move>
  ssize_t counted(Move move);
  void wait_for_room();
  [[noreturn]] void give_up();

  Fd fd_;
  const std::stop_token stop_;
  const StopSignal signal_;
  std::vector<char> collected_;
  bool reader_left_ = false;
  ChannelMeter& meter_;
  ChannelMeter::Clock::time_point filled_;  ///< when there was last something to read for certain
};

}  // namespace millrace::runner
