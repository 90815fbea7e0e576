#include "trainer/vision/whole_batches.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

/// Images of two pixels, whose first one and label are the given numbers.
ImageBatch part(const std::vector<int>& numbers) {
  ImageBatch batch;
  for (const int number : numbers) {
    batch.pixels.push_back(static_cast<float>(number));
    batch.pixels.push_back(0);
    batch.labels.push_back(number);
    batch.numbers.push_back(number);
    ++batch.count;
  }
  return batch;
}

std::vector<int> numbers(const std::optional<ImageBatch>& batch) {
  std::vector<int> all;
  if (!batch) return all;
  EXPECT_EQ(batch->labels.size(), static_cast<std::size_t>(batch->count));
  EXPECT_EQ(batch->pixels.size(), static_cast<std::size_t>(2 * batch->count));
  EXPECT_EQ(batch->numbers.size(), static_cast<std::size_t>(batch->count));
  for (std::int64_t i = 0; i < batch->count; ++i) {
    all.push_back(static_cast<int>(batch->labels[static_cast<std::size_t>(i)]));
    EXPECT_EQ(static_cast<int>(batch->pixels[static_cast<std::size_t>(2 * i)]), all.back());
    EXPECT_EQ(batch->numbers[static_cast<std::size_t>(i)], all.back());
  }
  return all;
}

using Numbers = std::vector<int>;

TEST(WholeBatches, AWholePartIsABatch) {
  WholeBatches batches(3, /*whole_only=*/true);
  EXPECT_EQ(numbers(batches.add(part({1, 2, 3}))), (Numbers{1, 2, 3}));
  EXPECT_EQ(numbers(batches.add(part({4, 5, 6}))), (Numbers{4, 5, 6}));
  EXPECT_FALSE(batches.rest());
}

TEST(WholeBatches, GapsAreFilledFromThePartsThatFollow) {
  WholeBatches batches(3, /*whole_only=*/true);
  EXPECT_FALSE(batches.add(part({1})));
  EXPECT_FALSE(batches.add(part({})));
  EXPECT_EQ(numbers(batches.add(part({2, 3, 4}))), (Numbers{1, 2, 3}));
  EXPECT_EQ(numbers(batches.add(part({5, 6}))), (Numbers{4, 5, 6}));
  EXPECT_EQ(numbers(batches.add(part({7, 8, 9}))), (Numbers{7, 8, 9}));
}

TEST(WholeBatches, TheTargetsOfSeveralLabelsGoAlong) {
  WholeBatches batches(2, /*whole_only=*/true);
  const auto labelled = [](const std::vector<float>& classes) {
    ImageBatch batch{.count = 1, .numbers = {0}, .pixels = {0}, .labels = {}, .targets = {}};
    batch.add_targets(classes, 3);
    return batch;
  };
  (void)batches.add(labelled({0, 2}));
  const std::optional<ImageBatch> whole = batches.add(labelled({1}));
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->targets, (std::vector<float>{1, 0, 1, 0, 1, 0}));
  EXPECT_TRUE(whole->labels.empty());
}

TEST(WholeBatches, TheRestIsGivenUnlessOnlyWholeBatchesAreWanted) {
  for (const bool whole_only : {true, false}) {
    WholeBatches batches(2, whole_only);
    (void)batches.add(part({1, 2}));
    (void)batches.add(part({3}));
    EXPECT_EQ(numbers(batches.rest()), whole_only ? Numbers{} : Numbers{3});
    batches.start();
    (void)batches.add(part({4}));
    EXPECT_EQ(numbers(batches.rest()), Numbers{4}) << "the only one";
    batches.start();
    EXPECT_FALSE(batches.rest());
  }
}

}  // namespace
}  // namespace millrace
