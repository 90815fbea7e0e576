#include "core/io/source_window.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace millrace {
namespace {

/// Gives at most `step` bytes per read, as a FIFO may.
class Trickle final : public ByteSource {
 public:
  Trickle(std::string_view bytes, std::size_t step) : bytes_(bytes), step_(step) {}
  std::size_t read(std::span<char> buffer) override {
    return bytes_.read(buffer.first(std::min(step_, buffer.size())));
  }

 private:
  MemorySource bytes_;
  std::size_t step_;
};

TEST(SourceWindow, ShowsTheWholeStreamInOrderHoweverItIsCut) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i);
  for (const std::size_t step : {std::size_t{1}, std::size_t{777}, text.size()}) {
    Trickle source(text, step);
    SourceWindow window(source);
    std::string seen;
    for (std::size_t need = 1; window.at_least(need).size() >= need; need = need % 5000 + 13) {
      seen += window.at_least(need).substr(0, need);
      window.skip(need);
    }
    seen += window.at_least(text.size());
    EXPECT_EQ(seen, text) << step;
  }
}

TEST(SourceWindow, AHugeNeedTakesNoMoreMemoryThanTheStreamHasBytes) {
  MemorySource source("short");
  SourceWindow window(source);
  EXPECT_EQ(window.at_least(std::size_t{1} << 62), "short");
  EXPECT_EQ(window.at_least(std::size_t{1} << 62), "short");
}

}  // namespace
}  // namespace millrace
