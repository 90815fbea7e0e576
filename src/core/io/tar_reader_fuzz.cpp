#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/base/error.h"
#include "core/io/tar_reader.h"

/// Any bytes are refused with an Error or give members that hold what they say.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  millrace::MemorySource source({reinterpret_cast<const char*>(data), size});
  try {
    millrace::TarReader tar(source, "input");
    bool whole = true;
    while (const auto member = tar.next()) {
      whole = !whole;  // every other one is skipped
      if (whole) continue;
      if (millrace::read_all(tar, size, member->name).size() != member->size) std::abort();
    }
  } catch (const millrace::Error& error) {
    if (error.blame() != millrace::Blame::Customer) std::abort();
  }
  return 0;
}
