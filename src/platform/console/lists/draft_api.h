#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "core/base/guarded.h"
#include "core/lists/merge.h"
#include "platform/console/lists/list_api.h"

namespace millrace::console {

/// Edits of a list that its author collects before they are saved or proposed. A draft begins at a
/// version and keeps its edits in the database; what they make of the rows is kept in memory for
/// those worked on last.
class DraftApi {
 public:
  static constexpr std::size_t kMaxKept = 8;
  static constexpr std::size_t kMaxEdits = 10'000;
  static constexpr std::uint64_t kMaxEditBytes = std::uint64_t{16} << 20;

  explicit DraftApi(ListVersions& versions) : versions_(versions) {}

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

  /// A draft of the caller's and what it makes of its list. Throws Error(Customer).
  struct Worked {
    records::ListDraftRow row;
    Json document;  ///< {"Base": number, "Hash", "Edits": [edit]}
    records::ListRow list;
    std::shared_ptr<const EditedList> edited;
  };
  Worked worked(Call& call, const std::string& id);
  void forget(const std::string& id);
  /// While it is held nobody else works on drafts: for both of the above and what they gave.
  [[nodiscard]] std::unique_lock<std::recursive_mutex> alone() {
    return std::unique_lock(working_);
  }

 private:
  struct Kept {
    std::string id;
    std::size_t edits = 0;  ///< how many are applied
    std::shared_ptr<EditedList> edited;
  };

  std::shared_ptr<EditedList> edited(const records::ListRow& list, const std::string& id,
                                     const Json& document);
  void store(const Worked& draft);
  static Json summary(const Worked& draft);

  ListVersions& versions_;
  std::recursive_mutex working_;  ///< drafts are edited one at a time
  std::deque<Kept> kept_;         ///< under working_, last used first
};

/// Brings changes into a list that may have changed since: three-way, row by row. Answers 409 with
/// {"__type": "Conflict", "Conflicts": [{"Kind", "base"?, "ours"?, "theirs"?}]} where a person has
/// to choose and `prefer` ("ours", "theirs") does not; else the new version.
struct Change3 {
  std::shared_ptr<const ListContent> base;
  std::span<const LstRow> ours;
  std::string ours_text;  ///< as a file
};
http::Response save_merged(ListVersions& versions, Call& call, std::int64_t list,
                           const Change3& change, const std::string& message,
                           std::string_view prefer, records::ListVersionRow* saved = nullptr);

}  // namespace millrace::console
