#include "platform/cli/lst/diff_json.h"

#include "core/json/json.h"
#include "core/lists/list_json.h"

namespace millrace::cli {
namespace {

using lists::counts_json;
using lists::label_json;
using lists::row_json;

/// Put together as text: an array of a hundred thousand rows as one document would take half a
/// gigabyte for a moment.
template <class Meant>
void append_rows(std::string& text, std::string_view name, const lists::Diff& diff,
                 const Meant& meant) {
  text.append(",\"").append(name).append("\":[");
  bool first = true;
  for (const lists::Change& change : diff.changes) {
    if (!meant(change)) continue;
    if (!first) text += ',';
    first = false;
    if (change.added())
      text += to_text(row_json(*change.after));
    else if (change.removed())
      text += to_text(row_json(*change.before));
    else
      text +=
          to_text(Json{{"before", row_json(*change.before)}, {"after", row_json(*change.after)}});
  }
  text += ']';
}

}  // namespace

std::string diff_json(std::string_view before_name, std::string_view after_name,
                      const lists::Diff& diff) {
  Json classes = Json::array();
  for (const auto& [labels, rows] : diff.relabelled)
    classes.push_back(
        {{"from", label_json(labels.first)}, {"to", label_json(labels.second)}, {"rows", rows}});
  std::string text = to_text(Json{{"from", std::string(before_name)},
                                  {"to", std::string(after_name)},
                                  {"same", diff.same()},
                                  {"counts", counts_json(diff.counts)},
                                  {"relabelled_classes", std::move(classes)}});
  text.pop_back();
  using lists::Change;
  append_rows(text, "added", diff, [](const Change& change) { return change.added(); });
  append_rows(text, "removed", diff, [](const Change& change) { return change.removed(); });
  append_rows(text, "relabelled", diff, [](const Change& change) { return change.relabelled; });
  append_rows(text, "moved", diff, [](const Change& change) { return change.moved; });
  append_rows(text, "replaced", diff, [](const Change& change) { return change.replaced; });
  append_rows(text, "renumbered", diff, [](const Change& change) { return change.renumbered; });
  return text + "}";
}

}  // namespace millrace::cli
