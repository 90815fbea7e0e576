#include <cstdint>
#include <cstdlib>

#include "core/base/error.h"
#include "core/lists/class_mapping.h"

/// No row is lost or doubled: each is mapped or dropped, and each has a class that a rule gives.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const lists::ClassMapping mapping = lists::ClassMapping::parse(text, "map");
    std::vector<float> labels(20);
    std::vector<LstRow> rows;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      labels[i] = static_cast<float>(i % 10);
      rows.push_back({.index = i, .labels = {&labels[i], 1}, .path = i < 10 ? "a/x" : "b/y"});
    }
    lists::RowStore store;
    const lists::Remapped done = lists::remap(rows, "list", mapping, store);
    if (done.rows.size() + static_cast<std::size_t>(done.dropped_rows) != rows.size()) std::abort();
    for (const LstRow& row : done.rows) {
      const lists::MappingRule* rule = mapping.rule(static_cast<std::int64_t>(labels[row.index]),
                                                    rows[row.index], lists::Form::Class);
      const float expected = rule == nullptr ? labels[row.index] : static_cast<float>(*rule->to);
      if (row.labels[0] != expected) std::abort();
    }
  } catch (const Error&) {
    return 0;
  }
  return 0;
}
