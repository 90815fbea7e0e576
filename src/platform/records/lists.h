#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "platform/records/connection.h"

namespace millrace::records {

/// A list of images at a place, "s3://bucket/key" or "fs-1234:/path".
struct ListRow {
  std::int64_t id = 0;
  std::string account;
  std::string place;
  Time created_at{};
};

struct ListVersionRow {
  std::int64_t list = 0;
  std::int64_t number = 0;  ///< from 1
  std::optional<std::int64_t> parent;
  std::string content;  ///< hash of its bytes
  std::string author;
  std::string message;
  Time created_at{};
  std::string document;  ///< JSON
};

struct ListDraftRow {
  std::string id;
  std::string account;
  std::int64_t list = 0;
  std::string author;
  Time modified_at{};
  std::string document;  ///< JSON
};

/// What is about to be written to a list's file and become its next version.
struct ListSaveRow {
  std::string id;
  std::int64_t list = 0;
  std::string content;  ///< hash of the bytes
  std::string author;
  std::string message;
  Time created_at{};
  std::string document;                  ///< of the version
  std::optional<std::int64_t> proposal;  ///< which it merges
  std::string draft;                     ///< which it saves; may be empty
};

struct ListProposalRow {
  std::int64_t id = 0;
  std::string account;
  std::int64_t list = 0;
  std::string author;
  std::string title;
  std::string status;  ///< open, merging, merged or closed
  Time created_at{};
  Time modified_at{};
  std::string document;  ///< JSON
};

/// Lists with their versions, drafts, saves and proposals.
class ListTable {
 public:
  explicit ListTable(Connection& connection) : connection_(connection) {}

  /// The list at a place, made when there is none.
  ListRow ensure(std::string_view account, std::string_view place, Time now);
  std::optional<ListRow> find(std::string_view account, std::int64_t id);
  std::optional<ListRow> find(std::string_view account, std::string_view place);
  /// Those that have a version, by place.
  std::vector<ListRow> all(std::string_view account);
  /// Takes away a list that nothing refers to.
  void erase_unused(std::int64_t list);

  /// Numbers it as the next of its list.
  ListVersionRow add_version(ListVersionRow row);
  std::optional<ListVersionRow> version(std::int64_t list, std::int64_t number);
  std::optional<ListVersionRow> last_version(std::int64_t list);
  /// The newest first.
  std::vector<ListVersionRow> versions(std::int64_t list);

  void put_draft(const ListDraftRow& row);
  std::optional<ListDraftRow> draft(std::string_view account, std::string_view id);
  std::vector<ListDraftRow> drafts_of(std::string_view account, std::string_view author,
                                      std::int64_t list);
  std::int64_t count_drafts(std::string_view account, std::string_view author);
  /// With its edits.
  void erase_draft(std::string_view id);

  struct Edits {
    std::int64_t count = 0;
    std::int64_t bytes = 0;
  };
  Edits count_edits(std::string_view draft);
  void add_edit(std::string_view draft, std::string_view edit);
  /// The last one; nothing where there is none.
  void erase_edit(std::string_view draft);
  /// In their order.
  std::vector<std::string> edits(std::string_view draft);

  void add_save(const ListSaveRow& row);
  std::vector<ListSaveRow> saves(std::int64_t list);
  /// False when it is gone already.
  bool erase_save(std::string_view id);

  std::int64_t add_proposal(const ListProposalRow& row);
  void update_proposal(const ListProposalRow& row);
  std::optional<ListProposalRow> proposal(std::string_view account, std::int64_t id);
  /// The last modified first; an empty status stands for any, and those that are merging are open.
  std::vector<ListProposalRow> proposals(std::string_view account, std::string_view status);

 private:
  Connection& connection_;
};

}  // namespace millrace::records
