#include "core/data/augmented_manifest.h"

#include <cstdint>
#include <cstdlib>

#include "core/base/error.h"

/// Any text is refused with an Error, or gives a value for each attribute whose own text is JSON
/// again unless it was a string.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::vector<std::string> attributes{"source-ref", "class"};
  const auto customers_error = [](const millrace::Error& error) {
    if (error.blame() != millrace::Blame::Customer) std::abort();
  };
  try {
    millrace::MemorySource source(text);
    millrace::AugmentedManifestReader manifest(source, "input", attributes);
    while (const std::vector<millrace::ManifestValue>* values = manifest.next()) {
      if (values->size() != attributes.size()) std::abort();
      const millrace::Json& label = manifest.object().at("class");
      // The text of a member is what the parser saw: it parses to the same value.
      if (!label.is_string() && millrace::parse_json((*values)[1].text, "value") != label)
        std::abort();
      (void)millrace::parse_label_metadata(manifest.object(), "class", manifest.place());
    }
  } catch (const millrace::Error& error) {
    customers_error(error);
  }
  for (const auto form : {millrace::ClassListForm::MultiHot, millrace::ClassListForm::ClassId}) {
    try {
      const auto classes = millrace::parse_class_labels(text, form, 3, "input");
      for (const std::int64_t id : classes) {
        if (id < 0 || id > 2) std::abort();
      }
    } catch (const millrace::Error& error) {
      customers_error(error);
    }
  }
  return 0;
}
