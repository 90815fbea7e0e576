#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/data/lst.h"
#include "core/lists/list.h"

namespace millrace::lists {

/// What can be wrong with lists.
enum class Fault {
  Stray,     ///< a line that is no row
  Index,     ///< an index that another row has, of the same list or of another
  Path,      ///< a picture that another row of the same list has
  Leak,      ///< a picture that another list has: training and validation should share none
  Label,     ///< a label that is no class, or not below the classes there are; another form
  Box,       ///< a box without area, or not within its picture
  Gap,       ///< a class with no rows
  Outside,   ///< a path that leads out of the folder of images: '..' or a leading '/'
  Dangling,  ///< a row whose image file is not there
  Unlisted,  ///< an image file with no row in any of the lists
};
inline constexpr std::size_t kFaults = 10;
/// "stray", "index", ...
std::string_view name_of(Fault fault);
/// nullopt for another name.
std::optional<Fault> find_fault(std::string_view name);

/// Faults of each kind: how many, and the first of them.
class Findings {
 public:
  /// Keeps `most` of each kind.
  explicit Findings(std::size_t most) : most_(most) {}

  void add(Fault fault, Problem problem);
  /// Whether no more of this kind are kept; then count_more() saves putting it into words.
  [[nodiscard]] bool full(Fault fault) const { return kind(fault).first.size() >= most_; }
  void count_more(Fault fault) { ++kinds_[static_cast<std::size_t>(fault)].count; }
  [[nodiscard]] std::int64_t count(Fault fault) const { return kind(fault).count; }
  [[nodiscard]] std::span<const Problem> first(Fault fault) const { return kind(fault).first; }
  [[nodiscard]] std::int64_t total() const;

 private:
  struct Kind {
    std::int64_t count = 0;
    std::vector<Problem> first;
  };
  [[nodiscard]] const Kind& kind(Fault fault) const {
    return kinds_[static_cast<std::size_t>(fault)];
  }

  std::size_t most_;
  std::array<Kind, kFaults> kinds_;
};

/// A list to be checked, with the lines of it that are no rows.
struct CheckedList {
  const List* list = nullptr;
  std::span<const StrayLine> strays;
};

struct CheckOptions {
  /// How many classes there should be; nullopt: up to the highest label of all lists.
  std::optional<std::int64_t> classes;
  /// Paths of the image files there are, relative to the folder of images; nullptr: not looked at.
  const std::vector<std::string>* files = nullptr;
};

/// Everything that is wrong with lists that are used together, such as those of training and
/// validation.
void check(std::span<const CheckedList> lists, const CheckOptions& options, Findings& findings);

}  // namespace millrace::lists
