#include "core/data/ndarray_list.h"

#include <gtest/gtest.h>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace {
namespace {

std::string written(const std::vector<NamedArray>& arrays) {
  StringSink sink;
  write_ndarray_list(sink, arrays);
  return sink.text();
}

TEST(NdArrayList, WritesTheBytesOfLayoutTwo) {
  EXPECT_EQ(to_hex(written({{.name = "arg:w", .shape = {1, 2}, .values = {1, -2}}})),
            "1201000000000000"
            "0000000000000000"
            "0100000000000000"  // list magic, reserved, one array
            "c9fa93f9"
            "00000000"
            "02000000"  // version 2, dense, two dimensions
            "0100000000000000"
            "0200000000000000"  // 1 x 2
            "01000000"
            "00000000"
            "00000000"
            "0000803f"
            "000000c0"  // CPU 0, float32, values
            "0100000000000000"
            "0500000000000000"
            "6172673a77");  // one name
}

TEST(NdArrayList, ReadsWhatItWrote) {
  const std::vector<NamedArray> arrays{{.name = "arg:a", .shape = {2, 2}, .values = {1, 2, 3, 4}},
                                       {.name = "aux:b", .shape = {1}, .values = {0.5}}};
  const std::vector<NamedArray> back = read_ndarray_list(written(arrays), "x.params");
  ASSERT_EQ(back.size(), 2U);
  EXPECT_EQ(back[0].name, "arg:a");
  EXPECT_EQ(back[0].shape, arrays[0].shape);
  EXPECT_EQ(back[1].values, arrays[1].values);
}

TEST(NdArrayList, ReadsTheOlderLayouts) {
  const std::string head =
      "1201000000000000"
      "0000000000000000"
      "0100000000000000";
  const std::string tail =
      "01000000"
      "00000000"
      "00000000"
      "0000803f"
      "0000000000000000";
  const std::string version1 = head +
                               "c8fa93f9"
                               "01000000"
                               "0100000000000000" +
                               tail;
  const std::string oldest = head +
                             "01000000"
                             "01000000" +
                             tail;
  for (const std::string& hex : {version1, oldest}) {
    const std::vector<NamedArray> arrays = read_ndarray_list(from_hex(hex).value(), "x.params");
    ASSERT_EQ(arrays.size(), 1U);
    EXPECT_EQ(arrays[0].shape, std::vector<std::int64_t>{1});
    EXPECT_EQ(arrays[0].values, std::vector<float>{1});
    EXPECT_EQ(arrays[0].name, "");
  }
}

TEST(NdArrayList, EveryCutOffFileIsRefused) {
  const std::string bytes = written({{.name = "arg:w", .shape = {3}, .values = {1, 2, 3}}});
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THROW((void)read_ndarray_list(bytes.substr(0, size), "x.params"), Error) << size;
  }
}

TEST(NdArrayList, OtherElementTypesAreRefusedByName) {
  std::string bytes = written({{.name = "w", .shape = {1}, .values = {1}}});
  bytes[24 + 12 + 8 + 8] = 2;
  try {
    (void)read_ndarray_list(bytes, "x.params");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "x.params, byte 56: got \"element type 2\", expected 0 (float32). "
                 "The file must be an MXNet NDArray list of dense float32 arrays.");
  }
}

TEST(NdArrayList, AnArrayWithoutAShapeIsWrittenAsItsHeadAlone) {
  const auto arrays = read_ndarray_list(written({{.name = "none", .shape = {}, .values = {}},
                                                 {.name = "w", .shape = {1}, .values = {7}}}),
                                        "x.params");
  ASSERT_EQ(arrays.size(), 2u);
  EXPECT_TRUE(arrays[0].shape.empty());
  EXPECT_EQ(arrays[1].values, std::vector<float>{7});
}

TEST(NdArrayList, AnExtentOfZeroMakesTheArrayEmptyWhereverItStands) {
  for (const std::vector<std::int64_t>& shape :
       {std::vector<std::int64_t>{0, 1000, 1000}, {1000, 1000, 0}}) {
    const auto arrays =
        read_ndarray_list(written({{.name = "w", .shape = shape, .values = {}}}), "x");
    EXPECT_EQ(arrays.at(0).shape, shape);
    EXPECT_TRUE(arrays.at(0).values.empty());
  }
}

}  // namespace
}  // namespace millrace
