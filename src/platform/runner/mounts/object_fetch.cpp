#include "platform/runner/mounts/object_fetch.h"

#include <cstring>
#include <optional>
#include <string>

#include "core/base/error.h"

namespace millrace::runner {
namespace {

class Target final : public ByteSink {
 public:
  Target(std::span<char> bytes, const std::function<void(std::size_t)>& progress)
      : bytes_(bytes), progress_(progress) {}

  void write(std::span<const char> bytes) override {
    if (bytes.size() > bytes_.size() - filled_)
      throw Error(Blame::Platform, "the answer is longer than the range that was asked for");
    std::memcpy(bytes_.data() + filled_, bytes.data(), bytes.size());
    filled_ += bytes.size();
    progress_(filled_);
  }
  [[nodiscard]] std::size_t filled() const { return filled_; }

 private:
  const std::span<char> bytes_;
  const std::function<void(std::size_t)>& progress_;
  std::size_t filled_ = 0;
};

[[noreturn]] void say_what_became_of_it(const Error& error) {
  if (error.code() == "PreconditionFailed") {
    throw Error(
        Blame::Customer, error.code(),
        "the object was replaced after the job had listed it. Leave a channel's objects unchanged "
        "while jobs read them; write new data under another prefix.");
  }
  if (error.code() == "NoSuchKey") {
    throw Error(
        Blame::Customer, error.code(),
        "the object was deleted after the job had listed it. Leave a channel's objects in place "
        "while jobs read them.");
  }
  throw Error(error);
}

/// Whether the daemon answers about the object at all.
bool answers(Daemon& daemon, const ObjectName& object) {
  try {
    daemon.locate({.bucket = object.bucket, .prefix = object.key});
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

void fetch_object(Daemon& daemon, const ObjectRange& range, std::span<char> target,
                  const Patience& patience, const std::stop_token& stop,
                  const std::function<void(std::size_t filled)>& progress) {
  Target sink(target, progress);
  int broken = 0;
  std::optional<Error> damaged;
  with_retry(patience, stop, [&] {
    const std::size_t before = sink.filled();
    ObjectRange rest = range;
    rest.offset += static_cast<std::int64_t>(before);
    rest.length -= static_cast<std::int64_t>(before);
    if (rest.length == 0) return;
    try {
      daemon.get(rest, sink);
    } catch (const Error& error) {
      if (error.blame() != Blame::Platform) say_what_became_of_it(error);
      if (sink.filled() > before) broken = 0;
      if (!answers(daemon, range.object)) throw;
      if (++broken < kMaxBrokenAnswers) throw;
      damaged.emplace(Blame::Platform,
                      std::string(error.what()) +
                          ". The store answers, but not with the whole of this object: "
                          "upload it again.");
    }
  });
  if (damaged) throw Error(*damaged);
}

}  // namespace millrace::runner
