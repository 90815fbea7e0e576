#include "platform/records/lists.h"

namespace millrace::records {
namespace {

constexpr const char* kVersion =
    "SELECT list, number, parent, content, author, message, created_at, document FROM "
    "list_versions ";
constexpr const char* kDraft =
    "SELECT id, account, list, author, modified_at, document FROM list_drafts ";
constexpr const char* kProposal =
    "SELECT id, account, list, author, title, status, created_at, modified_at, document FROM "
    "list_proposals ";

ListRow list_of(const Statement& rows) {
  return {.id = rows.integer(0),
          .account = rows.text(1),
          .place = rows.text(2),
          .created_at = rows.time(3)};
}

ListVersionRow version_of(const Statement& rows) {
  return {.list = rows.integer(0),
          .number = rows.integer(1),
          .parent = rows.optional_integer(2),
          .content = rows.text(3),
          .author = rows.text(4),
          .message = rows.text(5),
          .created_at = rows.time(6),
          .document = rows.text(7)};
}

ListDraftRow draft_of(const Statement& rows) {
  return {.id = rows.text(0),
          .account = rows.text(1),
          .list = rows.integer(2),
          .author = rows.text(3),
          .modified_at = rows.time(4),
          .document = rows.text(5)};
}

ListProposalRow proposal_of(const Statement& rows) {
  return {.id = rows.integer(0),
          .account = rows.text(1),
          .list = rows.integer(2),
          .author = rows.text(3),
          .title = rows.text(4),
          .status = rows.text(5),
          .created_at = rows.time(6),
          .modified_at = rows.time(7),
          .document = rows.text(8)};
}

ListSaveRow save_of(const Statement& rows) {
  return {.id = rows.text(0),
          .list = rows.integer(1),
          .content = rows.text(2),
          .author = rows.text(3),
          .message = rows.text(4),
          .created_at = rows.time(5),
          .document = rows.text(6),
          .proposal = rows.optional_integer(7),
          .draft = rows.text(8)};
}

/// Every row of a query as `read` makes it.
template <class Read>
auto all_of(Statement& rows, Read read) {
  std::vector<decltype(read(rows))> found;
  while (rows.step()) found.push_back(read(rows));
  return found;
}

template <class Read>
auto one_of(Statement& rows, Read read) -> std::optional<decltype(read(rows))> {
  if (!rows.step()) return std::nullopt;
  return read(rows);
}

}  // namespace

ListRow ListTable::ensure(std::string_view account, std::string_view place, Time now) {
  connection_
      .prepare(
          "INSERT INTO lists (account, place, created_at) VALUES ($1, $2, $3) "
          "ON CONFLICT (account, place) DO NOTHING")
      .bind(account, place, now)
      .run();
  return find(account, place).value();
}

std::optional<ListRow> ListTable::find(std::string_view account, std::string_view place) {
  auto rows = connection_.prepare(
      "SELECT id, account, place, created_at FROM lists WHERE account = $1 AND place = $2");
  rows.bind(account, place);
  return one_of(rows, list_of);
}

std::optional<ListRow> ListTable::find(std::string_view account, std::int64_t id) {
  auto rows = connection_.prepare(
      "SELECT id, account, place, created_at FROM lists WHERE account = $1 AND id = $2");
  rows.bind(account, id);
  return one_of(rows, list_of);
}

std::vector<ListRow> ListTable::all(std::string_view account) {
  auto rows = connection_.prepare(
      "SELECT id, account, place, created_at FROM lists WHERE account = $1 AND EXISTS "
      "(SELECT 1 FROM list_versions WHERE list = lists.id) ORDER BY place");
  rows.bind(account);
  return all_of(rows, list_of);
}

void ListTable::erase_unused(std::int64_t list) {
  connection_
      .prepare(
          "DELETE FROM lists WHERE id = $1 "
          "AND NOT EXISTS (SELECT 1 FROM list_versions WHERE list = $1) "
          "AND NOT EXISTS (SELECT 1 FROM list_drafts WHERE list = $1) "
          "AND NOT EXISTS (SELECT 1 FROM list_proposals WHERE list = $1) "
          "AND NOT EXISTS (SELECT 1 FROM list_saves WHERE list = $1)")
      .bind(list)
      .run();
}

ListVersionRow ListTable::add_version(ListVersionRow row) {
  const std::optional<ListVersionRow> last = last_version(row.list);
  row.number = last ? last->number + 1 : 1;
  connection_
      .prepare(
          "INSERT INTO list_versions (list, number, parent, content, author, message, created_at, "
          "document) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
      .bind(row.list, row.number, row.parent, row.content, row.author, row.message, row.created_at,
            row.document)
      .run();
  return row;
}

std::optional<ListVersionRow> ListTable::version(std::int64_t list, std::int64_t number) {
  auto rows = connection_.prepare(std::string(kVersion) + "WHERE list = $1 AND number = $2");
  rows.bind(list, number);
  return one_of(rows, version_of);
}

std::optional<ListVersionRow> ListTable::last_version(std::int64_t list) {
  auto rows =
      connection_.prepare(std::string(kVersion) + "WHERE list = $1 ORDER BY number DESC LIMIT 1");
  rows.bind(list);
  return one_of(rows, version_of);
}

std::vector<ListVersionRow> ListTable::versions(std::int64_t list) {
  auto rows = connection_.prepare(std::string(kVersion) + "WHERE list = $1 ORDER BY number DESC");
  rows.bind(list);
  return all_of(rows, version_of);
}

void ListTable::put_draft(const ListDraftRow& row) {
  connection_
      .prepare(
          "INSERT INTO list_drafts (id, account, list, author, modified_at, document) "
          "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO UPDATE SET "
          "modified_at = excluded.modified_at, document = excluded.document")
      .bind(row.id, row.account, row.list, row.author, row.modified_at, row.document)
      .run();
}

std::optional<ListDraftRow> ListTable::draft(std::string_view account, std::string_view id) {
  auto rows = connection_.prepare(std::string(kDraft) + "WHERE account = $1 AND id = $2");
  rows.bind(account, id);
  return one_of(rows, draft_of);
}

std::vector<ListDraftRow> ListTable::drafts_of(std::string_view account, std::string_view author,
                                               std::int64_t list) {
  auto rows = connection_.prepare(std::string(kDraft) +
                                  "WHERE account = $1 AND author = $2 AND list = $3 "
                                  "ORDER BY modified_at DESC");
  rows.bind(account, author, list);
  return all_of(rows, draft_of);
}

std::int64_t ListTable::count_drafts(std::string_view account, std::string_view author) {
  auto rows =
      connection_.prepare("SELECT COUNT(*) FROM list_drafts WHERE account = $1 AND author = $2");
  rows.bind(account, author).step();
  return rows.integer(0);
}

void ListTable::erase_draft(std::string_view id) {
  connection_.prepare("DELETE FROM list_draft_edits WHERE draft = $1").bind(id).run();
  connection_.prepare("DELETE FROM list_drafts WHERE id = $1").bind(id).run();
}

ListTable::Edits ListTable::count_edits(std::string_view draft) {
  auto rows = connection_.prepare(
      "SELECT COUNT(*), COALESCE(SUM(bytes), 0) FROM list_draft_edits WHERE draft = $1");
  rows.bind(draft).step();
  return {.count = rows.integer(0), .bytes = rows.integer(1)};
}

void ListTable::add_edit(std::string_view draft, std::string_view edit) {
  connection_
      .prepare(
          "INSERT INTO list_draft_edits (draft, number, bytes, edit) VALUES ($1, "
          "(SELECT COALESCE(MAX(number), 0) + 1 FROM list_draft_edits WHERE draft = $1), $2, $3)")
      .bind(draft, edit.size(), edit)
      .run();
}

void ListTable::erase_edit(std::string_view draft) {
  connection_
      .prepare(
          "DELETE FROM list_draft_edits WHERE draft = $1 AND number = "
          "(SELECT MAX(number) FROM list_draft_edits WHERE draft = $1)")
      .bind(draft)
      .run();
}

std::vector<std::string> ListTable::edits(std::string_view draft) {
  auto rows =
      connection_.prepare("SELECT edit FROM list_draft_edits WHERE draft = $1 ORDER BY number");
  rows.bind(draft);
  return all_of(rows, [](const Statement& row) { return row.text(0); });
}

void ListTable::add_save(const ListSaveRow& row) {
  connection_
      .prepare(
          "INSERT INTO list_saves (id, list, content, author, message, created_at, document, "
          "proposal, draft) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
      .bind(row.id, row.list, row.content, row.author, row.message, row.created_at, row.document,
            row.proposal, row.draft)
      .run();
}

std::vector<ListSaveRow> ListTable::saves(std::int64_t list) {
  auto rows = connection_.prepare(
      "SELECT id, list, content, author, message, created_at, document, proposal, draft "
      "FROM list_saves WHERE list = $1 ORDER BY created_at");
  rows.bind(list);
  return all_of(rows, save_of);
}

bool ListTable::erase_save(std::string_view id) {
  return connection_.prepare("DELETE FROM list_saves WHERE id = $1").bind(id).run() == 1;
}

std::int64_t ListTable::add_proposal(const ListProposalRow& row) {
  auto rows = connection_.prepare(
      "INSERT INTO list_proposals (account, list, author, title, status, created_at, modified_at, "
      "document) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id");
  rows.bind(row.account, row.list, row.author, row.title, row.status, row.created_at,
            row.modified_at, row.document)
      .step();
  const std::int64_t id = rows.integer(0);
  while (rows.step()) {
  }
  return id;
}

void ListTable::update_proposal(const ListProposalRow& row) {
  connection_
      .prepare(
          "UPDATE list_proposals SET status = $1, modified_at = $2, document = $3 WHERE id = $4")
      .bind(row.status, row.modified_at, row.document, row.id)
      .run();
}

std::optional<ListProposalRow> ListTable::proposal(std::string_view account, std::int64_t id) {
  auto rows = connection_.prepare(std::string(kProposal) + "WHERE account = $1 AND id = $2");
  rows.bind(account, id);
  return one_of(rows, proposal_of);
}

std::vector<ListProposalRow> ListTable::proposals(std::string_view account,
                                                  std::string_view status) {
  auto rows = connection_.prepare(std::string(kProposal) +
                                  "WHERE account = $1 AND ($2 = '' OR status = $2 OR "
                                  "($2 = 'open' AND status = 'merging')) "
                                  "ORDER BY modified_at DESC LIMIT 500");
  rows.bind(account, status);
  return all_of(rows, proposal_of);
}

}  // namespace millrace::records
