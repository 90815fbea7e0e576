#include "platform/console/lists/list_summaries.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "core/lists/class_names.h"
#include "core/lists/summary.h"

namespace millrace::console {
namespace {

Json classes_json(const lists::Summary& summary, std::span<const LstRow> rows) {
  std::map<std::int64_t, std::string_view> names;
  if (summary.form == lists::Form::Class) names = lists::class_names(rows);
  Json json = Json::array();
  for (const auto& [id, count] : summary.classes) {
    Json one{{"class", id}, {"rows", count}};
    if (const auto name = names.find(id); name != names.end())
      one["name"] = std::string(name->second);
    json.push_back(std::move(one));
  }
  return json;
}

Json summary_json(std::span<const LstRow> rows) {
  const lists::Summary summary = lists::summarize(rows);
  return {{"Form", std::string(lists::describe(summary.form))},
          {"Rows", summary.rows},
          {"Labels", summary.most_labels},
          {"Classes", classes_json(summary, rows)},
          {"Boxes", summary.total_boxes},
          {"Folders", summary.folders},
          {"RepeatedPaths", summary.repeated_paths},
          {"WithoutClass", summary.without_class}};
}

}  // namespace

Json ListSummaries::of(const ListContent& content) {
  const auto known = kept_.with([&](std::list<Kept>& kept) -> std::shared_ptr<const Json> {
    const auto found = std::find_if(kept.begin(), kept.end(),
                                    [&](const Kept& one) { return one.hash == content.hash; });
    if (found == kept.end()) return nullptr;
    kept.splice(kept.begin(), kept, found);
    return found->summary;
  });
  if (known) return *known;
  const auto made = std::make_shared<const Json>(summary_json(content.list.rows()));
  kept_.with([&](std::list<Kept>& kept) {
    kept.push_front({content.hash, made});
    if (kept.size() > kMaxKept) kept.pop_back();
  });
  return *made;
}

}  // namespace millrace::console
