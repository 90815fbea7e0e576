#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "platform/console/event_topics.h"

/// A topic that is accepted is written as it was read, and holds nothing that ends an event's line
/// or its part of the id.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace::console;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto topic = Topic::parse(text);
  if (topic && (topic->text() != text || text.find_first_of(";=,\r\n") != text.npos)) std::abort();
  return 0;
}
