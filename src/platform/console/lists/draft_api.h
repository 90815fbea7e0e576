#pragma once

#include <list>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/base/guarded.h"
#include "core/base/keyed_mutex.h"
#include "core/lists/merge.h"
#include "platform/console/lists/list_api.h"
#include "platform/console/lists/list_edits.h"
#include "platform/console/lists/list_versions.h"

namespace millrace::console {

/// Edits of a list that its author collects before they are saved or proposed. A draft begins at a
/// version and keeps its edits in the database; what they make of the rows is kept in memory for
/// those worked on last. Each draft is worked on by one request at a time.
class DraftApi {
 public:
  /// Bytes of drafts that are kept in memory, with the versions at which they began.
  static constexpr std::size_t kMaxKeptBytes = std::size_t{512} << 20;
  static constexpr std::size_t kMaxKept = 1000;
  static constexpr std::int64_t kMaxEdits = 10'000;
  static constexpr std::uint64_t kMaxEditBytes = std::uint64_t{16} << 20;  ///< of one request
  static constexpr std::int64_t kMaxDraftBytes = std::int64_t{64} << 20;   ///< all edits together
  static constexpr std::int64_t kMaxDrafts = 200;                          ///< of one author

  /// Both must outlive this. So many bytes of drafts are kept, and the last one whatever it has.
  DraftApi(ListVersions& versions, RowPages& pages, std::size_t max_kept_bytes = kMaxKeptBytes)
      : versions_(versions), pages_(pages), max_kept_bytes_(max_kept_bytes) {}

  http::Response begin(Call& call);     ///< POST /mr/lists/{}/drafts
  http::Response mine(Call& call);      ///< GET /mr/lists/{}/drafts
  http::Response one(Call& call);       ///< GET /mr/drafts/{}
  http::Response rows(Call& call);      ///< GET /mr/drafts/{}/rows
  http::Response diff(Call& call);      ///< GET /mr/drafts/{}/diff
  http::Response edit(Call& call);      ///< POST /mr/drafts/{}/edits
  http::Response undo(Call& call);      ///< POST /mr/drafts/{}/undo
  http::Response discard(Call& call);   ///< DELETE /mr/drafts/{}
  http::Response save(Call& call);      ///< POST /mr/drafts/{}/save
  http::Response copy(Call& call);      ///< POST /mr/drafts/{}/copy
  http::Response problems(Call& call);  ///< GET /mr/drafts/{}/problems

  /// A draft of the caller's and what it makes of its list, while its lock is held. Throws
  /// Error(Customer).
  struct Worked {
    records::ListDraftRow row;
    Json document;  ///< {"Base": number, "Hash"}
    records::ListTable::Edits edits;
    records::ListRow list;
    std::shared_ptr<EditedList> edited;
  };
  Worked worked(Call& call, const std::string& id);
  /// Its rows, for pages, while its lock is held.
  static ShownRows shown_rows(const Worked& draft);
  void forget(const std::string& id);
  /// Bytes of the drafts that are kept in memory.
  [[nodiscard]] std::size_t kept_bytes() const;
  /// While it is held nobody else works on the draft.
  [[nodiscard]] KeyedMutex::Lock lock(const std::string& id) { return {drafts_, id}; }

 private:
  struct Kept {
    std::string id;
    std::int64_t edits = 0;  ///< how many are applied
    std::size_t bytes = 0;   ///< with its base, which it keeps from being forgotten
    std::shared_ptr<EditedList> edited;
  };

  std::shared_ptr<EditedList> edited(const Worked& draft);
  void keep(const std::string& id, std::int64_t edits, std::shared_ptr<EditedList> edited);
  static Json summary(const Worked& draft);

  ListVersions& versions_;
  RowPages& pages_;
  const std::size_t max_kept_bytes_;
  KeyedMutex drafts_;
  Guarded<std::list<Kept>> kept_;  ///< last used first
};

/// Brings changes into a list that may have changed since: three-way, row by row. Answers 409 with
/// {"__type": "Conflict", "Conflicts": [{"Kind", "base"?, "ours"?, "theirs"?}]} where a person has
/// to choose and `prefer` ("ours", "theirs") does not; else the new version.
struct Change3 {
  std::shared_ptr<const ListContent> base;
  std::span<const LstRow> ours;
  std::string ours_text;  ///< as a file
  ListVersions::Purpose purpose{};
};
http::Response save_merged(ListVersions& versions, Call& call, std::int64_t list,
                           const Change3& change, const std::string& message,
                           std::string_view prefer);

}  // namespace millrace::console
