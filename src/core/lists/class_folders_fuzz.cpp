#include <cstdint>
#include <cstdlib>

#include "core/base/error.h"
#include "core/lists/class_folders.h"
#include "core/lists/form.h"

/// A class file that is accepted says the same when it is written and read again, and each label is
/// one that a list can hold.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  lists::ClassNames names;
  try {
    names = lists::parse_class_names(text, "classes");
  } catch (const Error&) {
    return 0;
  }
  for (const auto& [name, label] : names) {
    if (!lists::class_id(static_cast<float>(label)) || label > lists::kMaxClassId) std::abort();
  }
  if (lists::parse_class_names(lists::format_class_names(names), "again") != names) std::abort();
  return 0;
}
