#include "core/data/content_types.h"

#include <array>
#include <cstdint>
#include <cstdlib>

#include "core/base/error.h"
#include "core/data/negotiation.h"

namespace {

/// As an Accept header the text is refused, or names one of the formats on offer.
void negotiate(std::string_view text) {
  constexpr std::array kOffered{millrace::DataFormat::JsonDocument, millrace::DataFormat::Csv};
  try {
    const millrace::DataFormat format = millrace::choose_accepted(text, kOffered, "accept").format;
    if (format != kOffered[0] && format != kOffered[1]) std::abort();
  } catch (const millrace::Error& error) {
    if (error.blame() != millrace::Blame::Customer) std::abort();
  }
}

}  // namespace

/// Any text is refused with an Error or names a row of the table.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)millrace::format_of_file(text);
  negotiate(text);
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
