#pragma once

#include <string_view>

namespace millrace::store {

/// S3's rules for names of general purpose buckets. Throws Error(Customer, InvalidBucketName)
/// saying which one is broken.
/// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
void check_bucket_name(std::string_view name);

}  // namespace millrace::store
