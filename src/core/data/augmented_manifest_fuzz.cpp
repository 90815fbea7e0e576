#include <cstdint>
#include <cstdlib>

#include "core/base/error.h"
#include "core/data/augmented_manifest.h"
#include "core/json/json.h"

/// Every attribute's delivered text must mean what a parser of the whole line finds there.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  try {
    const millrace::Json document = millrace::parse_json(line, "input");
    if (!document.is_object()) return 0;
    std::vector<std::string> names;
    for (const auto& [name, value] : document.items()) names.push_back(name);
    if (names.empty() || names.size() > 16) return 0;
    const std::vector<std::string> values = millrace::parse_manifest_line(line, names, "input");
    for (std::size_t i = 0; i < names.size(); ++i) {
      const millrace::Json& meant = document[names[i]];
      const bool same = meant.is_string() ? meant.get<std::string>() == values[i]
                                          : millrace::Json::parse(values[i]) == meant;
      if (!same) std::abort();
    }
  } catch (const millrace::Error&) {
  }
  return 0;
}
