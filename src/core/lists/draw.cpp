#include "core/lists/draw.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

#include "core/base/check.h"
#include "core/lists/form.h"

namespace millrace::lists {
namespace {

/// The rows of each class, ascending by class; all in one group when they are not to be told apart.
std::vector<std::vector<std::size_t>> groups_of(std::span<const LstRow> rows, bool by_class,
                                                std::string_view origin) {
  if (!by_class) {
    std::vector<std::size_t> all(rows.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    return {std::move(all)};
  }
  require_classes(form_of(rows), origin,
                  "Draw without regard to classes: a row of several falls to no single one.");
  std::map<float, std::vector<std::size_t>> classes;
  for (std::size_t i = 0; i < rows.size(); ++i) classes[rows[i].labels[0]].push_back(i);
  std::vector<std::vector<std::size_t>> groups;
  for (auto& [label, members] : classes) groups.push_back(std::move(members));
  return groups;
}

std::size_t nearest_count(double share, std::size_t rows) {
  return static_cast<std::size_t>(std::llround(share * static_cast<double>(rows)));
}

std::vector<LstRow> chosen(std::span<const LstRow> rows, const std::vector<bool>& choice) {
  std::vector<LstRow> result;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (choice[i]) result.push_back(rows[i]);
  }
  return result;
}

}  // namespace

std::uint64_t Draw::below(std::uint64_t bound) {
  MILLRACE_CHECK(bound > 0);
  // The lowest values are passed over that would make some numbers come more often than others.
  const std::uint64_t least = (0 - bound) % bound;
  for (;;) {
    const std::uint64_t value = engine_();
    if (value >= least) return value % bound;
  }
}

std::vector<std::size_t> Draw::order(std::size_t count) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[below(i)]);
  return order;
}

std::vector<std::size_t> split_rows(std::span<const LstRow> rows, const SplitOptions& options,
                                    std::string_view origin) {
  std::vector<std::size_t> parts(rows.size(), kNoPart);
  Draw draw(options.seed);
  // Shares are rounded over the groups so far, not in each: every group then has its share to the
  // nearest row above or below, and all of them together have it exactly.
  std::size_t seen = 0;
  for (const std::vector<std::size_t>& group : groups_of(rows, options.stratify, origin)) {
    const std::vector<std::size_t> order = draw.order(group.size());
    double share = 0;
    std::size_t begin = 0;
    for (std::size_t part = 0; part < options.shares.size(); ++part) {
      share += options.shares[part];
      const std::size_t end =
          std::clamp(nearest_count(share, seen + group.size()) - nearest_count(share, seen), begin,
                     group.size());
      for (; begin < end; ++begin) parts[group[order[begin]]] = part;
    }
    seen += group.size();
  }
  return parts;
}

std::vector<LstRow> sample_rows(std::span<const LstRow> rows, std::size_t count, bool stratify,
                                std::uint64_t seed, std::string_view origin) {
  if (count >= rows.size()) return {rows.begin(), rows.end()};
  const double share = static_cast<double>(count) / static_cast<double>(rows.size());
  const std::vector<std::size_t> parts =
      split_rows(rows, {.shares = {share}, .stratify = stratify, .seed = seed}, origin);
  std::vector<bool> choice(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) choice[i] = parts[i] == 0;
  return chosen(rows, choice);
}

std::vector<LstRow> sample_per_class(std::span<const LstRow> rows, std::size_t count,
                                     std::uint64_t seed, std::string_view origin) {
  std::vector<bool> choice(rows.size());
  Draw draw(seed);
  for (const std::vector<std::size_t>& group : groups_of(rows, true, origin)) {
    const std::vector<std::size_t> order = draw.order(group.size());
    for (std::size_t i = 0; i < std::min(count, group.size()); ++i) choice[group[order[i]]] = true;
  }
  return chosen(rows, choice);
}

}  // namespace millrace::lists
