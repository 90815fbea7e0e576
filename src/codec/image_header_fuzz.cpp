#include "codec/image_header.h"

#include <cstdint>
#include <cstdlib>
#include <string>

/// Nothing outside the bytes is read, sizes are never negative, and what stands behind the header
/// does not change it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto header = millrace::read_image_header(bytes);
  (void)millrace::reaches_its_end(bytes);
  if (!header) return 0;
  if (header->width < 0 || header->height < 0 || header->channels < 0) std::abort();
  const auto again = millrace::read_image_header(std::string(bytes) + "\xff\xd9");
  if (!again || again->width != header->width || again->height != header->height) std::abort();
  return 0;
}
