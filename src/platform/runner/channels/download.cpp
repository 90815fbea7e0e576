#include "platform/runner/channels/download.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <exception>
#include <thread>

#include "core/base/error.h"
#include "core/base/fd.h"
#include "core/base/guarded.h"
#include "core/io/file.h"
#include "platform/runner/channels/object_fetch.h"
#include "platform/runner/write_while_room.h"

namespace millrace::runner {
namespace {

constexpr std::int64_t kRangeBytes = 32 << 20;
constexpr std::size_t kConnections = 4;

struct Piece {
  const Download* download;
  std::int64_t offset;
  std::int64_t length;
};

std::vector<Piece> cut_into_pieces(const std::vector<Download>& downloads) {
  std::vector<Piece> pieces;
  for (const Download& download : downloads) {
    for (std::int64_t offset = 0; offset < download.size; offset += kRangeBytes) {
      pieces.push_back({.download = &download,
                        .offset = offset,
                        .length = std::min(kRangeBytes, download.size - offset)});
    }
  }
  return pieces;
}

/// Writes at a position of a file, however the bytes arrive.
class RangeSink final : public ByteSink {
 public:
  RangeSink(const std::filesystem::path& file, std::int64_t offset, ChannelMeter* meter)
      : fd_(::open(file.c_str(), O_WRONLY | O_CLOEXEC)), meter_(meter) {
    if (!fd_ || ::lseek(fd_.get(), offset, SEEK_SET) < 0) {
      throw_errno("writing input file '" + file.filename().string() + "'");
    }
  }
  void write(std::span<const char> bytes) override {
    if (write_while_room(fd_.get(), {bytes.data(), bytes.size()}, "writing the input file")) {
      if (meter_ != nullptr) meter_->add(static_cast<std::int64_t>(bytes.size()));
      return;
    }
    throw Error(Blame::Platform,
                "the disk that holds the job's files is full. Make room where the daemon's data "
                "directory is, or read the channel in Pipe or FastFile mode.");
  }

 private:
  Fd fd_;
  ChannelMeter* meter_;
};

void fetch(const Piece& piece, const std::string& what, Daemon& daemon, const Patience& patience,
           const std::stop_token& stop, ChannelMeter* meter) {
  const Download& download = *piece.download;
  try {
    RangeSink sink(download.target, piece.offset, meter);
    fetch_object(daemon,
                 {.object = download.object,
                  .e_tag = download.e_tag,
                  .offset = piece.offset,
                  .length = piece.length},
                 sink, patience, stop);
  } catch (const Error& error) {
    throw Error(error.blame(), error.code(),
                what + ", downloading " + download.object.uri() + ": " + error.what());
  }
}

}  // namespace

void download_all(const std::vector<Download>& downloads, const std::string& what,
                  const ConnectDaemon& connect, const Patience& patience,
                  const std::stop_token& stop, ChannelMeter* meter) {
  for (const Download& download : downloads) create_for_writing(download.target);
  const std::vector<Piece> pieces = cut_into_pieces(downloads);
  std::atomic<std::size_t> next = 0;
  Guarded<std::exception_ptr> failure;
  const auto work = [&] {
    try {
      const std::unique_ptr<Daemon> daemon = connect();
      for (std::size_t i = next++; i < pieces.size() && !stop.stop_requested(); i = next++) {
        fetch(pieces[i], what, *daemon, patience, stop, meter);
      }
    } catch (...) {
      next = pieces.size();
      failure.with(
          [](std::exception_ptr& first) { first = first ? first : std::current_exception(); });
    }
  };
  {
    std::vector<std::jthread> workers;
    for (std::size_t i = 0; i < std::min(kConnections, pieces.size()); ++i)
      workers.emplace_back(work);
  }
  const std::exception_ptr first = failure.with([](std::exception_ptr& each) { return each; });
  if (first && !stop.stop_requested()) std::rethrow_exception(first);
}

}  // namespace millrace::runner
