#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "platform/console/lists/list_edits.h"

/// Edits are of whoever has a session. What one makes of a list can be read back, and is taken back
/// exactly; one that is refused leaves the list as it was.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace;
  using namespace millrace::console;
  Json document;
  try {
    document = parse_json({reinterpret_cast<const char*>(data), size}, "edits",
                          {.max_bytes = std::size_t{1} << 16, .max_depth = 16});
  } catch (const Error&) {
    return 0;
  }
  static const std::shared_ptr<const ListContent> base = [] {
    lists::List list =
        lists::List::parse("0\t1.0\ta.jpg\r\n1\t2\tb.jpg\n7\t1\tc/d.jpg\n3\t2\tb.jpg\n", "a.lst");
    const lists::Form form = lists::form_of(list.rows());
    return std::make_shared<const ListContent>(
        ListContent{.hash = "h", .bytes = 0, .list = std::move(list), .form = form});
  }();
  EditedList list(base);
  const Json edits = document.is_array() ? document : Json::array({document});
  std::vector<std::string> states{list.text()};
  for (const Json& edit : edits) {
    try {
      list.apply(edit);
      states.push_back(list.text());
    } catch (const Error& error) {
      if (error.blame() != Blame::Customer || list.text() != states.back()) std::abort();
    }
  }
  for (const std::string& state : states) {
    try {
      static_cast<void>(lists::List::parse(state, "edited"));
    } catch (const Error&) {
      if (!state.empty()) std::abort();
    }
  }
  while (states.size() > 1) {
    states.pop_back();
    if (!list.undo() || list.text() != states.back()) std::abort();
  }
  return 0;
}
