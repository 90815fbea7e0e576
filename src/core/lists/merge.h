#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/data/lst.h"

namespace millrace::lists {

/// Two people's changes of one row that cannot both be had.
struct Conflict {
  enum class Kind {
    Labels,   ///< both relabelled it, differently
    Path,     ///< both moved it or exchanged its picture, differently
    Removed,  ///< one removed it, the other relabelled or moved it
    Added,    ///< both added the picture, with different labels
    Taken,    ///< one moved or exchanged a picture so that it became one the other has already
  };
  Kind kind{};
  const LstRow* base = nullptr;    ///< null where the row was added
  const LstRow* ours = nullptr;    ///< null where it was removed
  const LstRow* theirs = nullptr;  ///< likewise
};

/// "labels", "path", "removed", "added", "taken".
std::string_view name_of(Conflict::Kind kind);

/// Whose change counts where the two conflict; Taken is left to a person, whoever is preferred.
enum class Prefer { Nobody, Ours, Theirs };

struct Merge {
  std::vector<LstRow> rows;  ///< in our order, what they added behind
  std::vector<Conflict> conflicts;
  std::int64_t taken_from_theirs = 0;  ///< rows they changed, added or removed
  std::int64_t renumbered = 0;         ///< of those, since their index was in use

  /// Whether the rows are what `prefer` asks for: nothing is left for a person to decide.
  [[nodiscard]] bool settled(Prefer prefer) const;
};

/// Three-way merge: what either changed since `base` counts; a row both changed in the same way
/// counts once. Rows are paired as in a diff. Where both renumbered a row our index counts, and
/// no row of ours gives its index to one of theirs. The
/// result, also when there are conflicts, has each settled for `prefer` (nobody: ours).
/// Rows are views of the lists.
Merge merge(std::span<const LstRow> base, std::span<const LstRow> ours,
            std::span<const LstRow> theirs, Prefer prefer);

}  // namespace millrace::lists
