#include "trainer/vision/broken_images.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/io/file.h"

namespace millrace {
namespace {

class Broken : public testing::Test {
 protected:
  ~Broken() override { std::filesystem::remove_all(folder_); }

  static BrokenImage image(int number) {
    return {.name = "channel 'train', a.rec, record " + std::to_string(number),
            .reason = "it is cut off. Replace it."};
  }
  [[nodiscard]] std::string log() const { return read_file(folder_ / "log"); }
  static std::int64_t times(const std::string& text, const std::string& words) {
    std::int64_t count = 0;
    for (std::size_t at = text.find(words); at != std::string::npos; at = text.find(words, at + 1))
      ++count;
    return count;
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

  static std::filesystem::path new_folder() {
    char name[] = "/tmp/millrace-broken-XXXXXX";
    return ::mkdtemp(name);
  }

  std::filesystem::path folder_ = new_folder();
  Fd file_ = create_for_writing(folder_ / "log");
  Log log_{file_.get()};
};

TEST_F(Broken, TheLogNamesTheFirstOnesAndCountsThemOnce) {
  BrokenImages broken(log_, "train", 0.5);
  for (int epoch = 0; epoch < 2; ++epoch) {
    broken.start(100);
    for (int i = 0; i < 30; ++i) broken.add(image(i));
    broken.end(100);
  }
  EXPECT_EQ(times(log(), "Left out channel 'train', a.rec, record "), BrokenImages::kNamed);
  EXPECT_EQ(times(log(), "Further broken images of channel train are counted, not named"), 1);
  EXPECT_EQ(times(log(), "Left out 30 of 100 images in channel train: they are broken"), 1);
}

TEST_F(Broken, AWholeChannelSaysNothing) {
  BrokenImages broken(log_, "train", 0);
  broken.start(100);
  broken.end(100);
  EXPECT_EQ(log(), "");
}

TEST_F(Broken, TheShareItselfIsAllowedAndOneMoreIsNot) {
  BrokenImages broken(log_, "train", 0.02);
  broken.start(100);
  broken.add(image(1));
  broken.add(image(2));
  EXPECT_EQ(refusal([&] { broken.end(100); }), "accepted");
  broken.start(100);
  for (int i = 1; i <= 3; ++i) broken.add(image(i));
  EXPECT_EQ(refusal([&] { broken.end(100); }),
            "channel 'train': 3 of 100 images are broken, and hyperparameter 'max_broken_images' "
            "allows a share of 0.02. The first: a.rec, record 1; a.rec, record 2; a.rec, record 3; "
            "of the first: it is cut off. Replace it. Or raise max_broken_images.");
}

TEST_F(Broken, EveryShareOfAHundredIsAllowedExactly) {
  for (int percent = 0; percent < 100; ++percent) {
    BrokenImages broken(log_, "train", percent / 100.0);
    broken.start(std::nullopt);
    for (int i = 0; i < percent; ++i) broken.add(image(i));
    EXPECT_EQ(refusal([&] { broken.end(100); }), "accepted") << percent;
  }
}

TEST_F(Broken, TheEpochEndsEarlyOnceTheLogHasNamedEnough) {
  BrokenImages broken(log_, "train", 0.02);
  broken.start(100);
  for (int i = 0; i < BrokenImages::kNamed; ++i) broken.add(image(i));
  EXPECT_NE(refusal([&] { broken.add(image(99)); }).find("at least 21 of 100 images are broken"),
            std::string::npos);
  EXPECT_EQ(times(log(), "Left out channel"), BrokenImages::kNamed);
}

TEST_F(Broken, AStreamIsJudgedAtTheEndOfItsEpoch) {
  BrokenImages broken(log_, "train", 0.5);
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
  BrokenImages broken(log_, "validation", 1);
  broken.start(1);
  broken.add(image(1));
  EXPECT_NE(refusal([&] { broken.end(1); }).find("1 of 1 images are broken, which leaves none"),
            std::string::npos);
}

}  // namespace
}  // namespace millrace
