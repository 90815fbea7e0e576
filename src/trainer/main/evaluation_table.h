#pragma once

#include <string>

#include "core/json/json.h"

namespace millrace {

/// An evaluation's JSON as text for a terminal: the figures, a row for each class with its means,
/// and the confusion matrix up to kMaxPrintedClasses classes. Of a multi-label model the accuracy
/// and the rows alone. Images that were left out are counted.
std::string evaluation_table(const Json& evaluation);

inline constexpr std::size_t kMaxPrintedClasses = 20;

}  // namespace millrace
