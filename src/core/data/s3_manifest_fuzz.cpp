#include <cstdint>
#include <cstdlib>

#include "core/base/error.h"
#include "core/data/s3_manifest.h"

/// What is accepted names an object behind the prefix in every element.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const millrace::S3Manifest manifest =
        millrace::parse_s3_manifest({reinterpret_cast<const char*>(data), size}, "input");
    if (manifest.uris.empty()) std::abort();
    for (const std::string& uri : manifest.uris) {
      const bool shaped = uri.starts_with("s3://") && uri.starts_with(manifest.prefix) &&
                          uri.size() > manifest.prefix.size();
      if (!shaped) std::abort();
    }
  } catch (const millrace::Error&) {
  }
  return 0;
}
