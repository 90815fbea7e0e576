#include "core/data/line_reader.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/error.h"

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

TEST(LineReader, LinesDoNotDependOnHowTheStreamIsCut) {
  const std::string text = "one\r\n\ntwo\rthree\nlast";
  for (std::size_t step = 1; step <= text.size(); ++step) {
    Trickle source(text, step);
    LineReader lines(source, "a");
    std::vector<std::string> found;
    while (const std::string_view* line = lines.next()) found.emplace_back(*line);
    EXPECT_EQ(found, (std::vector<std::string>{"one", "", "two\rthree", "last"})) << step;
    EXPECT_EQ(lines.line(), 4);
  }
}

TEST(LineReader, ALineAboveTheLimitIsRefusedWithoutReadingToItsEnd) {
  const std::string text = "ok\n" + std::string(100'000, 'x');
  MemorySource source(text);
  LineReader lines(source, "a.txt", /*max_line_bytes=*/1000);
  ASSERT_NE(lines.next(), nullptr);
  try {
    lines.next();
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "a.txt, line 2, byte 0: got \"more than 1.0 kB without an end of line\", expected "
                 "lines of text. Check that the file has the format it is said to have.");
  }
}

}  // namespace
}  // namespace millrace
