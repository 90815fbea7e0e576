#pragma once

#include <initializer_list>
#include <string_view>
#include <utility>

namespace millrace {

/// One line on standard error for the operator: `time=2024-05-01T10:00:00.000Z event=<event> key=value ...`. Values with
/// spaces, quotes, '=' or control characters are quoted and escaped, so that a line is always one event. Values must not
/// hold secrets.
void log_event(std::string_view event, std::initializer_list<std::pair<std::string_view, std::string_view>> fields);

}  // namespace millrace
