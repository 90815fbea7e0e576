#include "platform/console/lists/draft_api.h"

#include <algorithm>

#include "core/base/random.h"
#include "core/base/refuse.h"
#include "core/base/text.h"
#include "core/lists/list_json.h"
#include "platform/console/lists/list_problems.h"

namespace millrace::console {
namespace {

using records::Connection;
using records::ListDraftRow;
using records::ListTable;

constexpr std::uint64_t kMaxSaveBytes = 64 * 1024;
constexpr std::size_t kMaxShownConflicts = 200;

std::string text_of(const Json& document, const char* member) {
  const auto found = document.find(member);
  return found != document.end() && found->is_string() ? found->get<std::string>() : std::string();
}

lists::Prefer prefer_of(std::string_view name) {
  if (name.empty()) return lists::Prefer::Nobody;
  if (name == "ours") return lists::Prefer::Ours;
  if (name == "theirs") return lists::Prefer::Theirs;
  refuse("request: Prefer", name, "ours, theirs or nothing");
}

Json conflict_json(const lists::Conflict& conflict) {
  Json json{{"Kind", std::string(lists::name_of(conflict.kind))}};
  if (conflict.base != nullptr) json["base"] = lists::row_json(*conflict.base);
  if (conflict.ours != nullptr) json["ours"] = lists::row_json(*conflict.ours);
  if (conflict.theirs != nullptr) json["theirs"] = lists::row_json(*conflict.theirs);
  return json;
}

}  // namespace

http::Response save_merged(ListVersions& versions, Call& call, std::int64_t list,
                           const Change3& change, const std::string& message,
                           std::string_view prefer, records::ListVersionRow* saved) {
  const ListVersions::Current current = versions.of(call, list);
  std::string bytes = change.ours_text;
  if (current.version.content != change.base->hash) {
    const auto theirs = versions.content(current.list, current.version.content);
    const lists::Prefer preference = prefer_of(prefer);
    const lists::Merge merged =
        lists::merge(change.base->list.rows(), change.ours, theirs->list.rows(), preference);
    if (!merged.settled(preference)) {
      Json conflicts = Json::array();
      for (const lists::Conflict& conflict : merged.conflicts) {
        if (conflicts.size() == kMaxShownConflicts) break;
        conflicts.push_back(conflict_json(conflict));
      }
      return json_answer({{"__type", "Conflict"},
                          {"message", "The list has changed meanwhile, and " +
                                          std::to_string(merged.conflicts.size()) +
                                          " rows differently. Choose for each, or say which side "
                                          "is preferred."},
                          {"Version", version_json(current.version)},
                          {"Count", merged.conflicts.size()},
                          {"Conflicts", std::move(conflicts)}},
                         409);
    }
    bytes = list_text(merged.rows);
  }
  const records::ListVersionRow version = versions.save(call, current, bytes, message);
  if (saved != nullptr) *saved = version;
  return json_answer({{"Version", version_json(version)}});
}

std::shared_ptr<EditedList> DraftApi::edited(const records::ListRow& list, const std::string& id,
                                             const Json& document) {
  const Json& edits = document["Edits"];
  const auto known =
      std::find_if(kept_.begin(), kept_.end(), [&](const Kept& kept) { return kept.id == id; });
  if (known != kept_.end() && known->edits == edits.size()) return known->edited;
  if (known != kept_.end()) kept_.erase(known);
  auto made =
      std::make_shared<EditedList>(versions_.content(list, document["Hash"].get<std::string>()));
  for (const Json& edit : edits) made->apply(edit);
  kept_.push_front({.id = id, .edits = edits.size(), .edited = made});
  if (kept_.size() > kMaxKept) kept_.pop_back();
  return made;
}

DraftApi::Worked DraftApi::worked(Call& call, const std::string& id) {
  const auto row = versions_.database().read(
      [&](Connection& connection) { return ListTable(connection).draft(call.caller.account, id); });
  if (!row || row->author != author_of(call.caller))
    not_found("You have no draft '" + printable(id, 40) + "'.");
  Worked draft{.row = *row,
               .document = parse_json(row->document, "draft",
                                      {.max_bytes = std::size_t{1} << 30, .max_depth = 32}),
               .list = versions_.of(call, row->list).list,
               .edited = {}};
  draft.edited = edited(draft.list, id, draft.document);
  return draft;
}

void DraftApi::forget(const std::string& id) {
  std::erase_if(kept_, [&](const Kept& kept) { return kept.id == id; });
}

void DraftApi::store(const Worked& draft) {
  ListDraftRow row = draft.row;
  row.modified_at = now();
  row.document = to_text(draft.document);
  versions_.database().write(
      [&](Connection& transaction) { ListTable(transaction).put_draft(row); });
}

Json DraftApi::summary(const Worked& draft) {
  return {{"Id", draft.row.id},
          {"List", draft.list.id},
          {"Place", draft.list.place},
          {"Base", draft.document["Base"]},
          {"Edits", draft.document["Edits"].size()},
          {"Rows", draft.edited->rows().size()},
          {"Counts", diff_counts(draft.edited->base().list.rows(), draft.edited->rows())}};
}

http::Response DraftApi::begin(Call& call) {
  const ListVersions::Named named = versions_.named(call, call.parts[0]);
  const ListDraftRow row{.id = random_hex(8),
                         .account = call.caller.account,
                         .list = named.list.id,
                         .author = author_of(call.caller),
                         .modified_at = now(),
                         .document = to_text(Json{{"Base", named.version.number},
                                                  {"Hash", named.version.content},
                                                  {"Edits", Json::array()}})};
  versions_.database().write(
      [&](Connection& transaction) { ListTable(transaction).put_draft(row); });
  const auto lock = alone();
  return json_answer(summary(worked(call, row.id)));
}

http::Response DraftApi::mine(Call& call) {
  const ListVersions::Named named = versions_.named(call, call.parts[0]);
  Json drafts = Json::array();
  for (const ListDraftRow& row : versions_.database().read([&](Connection& connection) {
         return ListTable(connection)
             .drafts_of(call.caller.account, author_of(call.caller), named.list.id);
       })) {
    drafts.push_back({{"Id", row.id}, {"ModifiedAt", iso8601(row.modified_at)}});
  }
  return json_answer({{"Drafts", std::move(drafts)}});
}

http::Response DraftApi::one(Call& call) {
  const auto lock = alone();
  return json_answer(summary(worked(call, call.parts[0])));
}

http::Response DraftApi::rows(Call& call) {
  const auto lock = alone();
  const Worked draft = worked(call, call.parts[0]);
  return json_answer(
      rows_page(call, draft.edited->rows(), draft.edited->base().form, draft.list.place));
}

http::Response DraftApi::diff(Call& call) {
  const auto lock = alone();
  const Worked draft = worked(call, call.parts[0]);
  return json_answer(diff_page(call, draft.edited->base().list.rows(), draft.edited->rows()));
}

http::Response DraftApi::edit(Call& call) {
  const Json request = call.document(kMaxEditBytes);
  const auto edits = request.find("Edits");
  if (edits == request.end() || !edits->is_array()) refuse("request: Edits", {}, "a list of edits");
  const auto lock = alone();
  Worked draft = worked(call, call.parts[0]);
  if (draft.document["Edits"].size() + edits->size() > kMaxEdits) {
    refuse("draft", std::to_string(draft.document["Edits"].size()) + " edits",
           "at most " + std::to_string(kMaxEdits), "Save it.");
  }
  const auto kept = std::find_if(kept_.begin(), kept_.end(),
                                 [&](const Kept& one) { return one.id == draft.row.id; });
  std::int64_t rows = 0;
  try {
    for (const Json& edit : *edits) {
      rows += kept->edited->apply(edit);
      ++kept->edits;
      draft.document["Edits"].push_back(edit);
    }
    store(draft);
  } catch (...) {
    kept_.erase(kept);  // some may have been applied: it is made anew from what is stored
    throw;
  }
  Json answer = summary(draft);
  answer["Changed"] = rows;
  return json_answer(answer);
}

http::Response DraftApi::undo(Call& call) {
  const auto lock = alone();
  Worked draft = worked(call, call.parts[0]);
  Json& edits = draft.document["Edits"];
  if (!edits.empty()) edits.erase(edits.size() - 1);
  store(draft);
  return json_answer(summary(worked(call, call.parts[0])));
}

http::Response DraftApi::discard(Call& call) {
  const auto lock = alone();
  const Worked draft = worked(call, call.parts[0]);
  versions_.database().write(
      [&](Connection& transaction) { ListTable(transaction).erase_draft(draft.row.id); });
  forget(draft.row.id);
  return json_answer(Json::object());
}

http::Response DraftApi::save(Call& call) {
  const Json request = call.document(kMaxSaveBytes);
  const auto lock = alone();
  const Worked draft = worked(call, call.parts[0]);
  const Change3 change{
      .base = versions_.content(draft.list, draft.document["Hash"].get<std::string>()),
      .ours = draft.edited->rows(),
      .ours_text = draft.edited->text()};
  http::Response response = save_merged(versions_, call, draft.list.id, change,
                                        text_of(request, "Message"), text_of(request, "Prefer"));
  if (response.status == 200) {
    versions_.database().write(
        [&](Connection& transaction) { ListTable(transaction).erase_draft(draft.row.id); });
    forget(draft.row.id);
  }
  return response;
}

http::Response DraftApi::copy(Call& call) {
  const Json request = call.document(kMaxSaveBytes);
  const auto lock = alone();
  const Worked draft = worked(call, call.parts[0]);
  const auto made = versions_.create(call, require_string(request, "Place", "request"),
                                     draft.edited->text(), text_of(request, "Message"));
  return json_answer(
      {{"Id", made.list.id}, {"Place", made.list.place}, {"Version", version_json(made.version)}});
}

http::Response DraftApi::problems(Call& call) {
  const auto lock = alone();
  const Worked draft = worked(call, call.parts[0]);
  // By line of the file that saving would write.
  return json_answer(
      problems_page(call, lists::List::parse(draft.edited->text(), draft.list.place)));
}

}  // namespace millrace::console
