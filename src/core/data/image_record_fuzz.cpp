#include "core/data/image_record.h"

#include <cstdint>
#include <cstdlib>

#include "core/base/error.h"

/// Any payload is refused with an Error or survives being written and read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view payload(reinterpret_cast<const char*>(data), size);
  try {
    const millrace::ImageRecord record = millrace::parse_image_record(payload, "input");
    const std::string written = millrace::format_image_record(record);
    const millrace::ImageRecord again = millrace::parse_image_record(written, "rewritten");
    if (again.id != record.id || again.id2 != record.id2 || again.image != record.image ||
        again.labels.size() != record.labels.size()) {
      std::abort();
    }
  } catch (const millrace::Error& error) {
    if (error.blame() != millrace::Blame::Customer) std::abort();
  }
  return 0;
}
