#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/check.h"
#include "core/base/error.h"
#include "core/json/json.h"
#include "core/json/json_path.h"

/// A path in the first line, and behind it a document to select from. Parsing what a path prints
/// as selects the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  // No path of the API is longer.
  const std::size_t line = std::min(input.find('\n'), input.size());
  if (line > 63) return 0;
  const std::string_view document = input.substr(std::min(line + 1, input.size()));
  try {
    const JsonPath path(input.substr(0, line), "path");
    if (path.selects_columns() && document.size() < 64) {
      try {
        for (const std::size_t column : path.select_columns(document.size(), "row"))
          MILLRACE_CHECK(column < document.size());
      } catch (const Error&) {
      }
    }
    const Json json = parse_json(document, "document", {.max_bytes = 4096, .max_depth = 16});
    const std::string once = to_text(path.select(json, "document"));
    MILLRACE_CHECK(to_text(JsonPath(path.text(), "path").select(json, "document")) == once);
    if (path.is_root()) MILLRACE_CHECK(once == to_text(json));
  } catch (const Error&) {
  }
  return 0;
}
