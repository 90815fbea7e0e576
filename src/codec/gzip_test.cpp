#include "codec/gzip.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace {
namespace {

std::string packed(std::string_view text, std::size_t step) {
  StringSink sink;
  GzipSink gzip(sink);
  for (std::size_t at = 0; at < text.size(); at += step) gzip.write(text.substr(at, step));
  gzip.finish();
  return sink.text();
}

std::string unpacked(std::string_view bytes) {
  MemorySource source(bytes);
  GzipSource gzip(source, "a.gz");
  return read_all(gzip, std::size_t{1} << 30, "a.gz");
}

std::string noise(std::size_t size) {
  std::mt19937 random(3);
  std::string text;
  while (text.size() < size) text += static_cast<char>(random() % 7 == 0 ? random() : 'a');
  return text;
}

/// At most `step` bytes a read, as a FIFO may give.
class TrickleSource final : public ByteSource {
 public:
  TrickleSource(std::string_view bytes, std::size_t step) : rest_(bytes), step_(step) {}
  std::size_t read(std::span<char> buffer) override {
    const std::size_t got = std::min({buffer.size(), step_, rest_.size()});
    std::copy_n(rest_.data(), got, buffer.data());
    rest_.remove_prefix(got);
    return got;
  }

 private:
  std::string_view rest_;
  std::size_t step_;
};

TEST(Gzip, UnpacksWhatWasPackedHoweverItWasCut) {
  const std::string text = noise(1'000'000);
  for (const std::size_t step : {std::size_t{999}, std::size_t{70'000}, text.size()})
    EXPECT_EQ(unpacked(packed(text, step)), text);
  EXPECT_EQ(unpacked(packed("", 1)), "");
}

TEST(Gzip, UnpacksWhatOthersPacked) {
  // python3 -c 'import gzip; print(gzip.compress(b"hello", mtime=0).hex())'
  EXPECT_EQ(unpacked(from_hex("1f8b08000000000002ffcb48cdc9c9070086a6103605000000").value()),
            "hello");
}

TEST(Gzip, MembersFollowOneAnother) {
  EXPECT_EQ(unpacked(packed("one ", 9) + packed("two", 9)), "one two");
}

TEST(Gzip, TheResultDoesNotDependOnHowTheStreamsAreCut) {
  const std::string text = noise(3000);
  const std::string bytes = packed(text, 3000) + packed(text, 1000) + packed("", 1);
  for (const std::size_t step : {1, 2, 7, 100, 4096}) {
    TrickleSource source(bytes, step);
    GzipSource gzip(source, "a.gz");
    std::string whole;
    std::vector<char> block(step);
    while (const std::size_t got = gzip.read(block)) whole.append(block.data(), got);
    EXPECT_EQ(whole, text + text) << "step " << step;
  }
}

TEST(Gzip, ZerosBehindTheLastMemberArePadding) {
  EXPECT_EQ(unpacked(packed("one", 9) + std::string(1000, '\0')), "one");
}

TEST(Gzip, OtherBytesBehindTheLastMemberAreRefused) {
  for (const std::string& rest : {std::string("garbage"), std::string("\0\0x", 3),
                                  std::string(512, '\0') + packed("two", 9), std::string("\x1fxx")})
    EXPECT_THROW((void)unpacked(packed("one", 9) + rest), Error) << rest;
}

TEST(Gzip, AMembersLengthIsVerified) {
  std::string bytes = packed("hello", 9);
  bytes.back() = '\1';
  EXPECT_THROW((void)unpacked(bytes), Error);
}

TEST(Gzip, ACutOffStreamIsRefused) {
  const std::string bytes = packed(noise(5000), 5000);
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{5}, bytes.size() / 2, bytes.size() - 1}) {
    EXPECT_THROW((void)unpacked(bytes.substr(0, size)), Error) << size;
  }
}

TEST(Gzip, ADamagedStreamIsRefusedByName) {
  std::string bytes = packed(noise(5000), 5000);
  bytes[bytes.size() - 6] = static_cast<char>(~bytes[bytes.size() - 6]);
  try {
    (void)unpacked(bytes);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "a.gz: got \"incorrect data check\", expected a whole gzip stream. Pack or upload "
                 "the file again.");
  }
}

}  // namespace
}  // namespace millrace
