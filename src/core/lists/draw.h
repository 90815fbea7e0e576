#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string_view>
#include <vector>

#include "core/data/lst.h"

namespace millrace::lists {

/// Random numbers that depend on the seed alone: neither on the machine nor on the standard
/// library, whose distributions differ from one to the next.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : engine_(seed) {}
  /// Evenly from 0 to `bound` - 1; `bound` is at least 1.
  std::uint64_t below(std::uint64_t bound);
  /// A random order of 0 ... count - 1 (Fisher and Yates).
  std::vector<std::size_t> order(std::size_t count);

 private:
  std::mt19937_64 engine_;  ///< its sequence is fixed by the standard
};

/// Which part of a list each row falls to.
struct SplitOptions {
  std::vector<double> shares;  ///< each above 0, together at most 1; what is left falls to no part
  bool stratify = false;       ///< each class in the same shares, to the nearest row
  std::uint64_t seed = 0;
};
inline constexpr std::size_t kNoPart = static_cast<std::size_t>(-1);

/// For each row its part, or kNoPart. Parts have the rows that their shares ask for, to the nearest
/// row. Throws Error(Customer) naming `origin` when it is to be stratified by classes that there
/// are not one of in each row.
std::vector<std::size_t> split_rows(std::span<const LstRow> rows, const SplitOptions& options,
                                    std::string_view origin);

/// `count` rows, or all where there are fewer, in their order; stratified as split_rows().
std::vector<LstRow> sample_rows(std::span<const LstRow> rows, std::size_t count, bool stratify,
                                std::uint64_t seed, std::string_view origin);

/// At most `count` rows of each class, in their order. Throws Error(Customer) as split_rows().
std::vector<LstRow> sample_per_class(std::span<const LstRow> rows, std::size_t count,
                                     std::uint64_t seed, std::string_view origin);

}  // namespace millrace::lists
