#include "platform/runner/channels/object_fetch.h"

#include <cstdint>

#include "core/base/error.h"
#include "platform/runner/channels/read_attempts.h"

namespace millrace::runner {
namespace {

/// Passes bytes on, and remembers how many and whether it was their receiver that failed.
class Passage final : public ByteSink {
 public:
  Passage(ByteSink& sink, std::int64_t length, ReadAttempts& attempts)
      : sink_(sink), left_(length), attempts_(attempts) {}

  void write(std::span<const char> bytes) override {
    if (static_cast<std::int64_t>(bytes.size()) > left_)
      throw Error(Blame::Platform, "the answer is longer than the range that was asked for");
    receiver_failed_ = true;
    sink_.write(bytes);
    receiver_failed_ = false;
    left_ -= static_cast<std::int64_t>(bytes.size());
    attempts_.progressed();
  }
  [[nodiscard]] std::int64_t left() const { return left_; }
  [[nodiscard]] bool receiver_failed() const { return receiver_failed_; }

 private:
  ByteSink& sink_;
  std::int64_t left_;
  ReadAttempts& attempts_;
  bool receiver_failed_ = false;
};

}  // namespace

void fetch_object(Daemon& daemon, const ObjectRange& range, ByteSink& sink,
                  const Patience& patience, const std::stop_token& stop) {
  ReadAttempts attempts(range.object, patience, stop);
  Passage passage(sink, range.length, attempts);
  while (passage.left() > 0) {
    ObjectRange rest = range;
    rest.offset += range.length - passage.left();
    rest.length = passage.left();
    try {
      daemon.get(rest, passage);
    } catch (const Error& error) {
      if (passage.receiver_failed()) throw;
      attempts.broke(error, &daemon, range.offset + range.length - passage.left());
    }
  }
}

}  // namespace millrace::runner
