#include "core/data/csv_writer.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "core/data/csv_reader.h"

namespace millrace {
namespace {

TEST(CsvWriter, NumbersAreTheShortestTextThatReadsBack) {
  StringSink sink;
  CsvWriter csv(sink);
  csv.write(std::vector<float>{1}, std::vector<float>{0.1F, -2.5F, 1e-8F, 3e20F, 16777216.0F, 0});
  csv.write({}, std::vector<float>{-0.0F, std::numeric_limits<float>::infinity()});
  csv.finish();
  EXPECT_EQ(sink.text(), "1,0.1,-2.5,1e-08,3e+20,16777216,0\n-0,inf\n");
}

TEST(CsvWriter, WhatIsWrittenReadsBackBitForBit) {
  std::mt19937 random(5);
  std::vector<float> row;
  for (const float edge :
       {std::numeric_limits<float>::max(), std::numeric_limits<float>::lowest(),
        std::numeric_limits<float>::min(), std::numeric_limits<float>::denorm_min()})
    row.push_back(edge);
  while (row.size() < 50'000) {
    const auto value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
    if (std::isfinite(value)) row.push_back(value);
  }
  StringSink sink;
  CsvWriter csv(sink);
  csv.write(std::span(row).first(1), std::span(row).subspan(1));
  csv.finish();
  MemorySource source(sink.text());
  CsvReader reader(source, "written", {.label_size = 0});
  DenseBatch batch;
  ASSERT_TRUE(reader.read(batch, 1));
  EXPECT_EQ(batch.features, row);
}

TEST(CsvWriter, NothingIsLostWhereTheCollectedTextIsHandedOver) {
  const std::vector<float> row(1000, -1.1754944e-38F);
  StringSink sink;
  CsvWriter csv(sink);
  for (int i = 0; i < 100; ++i) csv.write({}, row);
  csv.finish();
  MemorySource source(sink.text());
  CsvReader reader(source, "written", {.label_size = 0});
  DenseBatch batch;
  std::int64_t rows = 0;
  while (reader.read(batch, 7)) rows += batch.rows;
  EXPECT_EQ(rows, 100);
}

}  // namespace
}  // namespace millrace
