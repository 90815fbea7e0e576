#include "core/data/idx.h"

#include <cstdint>
#include <cstdlib>

#include "core/base/error.h"

/// Any bytes are refused with an Error or give exactly as many values as the shape asks for.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  millrace::MemorySource source({reinterpret_cast<const char*>(data), size});
  try {
    const millrace::IdxArray array = millrace::read_idx(source, "input", std::size_t{1} << 16);
    std::size_t count = 1;
    for (const std::int64_t extent : array.shape) count *= static_cast<std::size_t>(extent);
    if (array.values.size() != count) std::abort();
  } catch (const millrace::Error& error) {
    if (error.blame() != millrace::Blame::Customer) std::abort();
  }
  return 0;
}
