#include "trainer/vision/broken_images.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace {
namespace {

class Broken : public testing::Test {
 protected:
  static BrokenImage image(int number) {
    return {.number = number,
            .name = "channel 'train', a.rec, record " + std::to_string(number),
            .reason = "it is cut off. Replace it."};
  }
  BrokenImages watched(double share) {
    return {{.place = "channel 'train'", .share = share, .allowed_by = "the limit"},
            [this](const std::string& line) { told_.push_back(line); }};
  }
  [[nodiscard]] std::int64_t told(const std::string& words) const {
    return std::count_if(told_.begin(), told_.end(), [&](const std::string& line) {
      return line.find(words) != std::string::npos;
    });
  }
  template <class Act>
  static std::string refusal(Act act) {
    try {
      act();
    } catch (const Error& error) {
      EXPECT_EQ(error.blame(), Blame::Customer);
      return error.what();
    }
    return "accepted";
  }

  std::vector<std::string> told_;
};

TEST_F(Broken, TheLogNamesTheFirstOnesAndCountsThemOnce) {
  BrokenImages broken = watched(0.5);
  for (int epoch = 0; epoch < 2; ++epoch) {
    broken.start(100);
    for (int i = 0; i < 30; ++i) broken.add(image(i));
    broken.end(100);
  }
  EXPECT_EQ(told("Left out channel 'train', a.rec, record "), BrokenImages::kNamed);
  EXPECT_EQ(told("Further broken images of channel 'train' are counted, not named"), 1);
  EXPECT_EQ(told("Left out 30 of 100 images of channel 'train': they are broken"), 1);
}

TEST_F(Broken, AWholeChannelSaysNothing) {
  BrokenImages broken = watched(0);
  broken.start(100);
  broken.end(100);
  EXPECT_TRUE(told_.empty());
}

TEST_F(Broken, TheShareItselfIsAllowedAndOneMoreIsNot) {
  BrokenImages broken = watched(0.02);
  broken.start(100);
  broken.add(image(1));
  broken.add(image(2));
  EXPECT_EQ(refusal([&] { broken.end(100); }), "accepted");
  broken.start(100);
  for (int i = 1; i <= 3; ++i) broken.add(image(i));
  EXPECT_EQ(
      refusal([&] { broken.end(100); }),
      "channel 'train': 3 of 100 images are broken, and the limit allows a share of 0.02. The "
      "first: a.rec, record 1; a.rec, record 2; a.rec, record 3; of the first: it is cut "
      "off. Replace it. Or raise the limit.");
}

TEST_F(Broken, EveryShareOfAHundredIsAllowedExactly) {
  for (int percent = 0; percent < 100; ++percent) {
    BrokenImages broken = watched(percent / 100.0);
    broken.start(std::nullopt);
    for (int i = 0; i < percent; ++i) broken.add(image(i));
    EXPECT_EQ(refusal([&] { broken.end(100); }), "accepted") << percent;
  }
}

TEST_F(Broken, TheEpochEndsEarlyOnceTheLogHasNamedEnough) {
  BrokenImages broken = watched(0.02);
  broken.start(100);
  for (int i = 0; i < BrokenImages::kNamed; ++i) broken.add(image(i));
  EXPECT_NE(refusal([&] { broken.add(image(99)); }).find("at least 21 of 100 images are broken"),
            std::string::npos);
  EXPECT_EQ(told("Left out channel"), BrokenImages::kNamed);
}

TEST_F(Broken, TheFirstThousandAreRememberedAndTheRestCounted) {
  BrokenImages broken = watched(1);
  broken.start(std::nullopt);
  for (int i = 0; i < 1500; ++i) broken.add(image(i));
  EXPECT_EQ(broken.count(), 1500);
  ASSERT_EQ(broken.first().size(), BrokenImages::kRemembered);
  EXPECT_EQ(broken.first().back().number, 999);
  broken.start(std::nullopt);
  EXPECT_TRUE(broken.first().empty());
}

TEST_F(Broken, AStreamIsJudgedAtTheEndOfItsEpoch) {
  BrokenImages broken = watched(0.5);
  broken.start(std::nullopt);
  broken.add(image(1));
  broken.add(image(2));
  EXPECT_EQ(refusal([&] { broken.end(4); }), "accepted");
  broken.start(std::nullopt);
  broken.add(image(1));
  broken.add(image(2));
  EXPECT_NE(refusal([&] { broken.end(3); }), "accepted");
}

TEST_F(Broken, AChannelOfNothingElseIsRefusedWhateverTheShare) {
  BrokenImages broken = watched(1);
  broken.start(1);
  broken.add(image(1));
  EXPECT_NE(refusal([&] { broken.end(1); }).find("1 of 1 images are broken, which leaves none"),
            std::string::npos);
}

}  // namespace
}  // namespace millrace
