#include "platform/catalog/image_name.h"

#include <gtest/gtest.h>

namespace millrace::catalog {
namespace {

TEST(ImageName, IsTakenApartAsContainerToolsDo) {
  const ImageName full =
      parse_image_name("433757028032.dkr.ecr.us-west-2.amazonaws.com/image-classification:1");
  EXPECT_EQ(full.registry, "433757028032.dkr.ecr.us-west-2.amazonaws.com");
  EXPECT_EQ(full.repository, "image-classification");
  EXPECT_EQ(full.tag, "1");
  EXPECT_EQ(parse_image_name("localhost:5000/a/b").repository, "a/b");
  EXPECT_EQ(parse_image_name("localhost:5000/a/b").tag, "");
  EXPECT_EQ(parse_image_name("team/churn:v2").repository, "team/churn");
  EXPECT_EQ(parse_image_name("churn@sha256:ab").digest, "sha256:ab");
  EXPECT_EQ(parse_image_name("churn@sha256:ab").repository, "churn");
}

}  // namespace
}  // namespace millrace::catalog
