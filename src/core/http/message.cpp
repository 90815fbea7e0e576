#include "core/http/message.h"

#include <algorithm>

#include "core/base/text.h"

namespace millrace::http {

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (const Field& field : fields_) {
    if (equal_ignoring_case(field.first, name)) return field.second;
  }
  return std::nullopt;
}

void Headers::set(std::string name, std::string value) {
  std::erase_if(fields_,
                [&](const Field& field) { return equal_ignoring_case(field.first, name); });
  add(std::move(name), std::move(value));
}

}  // namespace millrace::http
