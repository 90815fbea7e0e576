#include "platform/console/preview/record_hop.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/base/error.h"

/// The file is of whoever uploaded it: hops go forwards, stay inside and end.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace;
  const std::string_view file(reinterpret_cast<const char*>(data), size);
  console::RecordHop hop(
      [&](std::uint64_t from, std::size_t max_bytes) {
        return from < size ? std::string(file.substr(from, max_bytes)) : std::string();
      },
      size);
  std::uint64_t end = 0;
  try {
    while (const auto span = hop.next()) {
      if (span->first < end || span->second <= span->first || span->second > size) std::abort();
      end = span->second;
    }
  } catch (const Error& error) {
    if (error.blame() != Blame::Customer) throw;
  }
  return 0;
}
