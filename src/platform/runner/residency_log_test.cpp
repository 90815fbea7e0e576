#include "platform/runner/residency_log.h"

#include <gtest/gtest.h>

#include "core/base/error.h"

namespace millrace::runner {
namespace {

using wire::control::NetworkKind;
using wire::control::NetworkUse;
using wire::control::PlaceAccess;
using wire::control::PlaceKind;

TEST(ResidencyLog, TellsWhatHasChangedOnceAndAllOfIt) {
  ResidencyLog log;
  ASSERT_TRUE(log.changed());
  EXPECT_FALSE(log.changed());
  log.touch(PlaceKind::S3, "s3://b/in/", PlaceAccess::Read, "channel 'train'");
  log.touch(PlaceKind::S3, "s3://b/out/", PlaceAccess::Write, "the model");
  log.touch(PlaceKind::S3, "s3://b/in/", PlaceAccess::Read, "channel 'train'",
            Amount{.objects = 2, .bytes = 7});
  const auto told = log.changed();
  ASSERT_TRUE(told);
  ASSERT_EQ(told->places.size(), 2U);
  EXPECT_EQ(told->places[0].objects, 2);
  EXPECT_EQ(told->places[0].bytes, 7);
  EXPECT_FALSE(told->places[1].objects);
  EXPECT_FALSE(log.changed());
}

TEST(ResidencyLog, KeepsTheLastThatWasReadOfTheNetwork) {
  ResidencyLog log;
  std::int64_t attempts = 0;
  log.follow(
      [&] { return NetworkUse{.kind = NetworkKind::Private, .refused_attempts = attempts}; });
  EXPECT_EQ(log.changed()->network->refused_attempts, 0);
  EXPECT_FALSE(log.changed());
  attempts = 3;
  log.unfollow();
  attempts = 4;
  EXPECT_EQ(log.changed()->network->refused_attempts, 3);
  log.follow([]() -> NetworkUse { throw Error(Blame::Platform, "gone"); });
  EXPECT_FALSE(log.changed());
}

}  // namespace
}  // namespace millrace::runner
