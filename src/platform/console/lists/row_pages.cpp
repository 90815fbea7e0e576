#include "platform/console/lists/row_pages.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/refuse.h"
#include "core/lists/edit.h"
#include "core/lists/list_json.h"
#include "core/lists/query.h"

namespace millrace::console {
namespace {

constexpr std::int64_t kDefaultRows = 200;
constexpr std::int64_t kMaxRows = 5000;

std::size_t bytes_of(const std::vector<LstRow>& rows) {
  return rows.capacity() * sizeof(LstRow);
}

lists::SortKey sort_key_of(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, lists::SortKey>, 3> kKeys{
      {{"index", lists::SortKey::Index},
       {"path", lists::SortKey::Path},
       {"label", lists::SortKey::Label}}};
  const auto* const key =
      std::find_if(kKeys.begin(), kKeys.end(), [&](const auto& one) { return one.first == name; });
  if (key == kKeys.end()) refuse("query parameter 'sort'", name, "index, path or label");
  return key->second;
}

std::vector<LstRow> find_and_sort(const ShownRows& shown, std::string_view where,
                                  std::string_view sort, bool descending) {
  std::vector<LstRow> rows;
  if (where.empty()) {
    rows.assign(shown.rows.begin(), shown.rows.end());
  } else {
    const auto query = lists::Query::parse(where, "query parameter 'where'");
    query.check(shown.form, shown.origin);
    for (const LstRow& row : shown.rows) {
      if (query.matches(row, shown.form)) rows.push_back(row);
    }
  }
  if (!sort.empty()) lists::sort_rows(rows, sort_key_of(sort), descending, 0);
  return rows;
}

}  // namespace

std::size_t RowPages::kept_bytes() const {
  return state_.with([](const State& state) { return state.bytes; });
}

RowPages::Meant RowPages::meant(const Call& call, const ShownRows& shown) {
  const std::string_view where = call.text("where");
  const std::string_view sort = call.text("sort");
  if (where.empty() && sort.empty()) return {.rows = shown.rows, .found = {}, .owner = shown.owner};
  const bool descending = call.text("order") == "descending";
  const std::string key = shown.identity + "\n" + std::string(sort) +
                          (descending ? " down" : " up") + "\n" + std::string(where);
  const auto known = state_.with([&](State& state) -> Meant {
    const auto kept = std::find_if(state.order.begin(), state.order.end(),
                                   [&](const Kept& one) { return one.key == key; });
    if (kept == state.order.end()) return {};
    std::shared_ptr<const void> owner = kept->found->owner.lock();
    if (!owner) {
      state.bytes -= bytes_of(kept->found->rows);
      state.order.erase(kept);
      return {};
    }
    state.order.splice(state.order.begin(), state.order, kept);
    return {.rows = kept->found->rows, .found = kept->found, .owner = std::move(owner)};
  });
  if (known.found) return known;
  const auto made = std::make_shared<const Found>(
      Found{.rows = find_and_sort(shown, where, sort, descending), .owner = shown.owner});
  state_.with([&](State& state) {
    state.order.push_front({.key = key, .found = made});
    state.bytes += bytes_of(made->rows);
    while (state.order.size() > 1 &&
           (state.bytes > max_kept_bytes_ || state.order.size() > kMaxKept)) {
      state.bytes -= bytes_of(state.order.back().found->rows);
      state.order.pop_back();
    }
  });
  return {.rows = made->rows, .found = made, .owner = shown.owner};
}

Json RowPages::page(const Call& call, const ShownRows& shown) {
  const Meant meant = this->meant(call, shown);
  const auto total = static_cast<std::int64_t>(meant.rows.size());
  const std::int64_t from = std::min(call.number("from", 0, 0, std::int64_t{1} << 40), total);
  const std::int64_t until =
      std::min(from + call.number("limit", kDefaultRows, 0, kMaxRows), total);
  Json page = Json::array();
  for (std::int64_t i = from; i < until; ++i)
    page.push_back(lists::row_json(meant.rows[static_cast<std::size_t>(i)]));
  Json json{{"Rows", std::move(page)}, {"From", from}, {"Total", total}};
  if (until < total) json["Next"] = until;
  return json;
}

}  // namespace millrace::console
