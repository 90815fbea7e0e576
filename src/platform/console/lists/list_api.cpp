#include "platform/console/lists/list_api.h"

#include <algorithm>
#include <utility>

#include "core/base/refuse.h"
#include "core/base/text.h"
#include "core/lists/diff.h"
#include "core/lists/list_json.h"
#include "platform/console/lists/list_problems.h"

namespace millrace::console {
namespace {

using records::Connection;
using records::ListRow;
using records::ListTable;
using records::ListVersionRow;

constexpr std::int64_t kDefaultRows = 200;
constexpr std::int64_t kMaxRows = 5000;
constexpr std::uint64_t kMaxOpenBytes = 16 * 1024;
constexpr std::uint64_t kMaxRestoreBytes = 64 * 1024;

bool is_of_kind(const lists::Change& change, std::string_view kind) {
  return kind.empty() || (kind == "added" && change.added()) ||
         (kind == "removed" && change.removed()) || (kind == "relabelled" && change.relabelled) ||
         (kind == "moved" && change.moved) || (kind == "replaced" && change.replaced) ||
         (kind == "renumbered" && change.renumbered);
}

}  // namespace

Json version_json(const ListVersionRow& version) {
  Json json = parse_json(version.document, "version of a list");
  json["Number"] = version.number;
  if (version.parent) json["Parent"] = *version.parent;
  json["Hash"] = version.content;
  json["Author"] = version.author;
  json["Message"] = version.message;
  json["CreatedAt"] = iso8601(version.created_at);
  return json;
}

Json diff_counts(std::span<const LstRow> before, std::span<const LstRow> after) {
  return lists::counts_json(lists::diff(before, after).counts);
}

Json diff_page(Call& call, std::span<const LstRow> before, std::span<const LstRow> after) {
  const lists::Diff diff = lists::diff(before, after);
  const std::string_view kind = call.text("kind");
  const std::int64_t from = call.number("from", 0, 0, std::int64_t{1} << 40);
  const std::int64_t limit = call.number("limit", kDefaultRows, 0, kMaxRows);
  Json changes = Json::array();
  std::int64_t total = 0;
  for (const lists::Change& change : diff.changes) {
    if (!is_of_kind(change, kind)) continue;
    const std::int64_t place = total++;
    if (place < from || place >= from + limit) continue;
    Json json = Json::object();
    if (change.before != nullptr) json["before"] = lists::row_json(*change.before);
    if (change.after != nullptr) json["after"] = lists::row_json(*change.after);
    changes.push_back(std::move(json));
  }
  Json flow = Json::array();
  for (const auto& [labels, rows] : diff.relabelled) {
    flow.push_back({{"from", lists::label_json(labels.first)},
                    {"to", lists::label_json(labels.second)},
                    {"rows", rows}});
  }
  Json json{{"Counts", lists::counts_json(diff.counts)},
            {"Classes", std::move(flow)},
            {"Changes", std::move(changes)},
            {"Total", total}};
  if (from + limit < total) json["Next"] = from + limit;
  return json;
}

ShownRows shown_rows(const ListVersions::Named& named) {
  return {.rows = named.content->list.rows(),
          .form = named.content->form,
          .origin = named.list.place,
          .identity = named.content->hash,
          .owner = named.content};
}

http::Response ListApi::all(Call& call) {
  std::vector<std::pair<ListRow, ListVersionRow>> found;
  versions_.database().snapshot([&](Connection& connection) {
    ListTable table(connection);
    for (ListRow& list : table.all(call.caller.account)) {
      auto last = table.last_version(list.id).value();
      found.emplace_back(std::move(list), std::move(last));
    }
  });
  Json json = Json::array();
  for (const auto& [list, last] : found) {
    if (!versions_.may_read(call, list.place)) continue;
    json.push_back({{"Id", list.id}, {"Place", list.place}, {"Version", version_json(last)}});
  }
  return json_answer({{"Lists", std::move(json)}});
}

http::Response ListApi::open(Call& call) {
  const Json document = call.document(kMaxOpenBytes);
  const auto current = versions_.at(call, require_string(document, "Place", "request"));
  return json_answer({{"Id", current.list.id},
                      {"Place", current.list.place},
                      {"Version", version_json(current.version)}});
}

http::Response ListApi::one(Call& call) {
  const ListVersions::Named named = versions_.named(call, call.parts[0]);
  Json answer = summaries_.of(*named.content);
  answer["Id"] = named.list.id;
  answer["Place"] = named.list.place;
  answer["Version"] = version_json(named.version);
  return json_answer(std::move(answer));
}

http::Response ListApi::history(Call& call) {
  const ListRow list = versions_.known(call, list_id(call.parts[0]));
  Json json = Json::array();
  for (const ListVersionRow& version : versions_.database().read(
           [&](Connection& connection) { return ListTable(connection).versions(list.id); })) {
    json.push_back(version_json(version));
  }
  return json_answer({{"Versions", std::move(json)}});
}

http::Response ListApi::rows(Call& call) {
  const ListVersions::Named named = versions_.named(call, call.parts[0]);
  Json json = pages_.page(call, shown_rows(named));
  json["Hash"] = named.content->hash;
  return json_answer(json);
}

http::Response ListApi::text(Call& call) {
  const ListVersions::Named named = versions_.named(call, call.parts[0]);
  http::Response response;
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("Content-Disposition", "attachment");
  response.body = versions_.contents().bytes(named.version.content);
  return response;
}

http::Response ListApi::diff(Call& call) {
  const ListVersions::Named before = versions_.named(call, call.text("a"));
  const ListVersions::Named after = versions_.named(call, call.text("b"));
  return json_answer(diff_page(call, before.content->list.rows(), after.content->list.rows()));
}

http::Response ListApi::problems(Call& call) {
  return json_answer(problems_page(call, versions_.named(call, call.parts[0]).content->list));
}

http::Response ListApi::restore(Call& call) {
  const Json request = call.document(kMaxRestoreBytes);
  const ListVersions::Named named = versions_.named(call, call.parts[0]);
  const std::string message =
      request.contains("Message") ? require_string(request, "Message", "request") : std::string();
  const ListVersionRow saved =
      versions_.save(call, versions_.replaced(call, named.list.id),
                     versions_.contents().bytes(named.version.content), message);
  return json_answer({{"Version", version_json(saved)}});
}

}  // namespace millrace::console
