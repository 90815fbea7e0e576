#include "platform/runner/channels/pipe.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <exception>
#include <thread>
#include <utility>

#include "codec/gzip.h"
#include "core/base/error.h"
#include "core/data/recordio.h"
#include "core/io/file.h"
#include "core/io/read_ahead_blocks.h"
#include "platform/runner/channels/fifo.h"
#include "platform/runner/channels/object_source.h"
#include "platform/runner/channels/touched_objects.h"

namespace millrace::runner {
namespace {

namespace fs = std::filesystem;

/// A larger record is read twice instead.
constexpr std::size_t kHeldRecordBytes = std::size_t{8} << 20;
/// What inflating does at once: large enough that the library seldom moves its window.
constexpr std::size_t kUnpackedBlockBytes = std::size_t{1} << 20;

/// An object as the program gets it: unpacked where the channel says so.
class Reading final : public ByteSource {
 public:
  Reading(std::unique_ptr<ObjectBytes> bytes, bool packed, std::string where)
      : bytes_(std::move(bytes)) {
    if (packed) unpacked_ = std::make_unique<GzipSource>(*bytes_, std::move(where));
  }
  std::size_t read(std::span<char> buffer) override {
    return unpacked_ ? unpacked_->read(buffer) : bytes_->read(buffer);
  }

 private:
  std::unique_ptr<ObjectBytes> bytes_;
  std::unique_ptr<GzipSource> unpacked_;
};

/// Keeps SIGPIPE from the thread: a reader that leaves is told by errno.
void block_broken_pipe_signal() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

class PipeChannel final : public ChannelFeed {
 public:
  PipeChannel(const wire::control::TicketChannel& channel, const ChannelSurroundings& around)
      : channel_(channel),
        around_(around),
        meter_(around.channels.open(channel.channel_name)),
        packed_(option(channel.compression_type, "CompressionType", "Gzip")),
        wrapped_(option(channel.record_wrapper_type, "RecordWrapperType", "RecordIO")) {}

  void prepare(const std::stop_token& stop) override {
    source_ = list_source(channel_, around_.connect, around_.patience, stop);
    tell_touched(around_, channel_, source_);
    if (stop.stop_requested()) return;
    if (wrapped_ && !packed_) refuse_large_records();
    pin_files(stop);
    meter_.measured = wire::control::ChannelMeasure::Fed;
    meter_.sees_records = wrapped_;
    make_fifo(fifo(0));
    thread_ = std::jthread([this](const std::stop_token& end) { serve(end); });
  }

  std::vector<Bind> binds() override { return {}; }

  void finish() override {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
  }

 private:
  [[nodiscard]] bool option(const std::string& value, const char* name, const char* on) const {
    if (value != on && value != "None") {
      throw Error(Blame::Customer,
                  Problem{.where = "channel '" + channel_.channel_name + "', " + name,
                          .given = value,
                          .expected = std::string("None or ") + on,
                          .fix = {}});
    }
    return value == on;
  }

  [[nodiscard]] fs::path fifo(std::int64_t epoch) const {
    return around_.workspace.readable_paths().fifo(channel_.channel_name, epoch);
  }

  void refuse_large_records() const {
    for (const ChannelObject& object : source_.objects()) {
      if (static_cast<std::uint64_t>(object.size) <= kMaxChunkBytes) continue;
      throw Error(
          Blame::Customer,
          Problem{.where = "channel '" + channel_.channel_name + "', " + object.name.uri(),
                  .given = std::to_string(object.size) + " bytes",
                  .expected = "at most " + std::to_string(kMaxChunkBytes) +
                              " bytes, because RecordWrapperType RecordIO makes it one record",
                  .fix = "Split the object, or set RecordWrapperType to None."});
    }
  }

  /// Gives every file a further name. Where that is impossible (another file system, too many
  /// names) the store's own is used, and an object that is replaced meanwhile fails the job.
  void pin_files(const std::stop_token& stop) {
    // A channel may be called "..".
    const fs::path directory = around_.workspace.pinned() / ("of_" + channel_.channel_name);
    fs::create_directory(directory);
    std::size_t number = 0;
    for (ChannelObject& object : source_.objects()) {
      if (stop.stop_requested()) return;
      if (!object.path) continue;
      const fs::path name = directory / std::to_string(number++);
      if (::link(object.path->c_str(), name.c_str()) == 0) {
        object.path = name;
      } else if (errno == ENOENT) {
        object.path.reset();
      }
    }
  }

  void serve(const std::stop_token& stop) {
    block_broken_pipe_signal();
    try {
      for (std::int64_t epoch = 0;; ++epoch) {
        // Before this one can be opened: a reader that closes it, however soon, opens the next one.
        make_fifo(fifo(epoch + 1));
        const std::unique_ptr<FifoWriter> writer = FifoWriter::open(fifo(epoch), stop, meter_);
        if (!writer) return;
        try {
          feed(epoch, *writer, stop);
        } catch (...) {
          if (!writer->abandoned()) {
            // While the FIFO is still open: its end must not reach the program before the alarm.
            around_.alarm.raise(std::current_exception());
            return;
          }
        }
        ::unlink(fifo(epoch).c_str());
      }
    } catch (...) {
      around_.alarm.raise(std::current_exception());
    }
  }

  void feed(std::int64_t epoch, FifoWriter& writer, const std::stop_token& stop) {
    ObjectOpener opener("channel '" + channel_.channel_name + "'", around_.connect,
                        around_.patience, stop);
    for (const std::uint32_t unit : source_.pass(epoch)) {
      for (const ObjectSource::Piece& piece : source_.pieces(unit)) {
        if (const auto* index = std::get_if<std::uint32_t>(&piece)) {
          deliver(source_.objects()[*index], opener, writer);
          meter_.objects.fetch_add(1, std::memory_order_relaxed);
        } else {
          deliver(std::get<std::string>(piece), writer);
        }
        if (wrapped_) meter_.records.fetch_add(1, std::memory_order_relaxed);
      }
    }
    writer.flush();
  }

  void deliver(const std::string& text, FifoWriter& writer) const {
    if (wrapped_) {
      RecordIoWriter(writer).write(text);
    } else {
      writer.write(text);
    }
  }

  void deliver(const ChannelObject& object, ObjectOpener& opener, FifoWriter& writer) const {
    if (wrapped_) {
      deliver_record(object, opener, writer);
    } else if (packed_) {
      Reading reading = read(object, opener);
      ReadAheadBlocks blocks(reading, kUnpackedBlockBytes);
      for (auto block = blocks.next(); !block.empty(); block = blocks.next()) writer.write(block);
    } else {
      opener.open(object)->send(writer);
    }
  }

  void deliver_record(const ChannelObject& object, ObjectOpener& opener, FifoWriter& writer) const {
    RecordIoWriter records(writer);
    if (static_cast<std::uint64_t>(object.size) <= kHeldRecordBytes) {
      Reading reading = read(object, opener);
      std::string record(packed_ ? kHeldRecordBytes : static_cast<std::size_t>(object.size), '\0');
      record.resize(read_full(reading, record));
      char more = 0;
      if (reading.read({&more, 1}) == 0) return records.write(record);
    }
    Reading ahead = read(object, opener);
    Reading payload = read(object, opener);
    try {
      records.write(ahead, payload);
    } catch (const Error& error) {
      if (writer.abandoned() || std::string_view(error.what()).starts_with("channel ")) throw;
      throw Error(error.blame(), opener.where(object) + ": " + error.what());
    }
  }

  [[nodiscard]] Reading read(const ChannelObject& object, ObjectOpener& opener) const {
    return Reading(opener.open(object), packed_, opener.where(object));
  }

  const wire::control::TicketChannel channel_;
  const ChannelSurroundings around_;
  ChannelMeter& meter_;
  const bool packed_;
  const bool wrapped_;
  ObjectSource source_;
  std::jthread thread_;
};

}  // namespace

std::unique_ptr<ChannelFeed> open_pipe_channel(const wire::control::TicketChannel& channel,
                                               const ChannelSurroundings& around) {
  return std::make_unique<PipeChannel>(channel, around);
}

}  // namespace millrace::runner
