#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "platform/identity/policy.h"

/// The document is of whoever may write policies; the resource that follows it after a NUL byte is
/// of whoever names an object.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(input.find('\0'), input.size());
  try {
    const identity::Policy policy = identity::parse_policy(input.substr(0, end));
    const std::string resource(input.substr(std::min(end + 1, input.size())));
    identity::verdict_of({policy}, {"s3:GetObject", resource});
    static_cast<void>(identity::parse_resource_policy(input.substr(0, end)));
  } catch (const Error& error) {
    if (error.blame() != Blame::Customer) throw;
  }
  return 0;
}
