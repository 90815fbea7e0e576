#pragma once

#include "core/json/json.h"
#include "core/lists/list.h"
#include "platform/console/call.h"

namespace millrace::console {

/// What `millrace lst check` finds in one list, by line: {"Total", "Problems": [{"Line", "Rule",
/// "Message"}]} with ?from=&limit=. `Line` is 0 for what is wrong with no line alone. Of each rule
/// the first kMaxProblems are told; which images there are is not looked at.
inline constexpr std::size_t kMaxProblems = 1000;
Json problems_page(const Call& call, const lists::List& list);

}  // namespace millrace::console
