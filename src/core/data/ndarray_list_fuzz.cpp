#include "core/data/ndarray_list.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "core/base/error.h"

/// Any bytes are refused with an Error or give arrays that survive being written and read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::vector<millrace::NamedArray> arrays;
  try {
    arrays = millrace::read_ndarray_list(bytes, "input");
  } catch (const millrace::Error& error) {
    if (error.blame() != millrace::Blame::Customer) std::abort();
    return 0;
  }
  millrace::StringSink sink;
  millrace::write_ndarray_list(sink, arrays);
  const auto again = millrace::read_ndarray_list(sink.text(), "rewritten");
  if (again.size() != arrays.size()) std::abort();
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    const millrace::NamedArray &before = arrays[i], &after = again[i];
    if (after.name != before.name || after.shape != before.shape) std::abort();
    if (after.values.size() != before.values.size()) std::abort();
    // As bytes, since a NaN is not equal to itself.
    if (!before.values.empty() && std::memcmp(after.values.data(), before.values.data(),
                                              before.values.size() * sizeof(float)) != 0) {
      std::abort();
    }
  }
  return 0;
}
