#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "core/base/guarded.h"
#include "platform/console/call.h"
#include "platform/console/lists/list_contents.h"
#include "platform/console/lists/list_edits.h"
#include "platform/console/lists/list_summaries.h"
#include "platform/console/preview/user_files.h"
#include "platform/records/database.h"
#include "platform/records/lists.h"

namespace millrace::console {

/// The name under which a caller's work on lists is kept.
std::string author_of(const aws::Caller& caller);

/// Versions of lists, and what is read of them. A list is the file at a place; each content that
/// was seen there is a version, whoever wrote it, and its bytes are kept. Whoever may read the file
/// may read its versions.
class ListVersions {
 public:
  /// All must outlive this.
  ListVersions(records::Database& database, const UserFiles& files, ListContents& contents)
      : database_(database), files_(files), contents_(contents) {}

  /// A list as it is now: its last version is what the file holds.
  struct Current {
    records::ListRow list;
    records::ListVersionRow version;
    std::string file_version;  ///< for UserFiles::write
  };
  /// Throws Error(Customer) where there is no such file or it is no list.
  Current at(Call& call, const std::string& place);
  Current of(Call& call, std::int64_t list);

  /// Writes the file and keeps it as the next version. `current` is what `bytes` take the place of.
  records::ListVersionRow save(Call& call, const Current& current, const std::string& bytes,
                               const std::string& message);

  /// Writes bytes to a place where nothing is yet; the list there. Throws Error(Customer).
  Current create(Call& call, const std::string& place, const std::string& bytes,
                 const std::string& message);

  /// "7@3" is the third version of list 7, "7" the last one. Throws Error(Customer).
  struct Named {
    records::ListRow list;
    records::ListVersionRow version;
    std::shared_ptr<const ListContent> content;
  };
  Named named(Call& call, std::string_view reference);
  std::shared_ptr<const ListContent> content(const records::ListRow& list, const std::string& hash);

  [[nodiscard]] records::Database& database() { return database_; }
  [[nodiscard]] ListContents& contents() { return contents_; }

 private:
  /// What a file held when it was looked at last.
  struct Seen {
    std::string file_version;
    records::ListVersionRow version;
  };

  Current seen(Call& call, const records::ListRow& list, const OpenFile& file);
  records::ListVersionRow read(Call& call, const records::ListRow& list, const OpenFile& file);

  records::Database& database_;
  const UserFiles& files_;
  ListContents& contents_;
  Guarded<std::unordered_map<std::int64_t, Seen>> seen_;  ///< by list
};

/// Paths of lists, their versions and rows.
class ListApi {
 public:
  explicit ListApi(ListVersions& versions) : versions_(versions) {}

  http::Response all(Call& call);       ///< GET /mr/lists
  http::Response open(Call& call);      ///< POST /mr/lists
  http::Response one(Call& call);       ///< GET /mr/lists/{}
  http::Response history(Call& call);   ///< GET /mr/lists/{}/history
  http::Response rows(Call& call);      ///< GET /mr/lists/{}/rows
  http::Response text(Call& call);      ///< GET /mr/lists/{}/text
  http::Response diff(Call& call);      ///< GET /mr/lists/diff
  http::Response problems(Call& call);  ///< GET /mr/lists/{}/problems
  http::Response restore(Call& call);   ///< POST /mr/lists/{}/restore

 private:
  ListVersions& versions_;
  ListSummaries summaries_;
};

/// A page of rows that fit a query, sorted: ?where=&sort=&order=&from=&limit=.
Json rows_page(Call& call, std::span<const LstRow> rows, lists::Form form, std::string_view origin);
/// Rows that the parameters mean, in their order.
std::vector<LstRow> meant_rows(Call& call, std::span<const LstRow> rows, lists::Form form,
                               std::string_view origin);
/// What two lists differ in: counts, and a page of the changes of one kind.
Json diff_page(Call& call, std::span<const LstRow> before, std::span<const LstRow> after);
/// {"added", "removed", "relabelled", ...}.
Json diff_counts(std::span<const LstRow> before, std::span<const LstRow> after);
Json version_json(const records::ListVersionRow& version);

}  // namespace millrace::console
