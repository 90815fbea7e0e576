#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace millrace {

/// What a `ManifestFile` names: full S3 URIs, in the file's order, repetitions included.
struct S3Manifest {
  std::string prefix;  ///< of the first element, with which all URIs begin; empty for none
  std::vector<std::string> uris;  ///< prefix and element joined as they stand
};

/// Reads a manifest: one JSON list whose optional first element is {"prefix": "s3://bucket/path/"}
/// and whose other elements are text: what follows the prefix, or full URIs where there is none.
/// Source: Amazon SageMaker API Reference, S3DataSource.
///
///     [{"prefix": "s3://bucket/some/"}, "a.csv", "b/c.csv"]
///
/// Throws Error(Customer) naming `origin` and the element (from 0) for anything else, for a list
/// without keys, and for a URI that has no bucket or no key.
S3Manifest parse_s3_manifest(std::string_view text, std::string_view origin);

/// A larger manifest is refused; about two million keys fit.
inline constexpr std::size_t kMaxManifestBytes = std::size_t{128} << 20;

}  // namespace millrace
