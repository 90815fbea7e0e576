#include "core/data/row_places.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

std::string text(const RowPlaces& places, std::int64_t row) {
  const auto place = places.of(row);
  return place ? place->origin + " " + std::to_string(place->number) : "unknown";
}

TEST(RowPlaces, ARowStandsInTheLastRunThatBeginsBeforeIt) {
  const auto a = std::make_shared<const std::string>("a"),
             b = std::make_shared<const std::string>("b");
  RowPlaces places;
  places.add(2, a, 1);
  places.add(5, a, 4);
  places.add(6, a, 9);
  places.add(8, b, 1);
  EXPECT_EQ(text(places, 1), "unknown");
  EXPECT_EQ(text(places, 2), "a 1");
  EXPECT_EQ(text(places, 5), "a 4");
  EXPECT_EQ(text(places, 7), "a 10");
  EXPECT_EQ(text(places, 9), "b 2");
  RowPlaces all;
  all.add(0, a, 1);
  all.append(places, 10);
  EXPECT_EQ(text(all, 13), "a 2");
  EXPECT_EQ(text(all, 18), "b 1");
  all.clear();
  EXPECT_EQ(text(all, 18), "unknown");
}

TEST(RowPlaces, OfVeryManyRunsTheLatestAreKnown) {
  const auto file = std::make_shared<const std::string>("a");
  RowPlaces places;
  constexpr std::int64_t kRows = 100'000;
  for (std::int64_t row = 0; row < kRows; ++row) places.add(row, file, 2 * row);
  EXPECT_EQ(text(places, 0), "unknown");
  for (std::int64_t row = kRows - 4000; row < kRows; ++row)
    ASSERT_EQ(text(places, row), "a " + std::to_string(2 * row));
}

}  // namespace
}  // namespace millrace
