#include "platform/aws/resource_access.h"

#include <gtest/gtest.h>

#include "generated/aws/services.h"

namespace millrace::aws {
namespace {

/// What the operation of our own service that a supervisor calls wants to do to which objects.
std::string read_by_locating(const Json& document) {
  const FindAccessPoint none;
  for (const Service* service : wire::services()) {
    if (service->name != "control") continue;
    for (const Operation& operation : service->operations) {
      if (operation.name != "LocateObjects") continue;
      for (const ResourceAccess& access :
           accesses_of(*service, operation, document, Caller{}, BucketNames(none))) {
        if (access.action == "s3:GetObject") return access.resource;
      }
    }
  }
  return "nothing";
}

TEST(ResourceAccess, LocatingObjectsReadsWhatItsPrefixOrItsKeysHaveInCommon) {
  const auto by_keys = [](const std::vector<std::string>& keys) {
    return read_by_locating({{"Bucket", "b"}, {"Prefix", ""}, {"Keys", keys}});
  };
  EXPECT_EQ(read_by_locating({{"Bucket", "b"}, {"Prefix", "in/a"}}), "arn:aws:s3:::b/in/a*");
  EXPECT_EQ(by_keys({"in/a.csv"}), "arn:aws:s3:::b/in/a.csv");
  EXPECT_EQ(by_keys({"in/a.csv", "in/b.csv"}), "arn:aws:s3:::b/in/*");
  EXPECT_EQ(by_keys({"in/a", "in/a/b", "in/a/c"}), "arn:aws:s3:::b/in/a*");
  EXPECT_EQ(by_keys({"in/a", "out/a"}), "arn:aws:s3:::b/*");
}

}  // namespace
}  // namespace millrace::aws
