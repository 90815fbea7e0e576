#include "core/data/idx.h"

#include <gtest/gtest.h>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace {
namespace {

IdxArray read(std::string_view hex) {
  const std::string bytes = from_hex(hex).value();
  MemorySource source(bytes);
  return read_idx(source, "labels-idx1-ubyte", 1000);
}

TEST(Idx, ReadsShapeAndValues) {
  const IdxArray array = read(
      "00000803"
      "00000002"
      "00000001"
      "00000003"
      "010203040506");
  EXPECT_EQ(array.shape, (std::vector<std::int64_t>{2, 1, 3}));
  EXPECT_EQ(to_hex(array.values), "010203040506");
}

TEST(Idx, RefusesWhatIsNotIdxOfBytes) {
  EXPECT_THROW(read(""), Error);
  EXPECT_THROW(read("00000d01000000010000"), Error);  // floats
  EXPECT_THROW(read("00000801"
                    "000000"),
               Error);  // header cut off
  EXPECT_THROW(read("00000801"
                    "00000002"
                    "01"),
               Error);  // a value missing
  EXPECT_THROW(read("00000801"
                    "00000001"
                    "0102"),
               Error);  // a value too many
  EXPECT_THROW(read("00000802"
                    "ffffffff"
                    "ffffffff"),
               Error);
}

}  // namespace
}  // namespace millrace
