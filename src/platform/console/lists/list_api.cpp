#include "platform/console/lists/list_api.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/refuse.h"
#include "core/base/text.h"
#include "core/lists/diff.h"
#include "core/lists/edit.h"
#include "core/lists/list_json.h"
#include "core/lists/query.h"
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
/// Of a version that was found in the file and not made here.
constexpr const char* kElsewhere = "(changed elsewhere)";

std::int64_t id_of(const std::string& text) {
  const auto id = parse_int(text);
  if (!id) not_found("There is no list '" + printable(text, 20) + "'.");
  return *id;
}

ListRow known_list(ListVersions& versions, Call& call, std::int64_t id) {
  const auto row = versions.database().read(
      [&](Connection& connection) { return ListTable(connection).find(call.caller.account, id); });
  if (!row) not_found("There is no list " + std::to_string(id) + ".");
  return *row;
}

bool is_of_kind(const lists::Change& change, std::string_view kind) {
  return kind.empty() || (kind == "added" && change.added()) ||
         (kind == "removed" && change.removed()) || (kind == "relabelled" && change.relabelled) ||
         (kind == "moved" && change.moved) || (kind == "replaced" && change.replaced) ||
         (kind == "renumbered" && change.renumbered);
}

}  // namespace

std::string author_of(const aws::Caller& caller) {
  return caller.user.empty() ? "operator" : caller.user;
}

std::shared_ptr<const ListContent> ListVersions::content(const ListRow& list,
                                                         const std::string& hash) {
  return contents_.get(hash, list.place);
}

/// A file that is as it was is not read again.
ListVersions::Current ListVersions::seen(Call& call, const ListRow& list, const OpenFile& file) {
  std::optional<ListVersionRow> version =
      seen_.with([&](const auto& seen) -> std::optional<ListVersionRow> {
        const auto found = seen.find(list.id);
        if (found == seen.end() || found->second.file_version != file.version) return std::nullopt;
        return found->second.version;
      });
  if (!version) {
    version = read(call, list, file);
    seen_.with([&](auto& seen) {
      seen.insert_or_assign(list.id, Seen{.file_version = file.version, .version = *version});
    });
  }
  return {.list = list, .version = *std::move(version), .file_version = file.version};
}

/// What the file holds is the last version, or becomes the next.
ListVersionRow ListVersions::read(Call& call, const ListRow& list, const OpenFile& file) {
  if (file.size > ListContents::kMaxListBytes) {
    refuse(list.place, human_bytes(file.size),
           "a list of at most " + human_bytes(ListContents::kMaxListBytes));
  }
  const std::string bytes = file.read(0, ListContents::kMaxListBytes);
  const std::string hash = contents_.put(bytes);
  auto last = database_.read(
      [&](Connection& connection) { return ListTable(connection).last_version(list.id); });
  if (!last || last->content != hash) {
    const auto now_there = content(list, hash);  // throws for what is no list
    Json document = Json::object();
    if (last) {
      document["Counts"] =
          diff_counts(content(list, last->content)->list.rows(), now_there->list.rows());
    }
    document["Rows"] = now_there->list.rows().size();
    ListVersionRow row{.list = list.id,
                       .number = 0,
                       .parent = {},
                       .content = hash,
                       .author = last ? kElsewhere : author_of(call.caller),
                       .message = last ? "" : "opened",
                       .created_at = now(),
                       .document = to_text(document)};
    last = database_.write([&](Connection& transaction) {
      ListTable table(transaction);
      // Another request may have seen it meanwhile.
      const auto latest = table.last_version(list.id);
      if (latest && latest->content == hash) return *latest;
      if (latest) row.parent = latest->number;
      return table.add_version(row);
    });
  }
  return *std::move(last);
}

ListVersions::Current ListVersions::at(Call& call, const std::string& place) {
  const Place parsed = Place::parse(place, "Place");
  const OpenFile file = files_.open(call, parsed);
  const ListRow list = database_.write([&](Connection& transaction) {
    return ListTable(transaction).ensure(call.caller.account, parsed.text(), now());
  });
  return seen(call, list, file);
}

ListVersions::Current ListVersions::of(Call& call, std::int64_t id) {
  const ListRow list = known_list(*this, call, id);
  return seen(call, list, files_.open(call, Place::parse(list.place, "Place")));
}

ListVersionRow ListVersions::save(Call& call, const Current& current, const std::string& bytes,
                                  const std::string& message) {
  const std::string hash = contents_.put(bytes);
  const auto made = content(current.list, hash);
  const auto before = content(current.list, current.version.content);
  const Json document{{"Counts", diff_counts(before->list.rows(), made->list.rows())},
                      {"Rows", made->list.rows().size()}};
  files_.write(call, Place::parse(current.list.place, "Place"), bytes, current.file_version);
  const ListVersionRow row{.list = current.list.id,
                           .number = 0,
                           .parent = current.version.number,
                           .content = hash,
                           .author = author_of(call.caller),
                           .message = message,
                           .created_at = now(),
                           .document = to_text(document)};
  return database_.write(
      [&](Connection& transaction) { return ListTable(transaction).add_version(row); });
}

ListVersions::Current ListVersions::create(Call& call, const std::string& place,
                                           const std::string& bytes, const std::string& message) {
  const Place parsed = Place::parse(place, "request: Place");
  files_.write(call, parsed, bytes, "");
  const OpenFile file = files_.open(call, parsed);
  const std::string hash = contents_.put(bytes);
  const ListRow list = database_.write([&](Connection& transaction) {
    return ListTable(transaction).ensure(call.caller.account, parsed.text(), now());
  });
  const ListVersionRow row{
      .list = list.id,
      .number = 0,
      .parent = {},
      .content = hash,
      .author = author_of(call.caller),
      .message = message,
      .created_at = now(),
      .document = to_text(Json{{"Rows", content(list, hash)->list.rows().size()}})};
  ListVersionRow made = database_.write(
      [&](Connection& transaction) { return ListTable(transaction).add_version(row); });
  return {.list = list, .version = std::move(made), .file_version = file.version};
}

ListVersions::Named ListVersions::named(Call& call, std::string_view reference) {
  const std::size_t mark = reference.find('@');
  const std::int64_t id = id_of(std::string(reference.substr(0, mark)));
  Current current = of(call, id);
  Named found{.list = current.list, .version = current.version, .content = {}};
  if (mark != std::string_view::npos) {
    const auto number = parse_int(reference.substr(mark + 1));
    const auto row = database_.read([&](Connection& connection) {
      return ListTable(connection).version(id, number.value_or(0));
    });
    if (!row) not_found("There is no version '" + printable(reference, 40) + "' of a list.");
    found.version = *row;
  }
  found.content = content(found.list, found.version.content);
  return found;
}

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

std::vector<LstRow> meant_rows(Call& call, std::span<const LstRow> rows, lists::Form form,
                               std::string_view origin) {
  std::vector<LstRow> meant;
  if (const std::string_view where = call.text("where"); !where.empty()) {
    const auto query = lists::Query::parse(where, "query parameter 'where'");
    query.check(form, origin);
    for (const LstRow& row : rows) {
      if (query.matches(row, form)) meant.push_back(row);
    }
  } else {
    meant.assign(rows.begin(), rows.end());
  }
  constexpr std::array<std::pair<std::string_view, lists::SortKey>, 3> kKeys{
      {{"index", lists::SortKey::Index},
       {"path", lists::SortKey::Path},
       {"label", lists::SortKey::Label}}};
  const std::string_view sort = call.text("sort");
  if (sort.empty()) return meant;
  const auto* const key =
      std::find_if(kKeys.begin(), kKeys.end(), [&](const auto& one) { return one.first == sort; });
  if (key == kKeys.end()) refuse("query parameter 'sort'", sort, "index, path or label");
  lists::sort_rows(meant, key->second, call.text("order") == "descending", 0);
  return meant;
}

Json rows_page(Call& call, std::span<const LstRow> rows, lists::Form form,
               std::string_view origin) {
  const std::vector<LstRow> meant = meant_rows(call, rows, form, origin);
  const auto total = static_cast<std::int64_t>(meant.size());
  const std::int64_t from = std::min(call.number("from", 0, 0, std::int64_t{1} << 40), total);
  const std::int64_t until =
      std::min(from + call.number("limit", kDefaultRows, 0, kMaxRows), total);
  Json page = Json::array();
  for (std::int64_t i = from; i < until; ++i)
    page.push_back(lists::row_json(meant[static_cast<std::size_t>(i)]));
  Json json{{"Rows", std::move(page)}, {"From", from}, {"Total", total}};
  if (until < total) json["Next"] = until;
  return json;
}

http::Response ListApi::all(Call& call) {
  Json json = Json::array();
  versions_.database().read([&](Connection& connection) {
    ListTable table(connection);
    for (const ListRow& list : table.all(call.caller.account)) {
      Json one{{"Id", list.id}, {"Place", list.place}};
      if (const auto last = table.last_version(list.id)) one["Version"] = version_json(*last);
      json.push_back(std::move(one));
    }
  });
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
  const auto current = versions_.of(call, id_of(call.parts[0]));
  Json json = Json::array();
  for (const ListVersionRow& version : versions_.database().read([&](Connection& connection) {
         return ListTable(connection).versions(current.list.id);
       })) {
    json.push_back(version_json(version));
  }
  return json_answer({{"Versions", std::move(json)}});
}

http::Response ListApi::rows(Call& call) {
  const ListVersions::Named named = versions_.named(call, call.parts[0]);
  Json json = rows_page(call, named.content->list.rows(), named.content->form, named.list.place);
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
      versions_.save(call, versions_.of(call, named.list.id),
                     versions_.contents().bytes(named.version.content), message);
  return json_answer({{"Version", version_json(saved)}});
}

}  // namespace millrace::console
