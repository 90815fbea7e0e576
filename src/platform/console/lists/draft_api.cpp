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
constexpr JsonLimits kEditLimits{.max_bytes = DraftApi::kMaxEditBytes};

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

ListDraftRow touched(ListDraftRow row) {
  row.modified_at = now();
  return row;
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
                           std::string_view prefer) {
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
  const records::ListVersionRow version =
      versions.save(call, current, bytes, message, change.purpose);
  return json_answer({{"Version", version_json(version)}});
}

/// What the edits make of the list: as it was left, or made anew.
std::shared_ptr<EditedList> DraftApi::edited(const Worked& draft) {
  const std::string& id = draft.row.id;
  const auto known = kept_.with([&](auto& kept) -> std::shared_ptr<EditedList> {
    const auto found =
        std::find_if(kept.begin(), kept.end(), [&](const Kept& one) { return one.id == id; });
    if (found == kept.end() || found->edits != draft.edits.count) return nullptr;
    kept.splice(kept.begin(), kept, found);
    return found->edited;
  });
  if (known) return known;
  auto made = std::make_shared<EditedList>(
      versions_.content(draft.list, draft.document["Hash"].get<std::string>()));
  const std::vector<std::string> edits = versions_.database().read(
      [&](Connection& connection) { return ListTable(connection).edits(id); });
  for (const std::string& edit : edits) made->apply(parse_json(edit, "edit", kEditLimits));
  keep(id, static_cast<std::int64_t>(edits.size()), made);
  return made;
}

void DraftApi::keep(const std::string& id, std::int64_t edits, std::shared_ptr<EditedList> edited) {
  kept_.with([&](auto& kept) {
    std::erase_if(kept, [&](const Kept& one) { return one.id == id; });
    const std::size_t bytes = edited->bytes() + edited->base().bytes;
    kept.push_front({.id = id, .edits = edits, .bytes = bytes, .edited = std::move(edited)});
    std::size_t sum = 0;
    for (const Kept& one : kept) sum += one.bytes;
    for (; (sum > max_kept_bytes_ || kept.size() > kMaxKept) && kept.size() > 1; kept.pop_back())
      sum -= kept.back().bytes;
  });
}

std::size_t DraftApi::kept_bytes() const {
  return kept_.with([](const auto& kept) {
    std::size_t sum = 0;
    for (const Kept& one : kept) sum += one.bytes;
    return sum;
  });
}

DraftApi::Worked DraftApi::worked(Call& call, const std::string& id) {
  Worked draft;
  versions_.database().snapshot([&](Connection& connection) {
    ListTable table(connection);
    const auto row = table.draft(call.caller.account, id);
    if (!row || row->author != caller_name(call.caller))
      not_found("You have no draft '" + printable(id, 40) + "'.");
    draft.row = *row;
    draft.edits = table.count_edits(id);
  });
  draft.document = parse_json(draft.row.document, "draft");
  draft.list = versions_.known(call, draft.row.list);
  draft.edited = edited(draft);
  return draft;
}

void DraftApi::forget(const std::string& id) {
  kept_.with(
      [&](auto& kept) { std::erase_if(kept, [&](const Kept& one) { return one.id == id; }); });
}

ShownRows DraftApi::shown_rows(const Worked& draft) {
  return {.rows = draft.edited->rows(),
          .form = draft.edited->base().form,
          .origin = draft.list.place,
          .identity = draft.edited->identity(),
          .owner = draft.edited};
}

Json DraftApi::summary(const Worked& draft) {
  const auto rows = draft.edited->rows();
  return {{"Id", draft.row.id},
          {"List", draft.list.id},
          {"Place", draft.list.place},
          {"Base", draft.document["Base"]},
          {"Edits", draft.edits.count},
          {"Rows", rows.size()},
          {"Counts", diff_counts(draft.edited->base().list.rows(), rows)}};
}

http::Response DraftApi::begin(Call& call) {
  const ListVersions::Named named = versions_.named(call, call.parts[0]);
  const std::string author = caller_name(call.caller);
  const ListDraftRow row{
      .id = random_hex(8),
      .account = call.caller.account,
      .list = named.list.id,
      .author = author,
      .modified_at = now(),
      .document = to_text(Json{{"Base", named.version.number}, {"Hash", named.version.content}})};
  versions_.database().write([&](Connection& transaction) {
    ListTable table(transaction);
    const std::int64_t drafts = table.count_drafts(call.caller.account, author);
    if (drafts >= kMaxDrafts) {
      refuse("drafts", std::to_string(drafts) + " of yours",
             "at most " + std::to_string(kMaxDrafts), "Save, propose or discard some.");
    }
    table.put_draft(row);
  });
  const auto held = lock(row.id);
  return json_answer(summary(worked(call, row.id)));
}

http::Response DraftApi::mine(Call& call) {
  const records::ListRow list =
      versions_.known(call, list_id(call.parts[0].substr(0, call.parts[0].find('@'))));
  Json drafts = Json::array();
  for (const ListDraftRow& row : versions_.database().read([&](Connection& connection) {
         return ListTable(connection)
             .drafts_of(call.caller.account, caller_name(call.caller), list.id);
       })) {
    drafts.push_back({{"Id", row.id}, {"ModifiedAt", iso8601(row.modified_at)}});
  }
  return json_answer({{"Drafts", std::move(drafts)}});
}

http::Response DraftApi::one(Call& call) {
  const auto held = lock(call.parts[0]);
  return json_answer(summary(worked(call, call.parts[0])));
}

http::Response DraftApi::rows(Call& call) {
  const auto held = lock(call.parts[0]);
  const Worked draft = worked(call, call.parts[0]);
  return json_answer(pages_.page(call, shown_rows(draft)));
}

http::Response DraftApi::diff(Call& call) {
  const auto held = lock(call.parts[0]);
  const Worked draft = worked(call, call.parts[0]);
  return json_answer(diff_page(call, draft.edited->base().list.rows(), draft.edited->rows()));
}

http::Response DraftApi::edit(Call& call) {
  const Json request = call.document(kMaxEditBytes);
  const auto edits = request.find("Edits");
  if (edits == request.end() || !edits->is_array()) refuse("request: Edits", {}, "a list of edits");
  const auto held = lock(call.parts[0]);
  Worked draft = worked(call, call.parts[0]);
  std::vector<std::string> texts;
  ListTable::Edits sum = draft.edits;
  for (const Json& edit : *edits) {
    texts.push_back(to_text(edit));
    sum.bytes += static_cast<std::int64_t>(texts.back().size());
    ++sum.count;
  }
  if (sum.count > kMaxEdits) {
    refuse("draft", std::to_string(draft.edits.count) + " edits",
           "at most " + std::to_string(kMaxEdits), "Save it and go on.");
  }
  if (sum.bytes > kMaxDraftBytes) {
    refuse("draft", human_bytes(static_cast<std::uint64_t>(sum.bytes)) + " of edits",
           "at most " + human_bytes(kMaxDraftBytes), "Save it and go on.");
  }
  std::int64_t rows = 0;
  std::size_t applied = 0;
  try {
    for (const Json& edit : *edits) {
      rows += draft.edited->apply(edit);
      ++applied;
    }
    versions_.database().write([&](Connection& transaction) {
      ListTable table(transaction);
      for (const std::string& text : texts) table.add_edit(draft.row.id, text);
      table.put_draft(touched(draft.row));
    });
  } catch (...) {
    while (applied > 0 && draft.edited->undo()) --applied;
    if (applied > 0) forget(draft.row.id);  // it is made anew from what is stored
    throw;
  }
  draft.edits = sum;
  keep(draft.row.id, sum.count, draft.edited);
  Json answer = summary(draft);
  answer["Changed"] = rows;
  return json_answer(answer);
}

http::Response DraftApi::undo(Call& call) {
  const auto held = lock(call.parts[0]);
  Worked draft = worked(call, call.parts[0]);
  if (draft.edits.count == 0) return json_answer(summary(draft));
  versions_.database().write([&](Connection& transaction) {
    ListTable table(transaction);
    table.erase_edit(draft.row.id);
    table.put_draft(touched(draft.row));
  });
  if (draft.edited->undo()) {
    keep(draft.row.id, draft.edits.count - 1, draft.edited);
  } else {
    forget(draft.row.id);
  }
  return json_answer(summary(worked(call, call.parts[0])));
}

http::Response DraftApi::discard(Call& call) {
  const auto held = lock(call.parts[0]);
  const Worked draft = worked(call, call.parts[0]);
  versions_.database().write(
      [&](Connection& transaction) { ListTable(transaction).erase_draft(draft.row.id); });
  forget(draft.row.id);
  return json_answer(Json::object());
}

http::Response DraftApi::save(Call& call) {
  const Json request = call.document(kMaxSaveBytes);
  const auto held = lock(call.parts[0]);
  const Worked draft = worked(call, call.parts[0]);
  const Change3 change{
      .base = versions_.content(draft.list, draft.document["Hash"].get<std::string>()),
      .ours = draft.edited->rows(),
      .ours_text = draft.edited->text(),
      .purpose = {.proposal = {}, .draft = draft.row.id}};
  http::Response response = save_merged(versions_, call, draft.list.id, change,
                                        text_of(request, "Message"), text_of(request, "Prefer"));
  if (response.status == 200) forget(draft.row.id);
  return response;
}

http::Response DraftApi::copy(Call& call) {
  const Json request = call.document(kMaxSaveBytes);
  const auto held = lock(call.parts[0]);
  const Worked draft = worked(call, call.parts[0]);
  const auto made = versions_.create(call, require_string(request, "Place", "request"),
                                     draft.edited->text(), text_of(request, "Message"));
  return json_answer(
      {{"Id", made.list.id}, {"Place", made.list.place}, {"Version", version_json(made.version)}});
}

http::Response DraftApi::problems(Call& call) {
  const auto held = lock(call.parts[0]);
  const Worked draft = worked(call, call.parts[0]);
  // By line of the file that saving would write.
  return json_answer(
      problems_page(call, lists::List::parse(draft.edited->text(), draft.list.place)));
}

}  // namespace millrace::console
