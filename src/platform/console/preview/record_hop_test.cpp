#include "platform/console/preview/record_hop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "core/base/error.h"
#include "core/data/recordio.h"

namespace millrace::console {
namespace {

std::string part(std::uint32_t flag, const std::string& payload) {
  std::string text(8, '\0');
  const std::uint32_t length = flag << 29U | static_cast<std::uint32_t>(payload.size());
  std::memcpy(text.data(), &kRecordMagic, 4);
  std::memcpy(text.data() + 4, &length, 4);
  return text + payload + std::string((4 - payload.size() % 4) % 4, '\0');
}

RecordHop hop_over(const std::string& file, std::int64_t max_heads = RecordHop::kMaxHeads) {
  return {[&file](std::uint64_t from, std::size_t max_bytes) {
            return from < file.size() ? file.substr(from, max_bytes) : std::string();
          },
          file.size(), max_heads};
}

using Span = std::pair<std::uint64_t, std::uint64_t>;

TEST(RecordHop, FindsWhereEachRecordLies) {
  const std::string file = part(0, "abc") + part(1, "a") + part(2, "") + part(3, "b") + part(0, "");
  RecordHop hop = hop_over(file);
  EXPECT_EQ(hop.next(), Span(0, 12));
  EXPECT_EQ(hop.next(), Span(12, 44));
  EXPECT_EQ(hop.next(), Span(44, 52));
  EXPECT_EQ(hop.next(), std::nullopt);
}

TEST(RecordHop, BelievesALengthAsFarAsTheFileReaches) {
  const std::string file = part(0, "abcdef").substr(0, 10);
  RecordHop hop = hop_over(file);
  EXPECT_EQ(hop.next(), Span(0, 10));
  EXPECT_EQ(hop.next(), std::nullopt);
}

TEST(RecordHop, PartsWithoutEndAreGivenUp) {
  std::string file;
  for (int i = 0; i < 100; ++i) file += part(2, "");
  RecordHop hop = hop_over(file, 50);
  EXPECT_THAT([&] { hop.next(); }, testing::ThrowsMessage<Error>(testing::HasSubstr("byte 400 ")));
  std::string records;
  for (int i = 0; i < 100; ++i) records += part(0, "");
  RecordHop long_hop = hop_over(records, 50);
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(long_hop.next());
  EXPECT_THROW(long_hop.next(), Error);
}

}  // namespace
}  // namespace millrace::console
