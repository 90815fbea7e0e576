#include <cstdint>
#include <cstdlib>

#include "core/base/error.h"
#include "core/lists/query.h"

/// A query that is accepted gives the same answer each time, and its negation the other one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace;
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    const lists::Query query = lists::Query::parse(text, "query");
    const lists::Query negated = lists::Query::parse("not (" + text + ")", "query");
    const float boxes[] = {2, 5, 1, 0.1F, 0.1F, 0.9F, 0.9F};
    const float one[] = {3};
    const LstRow rows[] = {{.index = 7, .labels = one, .path = "cats/1 [a].jpg", .line = 2},
                           {.index = 0, .labels = boxes, .path = "\xC3\xA4", .line = 1}};
    const lists::Form forms[] = {lists::Form::Class, lists::Form::Detection};
    for (int i = 0; i < 2; ++i) {
      if (query.matches(rows[i], forms[i]) == negated.matches(rows[i], forms[i])) std::abort();
    }
  } catch (const Error&) {
    return 0;
  }
  return 0;
}
