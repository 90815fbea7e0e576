#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "core/base/guarded.h"
#include "core/base/keyed_mutex.h"
#include "platform/console/call.h"
#include "platform/console/lists/list_contents.h"
#include "platform/console/preview/user_files.h"
#include "platform/records/database.h"
#include "platform/records/lists.h"

namespace millrace::console {

/// Versions of lists, and what is read of them. A list is the file at a place; each content that
/// was seen there is a version, whoever wrote it, and its bytes are kept. Whoever may read the file
/// may read its versions.
///
/// Looking at a file and writing it are one at a time for each place, so that versions are in the
/// order in which the file had them. What is about to be written is recorded first: a daemon that
/// ends between the file and the version's row finds there afterwards whose content the file has.
class ListVersions {
 public:
  /// All must outlive this.
  ListVersions(records::Database& database, const UserFiles& files, ListContents& contents,
               Allows allows)
      : database_(database), files_(files), contents_(contents), allows_(std::move(allows)) {}

  /// A list as it is now: its last version is what the file holds.
  struct Current {
    records::ListRow list;
    records::ListVersionRow version;
    std::string file_version;  ///< for UserFiles::write
  };
  /// Throws Error(Customer) where there is no such file or it is no list.
  Current at(Call& call, const std::string& place);
  Current of(Call& call, std::int64_t list);

  /// A list of which a version is kept, for what needs no more than that: looked at like the
  /// others, but there as well where its file has been deleted or is no list any more. Throws
  /// Error(Customer) where there is no such list or the caller may not read its file.
  records::ListRow known(Call& call, const std::string& place);
  records::ListRow known(Call& call, std::int64_t list);
  /// What a version that is restored takes the place of: the list as it is now; where its file is
  /// gone or no list any more, its last version and what of a file is there.
  Current replaced(Call& call, std::int64_t list);

  /// What a save settles together with the version's row.
  struct Purpose {
    std::optional<std::int64_t> proposal;  ///< which it merges, claimed before the file is written
    std::string draft;                     ///< which is gone then; may be empty
  };
  /// Writes the file and keeps it as the next version. `current` is what `bytes` take the place of.
  /// Throws Error(Customer, Conflict) when the file is another by now.
  records::ListVersionRow save(Call& call, const Current& current, const std::string& bytes,
                               const std::string& message, const Purpose& purpose = {});

  /// Writes bytes to a place where nothing is yet; the list there. Throws Error(Customer).
  Current create(Call& call, const std::string& place, const std::string& bytes,
                 const std::string& message);

  /// Forgets saves of a list that nobody is at and that its file, which has been looked at, does
  /// not show: a daemon ended before it wrote. Their proposals are open again.
  void drop_lost_saves(const records::ListRow& list);

  /// "7@3" is the third version of list 7, "7" the last one. Throws Error(Customer).
  struct Named {
    records::ListRow list;
    records::ListVersionRow version;
    std::shared_ptr<const ListContent> content;
  };
  Named named(Call& call, std::string_view reference);
  std::shared_ptr<const ListContent> content(const records::ListRow& list, const std::string& hash);

  /// Whether the caller's policies let them read a list's file.
  [[nodiscard]] bool may_read(const Call& call, const std::string& place) const;

  [[nodiscard]] records::Database& database() { return database_; }
  [[nodiscard]] ListContents& contents() { return contents_; }

 private:
  /// What a file held when it was looked at last.
  struct Seen {
    std::string file_version;
    records::ListVersionRow version;
  };
  class Saving;

  records::ListRow row(const Call& call, std::int64_t list);
  Current looked_at(Call& call, const Place& place);
  Current read(Call& call, const Place& place, const OpenFile& file);
  records::ListVersionRow write(Call& call, const records::ListRow& list,
                                const std::string& file_version, const std::string& bytes,
                                records::ListSaveRow save);
  static records::ListVersionRow record(records::Connection& transaction,
                                        const records::ListRow& list,
                                        const records::ListSaveRow& save);

  records::Database& database_;
  const UserFiles& files_;
  ListContents& contents_;
  const Allows allows_;
  KeyedMutex places_;
  Guarded<std::unordered_map<std::string, Seen>> seen_;  ///< by account and place
  Guarded<std::unordered_set<std::string>> saving_;      ///< ids of saves that somebody is at
};

/// The number of a list. Throws Error(Customer) for a text that is none.
std::int64_t list_id(std::string_view text);

}  // namespace millrace::console
