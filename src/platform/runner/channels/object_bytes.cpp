#include "platform/runner/channels/object_bytes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "core/base/error.h"
#include "platform/runner/channels/read_attempts.h"

namespace millrace::runner {
namespace {

/// Up to this size copying is cheaper than splicing: a spliced object takes whole pages of the
/// FIFO.
constexpr std::int64_t kSmallObjectBytes = 64 * 1024;
constexpr std::size_t kBlockBytes = std::size_t{256} * 1024;
/// As long as the server waits for a client that takes nothing.
constexpr std::chrono::milliseconds kSilence = std::chrono::seconds(60);

}  // namespace

/// A file of this machine.
class ObjectOpener::Local final : public ObjectBytes {
 public:
  Local(const ObjectOpener& opener, const ChannelObject& object, Fd file)
      : opener_(opener), object_(object), file_(std::move(file)) {
    struct stat status {};
    if (::fstat(file_.get(), &status) != 0) throw_errno(opener_.where(object_) + ": its file");
    if (status.st_size != object_.size) refuse(status.st_size);
    if (object_.size > kSmallObjectBytes) ::posix_fadvise(file_.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  }

  std::size_t read(std::span<char> buffer) override {
    const std::size_t wanted = std::min(buffer.size(), left());
    if (wanted == 0) return 0;
    for (;;) {
      const ssize_t got = ::pread(file_.get(), buffer.data(), wanted, offset_);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) throw_errno(opener_.where(object_) + ": reading its file");
      if (got == 0) refuse(offset_);
      offset_ += got;
      return static_cast<std::size_t>(got);
    }
  }

  void send(FifoWriter& fifo) override {
    bool spliced = object_.size > kSmallObjectBytes;
    while (spliced && left() > 0) {
      const auto moved = fifo.splice(file_.get(), &offset_, left(), kSilence);
      if (moved == 0U) refuse(offset_);
      spliced = moved.has_value();
    }
    if (left() > 0) copy(*this, fifo);
  }

 private:
  [[nodiscard]] std::size_t left() const {
    return static_cast<std::size_t>(object_.size - offset_);
  }
  [[noreturn]] void refuse(std::int64_t have) const {
    throw Error(Blame::Platform,
                opener_.where(object_) + ": " + missing_bytes(have, "its file ends there"));
  }

  const ObjectOpener& opener_;
  const ChannelObject& object_;
  const Fd file_;
  loff_t offset_ = 0;
};

/// GetObject, pinned to the version.
class ObjectOpener::Remote final : public ObjectBytes {
 public:
  Remote(ObjectOpener& opener, const ChannelObject& object)
      : opener_(opener), object_(object), attempts_(object.name, opener.patience_, opener.stop_) {}
  Remote(const Remote&) = delete;
  Remote& operator=(const Remote&) = delete;
  ~Remote() override {
    stream_.reset();
    if (daemon_) opener_.idle_.push_back(std::move(daemon_));
  }

  std::size_t read(std::span<char> buffer) override {
    while (left() > 0) {
      open_stream();
      try {
        const std::size_t got = stream_->read(buffer);
        if (got == 0) throw Error(Blame::Platform, "the answer ended early");
        advance(got);
        return got;
      } catch (const Error& error) {
        broke(error);
      }
    }
    return 0;
  }

  void send(FifoWriter& fifo) override {
    std::vector<char> block;
    while (left() > 0) {
      open_stream();
      try {
        if (splice(fifo)) continue;
        block.resize(kBlockBytes);
        const std::size_t got = stream_->read(block);
        if (got == 0) throw Error(Blame::Platform, "the answer ended early");
        fifo.write(std::span<const char>(block).first(got));
        advance(got);
      } catch (const Error& error) {
        if (fifo.abandoned()) throw;
        broke(error);
      }
    }
  }

 private:
  [[nodiscard]] std::size_t left() const {
    return static_cast<std::size_t>(object_.size - offset_);
  }
  void advance(std::size_t bytes) {
    offset_ += static_cast<std::int64_t>(bytes);
    attempts_.progressed();
    if (left() == 0) stream_.reset();
  }

  /// False when the bytes have to be read.
  bool splice(FifoWriter& fifo) {
    const std::optional<int> socket = can_splice_ ? stream_->raw() : std::nullopt;
    if (!socket) return false;
    const auto moved = fifo.splice(*socket, nullptr, left(), kSilence);
    can_splice_ = moved.has_value();
    if (!moved) return false;
    if (*moved == 0) throw Error(Blame::Platform, "the answer ended early");
    stream_->took(*moved);
    advance(*moved);
    return true;
  }

  void open_stream() {
    while (!stream_) {
      try {
        if (!daemon_) daemon_ = take_connection();
        stream_ = daemon_->open({.object = object_.name,
                                 .e_tag = object_.e_tag,
                                 .offset = offset_,
                                 .length = object_.size - offset_});
      } catch (const Error& error) {
        broke(error);
      }
    }
  }

  void broke(const Error& error) {
    stream_.reset();
    try {
      attempts_.broke(error, daemon_.get(), offset_);
    } catch (const Error& final) {
      throw Error(final.blame(), final.code(), opener_.where(object_) + ": " + final.what());
    }
  }

  std::unique_ptr<Daemon> take_connection() {
    if (opener_.idle_.empty()) return opener_.connect_();
    std::unique_ptr<Daemon> daemon = std::move(opener_.idle_.back());
    opener_.idle_.pop_back();
    return daemon;
  }

  ObjectOpener& opener_;
  const ChannelObject& object_;
  ReadAttempts attempts_;
  std::unique_ptr<Daemon> daemon_;
  std::unique_ptr<ObjectStream> stream_;
  std::int64_t offset_ = 0;
  bool can_splice_ = true;
};

std::string ObjectOpener::where(const ChannelObject& object) const {
  return what_ + ", " + object.name.uri();
}

std::unique_ptr<ObjectBytes> ObjectOpener::open(const ChannelObject& object) {
  if (object.path) {
    Fd file(::open(object.path->c_str(), O_RDONLY | O_CLOEXEC));
    if (file) return std::make_unique<Local>(*this, object, std::move(file));
    // Deleted since: the store says what has become of the object.
    if (errno != ENOENT) throw_errno(where(object) + ": opening its file");
  }
  return std::make_unique<Remote>(*this, object);
}

}  // namespace millrace::runner
