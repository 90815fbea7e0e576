#pragma once

#include <string>

#include "platform/records/connection.h"

namespace millrace::store {

/// Takes a bucket that is there away, in the caller's transaction. Throws Error(Customer,
/// BucketNotEmpty) while it has objects or open multipart uploads.
void erase_bucket(records::Connection& connection, const std::string& bucket);

}  // namespace millrace::store
