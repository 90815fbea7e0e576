#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/json/json.h"
#include "platform/aws/shape.h"

namespace millrace::aws {

/// A scalar of a document as the text that headers, queries and XML carry, and back. `timestamps` is the form of the
/// place, which the shape's own form overrides.
std::string scalar_to_text(const Json& value, const Shape& shape, TimestampFormat timestamps);

/// nullopt when the text is no value of that kind. Every timestamp form is understood, whichever is expected.
std::optional<Json> scalar_from_text(std::string_view text, const Shape& shape);

/// "a whole number", "true or false", ...: for messages.
std::string_view kind_in_words(Kind kind);

}  // namespace millrace::aws
