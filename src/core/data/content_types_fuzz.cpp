#include "core/data/content_types.h"

#include <cstdint>
#include <cstdlib>

#include "core/base/error.h"

/// Any text is refused with an Error or names a row of the table.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)millrace::format_of_file(text);
  try {
    const millrace::ContentType type = millrace::parse_content_type(text, "content type");
    bool listed = false;
    for (const std::string_view name : millrace::names_of(type.format).media_types)
      listed = listed || name == type.media_type;
    if (!listed || (type.label_size && *type.label_size < 0)) std::abort();
  } catch (const millrace::Error& error) {
    if (error.blame() != millrace::Blame::Customer) std::abort();
  }
  return 0;
}
