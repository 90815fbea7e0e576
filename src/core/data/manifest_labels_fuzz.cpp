#include "core/data/manifest_labels.h"

#include <cstdint>
#include <cstdlib>

#include "core/base/error.h"
#include "core/json/json.h"

/// Any text, as a line of a manifest and as a label: refused with an Error or read.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto check = [](const millrace::Error& error) {
    if (error.blame() != millrace::Blame::Customer) std::abort();
  };
  try {
    const millrace::Json object = millrace::parse_json(text, "input");
    if (object.is_object()) (void)millrace::parse_label_metadata(object, "class", "input");
  } catch (const millrace::Error& error) {
    check(error);
  }
  for (const auto form : {millrace::ClassListForm::MultiHot, millrace::ClassListForm::ClassId}) {
    try {
      for (const std::int64_t id : millrace::parse_class_labels(text, form, 3, "input")) {
        if (id < 0 || id > 2) std::abort();
      }
    } catch (const millrace::Error& error) {
      check(error);
    }
  }
  return 0;
}
