#include "platform/console/lists/list_versions.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/base/refuse.h"
#include "core/base/text.h"
#include "core/lists/diff.h"
#include "core/lists/list_json.h"
#include "platform/console/lists/list_api.h"
#include "platform/console/lists/proposal_state.h"

namespace millrace::console {

using records::Connection;
using records::ListRow;
using records::ListSaveRow;
using records::ListTable;
using records::ListVersionRow;

namespace {

/// Of a version that was found in the file and not made here.
constexpr const char* kElsewhere = "(changed elsewhere)";
constexpr std::size_t kMaxSeen = 10'000;

std::string key_of(const std::string& account, const std::string& place) {
  return account + "/" + place;
}

/// Whether a file could not be looked at for what it is, rather than for who asks or for the
/// machine.
bool is_of_file(const Error& error) {
  return error.blame() == Blame::Customer && error.code() != "AccessDeniedException";
}

}  // namespace

std::int64_t list_id(std::string_view text) {
  const auto id = parse_int(text);
  if (!id) not_found("There is no list '" + printable(text, 20) + "'.");
  return *id;
}

/// Tells, while it lives, that somebody is at a save.
class ListVersions::Saving {
 public:
  Saving(ListVersions& versions, std::string id) : versions_(versions), id_(std::move(id)) {
    versions_.saving_.with([&](auto& ids) { ids.insert(id_); });
  }
  Saving(const Saving&) = delete;
  Saving& operator=(const Saving&) = delete;
  ~Saving() {
    versions_.saving_.with([&](auto& ids) { ids.erase(id_); });
  }

 private:
  ListVersions& versions_;
  const std::string id_;
};

std::shared_ptr<const ListContent> ListVersions::content(const ListRow& list,
                                                         const std::string& hash) {
  return contents_.get(hash, list.place);
}

bool ListVersions::may_read(const Call& call, const std::string& place) const {
  const Place parsed = Place::parse(place, "place of a list");
  if (parsed.kind == Place::Kind::FileSystem)
    return allows_(call.caller, "millrace:ReadFileSystem", parsed.text());
  return allows_(call.caller, "s3:GetObject",
                 "arn:aws:s3:::" + parsed.container + "/" + parsed.path);
}

/// A file that is as it was is not read again.
ListVersions::Current ListVersions::looked_at(Call& call, const Place& place) {
  const std::string key = key_of(call.caller.account, place.text());
  const KeyedMutex::Lock lock(places_, key);
  const OpenFile file = files_.open(call, place);
  const auto known = seen_.with([&](const auto& seen) -> std::optional<ListVersionRow> {
    const auto found = seen.find(key);
    if (found == seen.end() || found->second.file_version != file.version) return std::nullopt;
    return found->second.version;
  });
  if (known) {
    return {.list = {.id = known->list,
                     .account = call.caller.account,
                     .place = place.text(),
                     .created_at = {}},
            .version = *known,
            .file_version = file.version};
  }
  Current current = read(call, place, file);
  seen_.with([&](auto& seen) {
    if (seen.size() >= kMaxSeen) seen.clear();
    seen.insert_or_assign(key, Seen{.file_version = file.version, .version = current.version});
  });
  return current;
}

/// What the file holds is the last version, or becomes the next.
ListVersions::Current ListVersions::read(Call& call, const Place& place, const OpenFile& file) {
  if (file.size > ListContents::kMaxListBytes) {
    refuse(place.text(), human_bytes(file.size),
           "a list of at most " + human_bytes(ListContents::kMaxListBytes));
  }
  // Throws for what is no list, of which nothing is kept.
  const auto there = contents_.keep(file.read(0, ListContents::kMaxListBytes), place.text());
  const std::string& account = call.caller.account;
  const auto last = database_.read([&](Connection& connection) -> std::optional<ListVersionRow> {
    ListTable table(connection);
    const auto list = table.find(account, place.text());
    return list ? table.last_version(list->id) : std::nullopt;
  });
  Json document = Json::object();
  if (last && last->content != there->hash) {
    document["Counts"] =
        diff_counts(contents_.get(last->content, place.text())->list.rows(), there->list.rows());
  }
  document["Rows"] = there->list.rows().size();
  Current current{.list = {}, .version = {}, .file_version = file.version};
  database_.write([&](Connection& transaction) {
    ListTable table(transaction);
    current.list = table.ensure(account, place.text(), now());
    const auto latest = table.last_version(current.list.id);
    if (latest && latest->content == there->hash) {
      current.version = *latest;
      return;
    }
    for (const ListSaveRow& save : table.saves(current.list.id)) {
      if (save.content != there->hash) continue;
      current.version = record(transaction, current.list, save);
      return;
    }
    current.version =
        table.add_version({.list = current.list.id,
                           .number = 0,
                           .parent = latest ? std::optional(latest->number) : std::nullopt,
                           .content = there->hash,
                           .author = latest ? kElsewhere : caller_name(call.caller),
                           .message = latest ? "" : "opened",
                           .created_at = now(),
                           .document = to_text(document)});
  });
  drop_lost_saves(current.list);
  return current;
}

ListVersions::Current ListVersions::at(Call& call, const std::string& place) {
  return looked_at(call, Place::parse(place, "Place"));
}

ListRow ListVersions::row(const Call& call, std::int64_t id) {
  const auto list = database_.read(
      [&](Connection& connection) { return ListTable(connection).find(call.caller.account, id); });
  if (!list) not_found("There is no list " + std::to_string(id) + ".");
  return *list;
}

ListVersions::Current ListVersions::of(Call& call, std::int64_t id) {
  return looked_at(call, Place::parse(row(call, id).place, "Place"));
}

ListRow ListVersions::known(Call& call, const std::string& place) {
  const Place parsed = Place::parse(place, "Place");
  try {
    return looked_at(call, parsed).list;
  } catch (const Error& error) {
    if (!is_of_file(error)) throw;
    const auto list = database_.read([&](Connection& connection) {
      return ListTable(connection).find(call.caller.account, parsed.text());
    });
    // Where not even the bucket is there any more, nobody has been asked yet.
    if (!list || !may_read(call, list->place)) throw;
    return *list;
  }
}

ListRow ListVersions::known(Call& call, std::int64_t id) {
  return known(call, row(call, id).place);
}

ListVersions::Current ListVersions::replaced(Call& call, std::int64_t id) {
  const ListRow list = row(call, id);
  const Place place = Place::parse(list.place, "Place");
  Current current{.list = list, .version = {}, .file_version = {}};
  // Before the look: what somebody writes after it is not what the restored version replaces.
  try {
    current.file_version = files_.open(call, place).version;
  } catch (const Error& error) {
    if (!is_of_file(error)) throw;
  }
  try {
    return looked_at(call, place);
  } catch (const Error& error) {
    if (!is_of_file(error)) throw;
  }
  const auto last = database_.read(
      [&](Connection& connection) { return ListTable(connection).last_version(list.id); });
  if (!last) not_found("List " + std::to_string(id) + " has no version.");
  current.version = *last;
  return current;
}

/// A save becomes the version that it was meant to be, and settles what it was for.
ListVersionRow ListVersions::record(Connection& transaction, const ListRow& list,
                                    const ListSaveRow& save) {
  ListTable table(transaction);
  const auto latest = table.last_version(list.id);
  ListVersionRow version =
      table.add_version({.list = list.id,
                         .number = 0,
                         .parent = latest ? std::optional(latest->number) : std::nullopt,
                         .content = save.content,
                         .author = save.author,
                         .message = save.message,
                         .created_at = now(),
                         .document = save.document});
  if (save.proposal) finish_proposal(transaction, list.account, *save.proposal, version.number);
  if (!save.draft.empty()) table.erase_draft(save.draft);
  table.erase_save(save.id);
  return version;
}

void ListVersions::drop_lost_saves(const ListRow& list) {
  const auto lost = [&](Connection& connection) {
    std::vector<ListSaveRow> saves = ListTable(connection).saves(list.id);
    saving_.with([&](const auto& ids) {
      std::erase_if(saves, [&](const ListSaveRow& save) { return ids.contains(save.id); });
    });
    return saves;
  };
  if (database_.read(lost).empty()) return;
  database_.write([&](Connection& transaction) {
    for (const ListSaveRow& save : lost(transaction)) {
      if (save.proposal) reopen_proposal(transaction, list.account, *save.proposal);
      ListTable(transaction).erase_save(save.id);
    }
  });
}

/// Writes a file for a save whose row and list `save` names. The place is the caller's to hold.
ListVersionRow ListVersions::write(Call& call, const ListRow& list, const std::string& file_version,
                                   const std::string& bytes, ListSaveRow save) {
  save.list = list.id;
  database_.write([&](Connection& transaction) {
    if (save.proposal) claim_proposal(transaction, list.account, *save.proposal);
    ListTable(transaction).add_save(save);
  });
  try {
    files_.write(call, Place::parse(list.place, "Place"), bytes, file_version);
  } catch (...) {
    database_.write([&](Connection& transaction) {
      ListTable table(transaction);
      if (save.proposal) reopen_proposal(transaction, list.account, *save.proposal);
      table.erase_save(save.id);
      table.erase_unused(list.id);
    });
    throw;
  }
  return database_.write([&](Connection& transaction) { return record(transaction, list, save); });
}

ListVersionRow ListVersions::save(Call& call, const Current& current, const std::string& bytes,
                                  const std::string& message, const Purpose& purpose) {
  const auto made = contents_.keep(bytes, current.list.place);
  const auto before = content(current.list, current.version.content);
  ListSaveRow save{
      .id = random_hex(8),
      .list = current.list.id,
      .content = made->hash,
      .author = caller_name(call.caller),
      .message = message,
      .created_at = now(),
      .document = to_text(Json{{"Counts", diff_counts(before->list.rows(), made->list.rows())},
                               {"Rows", made->list.rows().size()}}),
      .proposal = purpose.proposal,
      .draft = purpose.draft};
  const Saving saving(*this, save.id);
  const KeyedMutex::Lock lock(places_, key_of(call.caller.account, current.list.place));
  return write(call, current.list, current.file_version, bytes, std::move(save));
}

ListVersions::Current ListVersions::create(Call& call, const std::string& place,
                                           const std::string& bytes, const std::string& message) {
  const Place parsed = Place::parse(place, "request: Place");
  const auto made = contents_.keep(bytes, parsed.text());
  ListSaveRow save{.id = random_hex(8),
                   .list = 0,
                   .content = made->hash,
                   .author = caller_name(call.caller),
                   .message = message,
                   .created_at = now(),
                   .document = to_text(Json{{"Rows", made->list.rows().size()}}),
                   .proposal = {},
                   .draft = {}};
  const Saving saving(*this, save.id);
  {
    const KeyedMutex::Lock lock(places_, key_of(call.caller.account, parsed.text()));
    const ListRow list = database_.write([&](Connection& transaction) {
      return ListTable(transaction).ensure(call.caller.account, parsed.text(), now());
    });
    write(call, list, {}, bytes, std::move(save));
  }
  return looked_at(call, parsed);
}

ListVersions::Named ListVersions::named(Call& call, std::string_view reference) {
  const std::size_t mark = reference.find('@');
  const std::int64_t id = list_id(reference.substr(0, mark));
  Named found;
  if (mark == std::string_view::npos) {
    Current current = of(call, id);
    found.list = std::move(current.list);
    found.version = std::move(current.version);
  } else {
    found.list = known(call, id);
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

}  // namespace millrace::console
