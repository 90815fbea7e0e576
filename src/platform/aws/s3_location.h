#pragma once

#include <string>

namespace millrace::aws {

/// "s3://bucket/some/key" taken apart; the key may be empty.
struct S3Location {
  std::string bucket;
  std::string key;
};

/// Throws Error(Customer, ValidationException) for another form, naming `where`.
S3Location parse_s3_uri(const std::string& uri, const std::string& where);

}  // namespace millrace::aws
