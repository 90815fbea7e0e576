#include "core/lists/diff.h"

#include <algorithm>
#include <cstddef>

#include "core/lists/pairing.h"

namespace millrace::lists {
namespace {

Change compare(const LstRow& before, const LstRow& after) {
  Change change{.before = &before, .after = &after};
  change.relabelled = !std::equal(before.labels.begin(), before.labels.end(), after.labels.begin(),
                                  after.labels.end());
  change.renumbered = before.index != after.index;
  if (before.path != after.path) {
    change.moved = file_name(before) == file_name(after);
    change.replaced = !change.moved;
  }
  return change;
}

/// Length of the longest ascending run of places that can be left standing (patience sorting).
std::int64_t longest_ascending(const std::vector<std::uint32_t>& places) {
  std::vector<std::uint32_t> ends;  // ends[k]: least last place of an ascending run of k + 1
  for (const std::uint32_t place : places) {
    if (ends.empty() || ends.back() < place) {
      ends.push_back(place);
    } else {
      *std::lower_bound(ends.begin(), ends.end(), place) = place;
    }
  }
  return static_cast<std::int64_t>(ends.size());
}

void note(const Change& change, Diff& diff) {
  diff.counts.relabelled += change.relabelled;
  diff.counts.moved += change.moved;
  diff.counts.replaced += change.replaced;
  diff.counts.renumbered += change.renumbered;
  if (!change.relabelled && !change.moved && !change.replaced && !change.renumbered) {
    ++diff.counts.unchanged;
    return;
  }
  diff.changes.push_back(change);
  if (change.relabelled && change.before->labels.size() == 1 && change.after->labels.size() == 1)
    ++diff.relabelled[{change.before->labels[0], change.after->labels[0]}];
}

}  // namespace

Diff diff(std::span<const LstRow> before, std::span<const LstRow> after) {
  const Pairing pairing = pair_rows(before, after);
  Diff result;
  std::vector<std::uint32_t> places;
  places.reserve(after.size());
  for (std::size_t i = 0; i < after.size(); ++i) {
    const std::uint32_t place = pairing.before_of[i];
    if (place == kNoRow) {
      result.changes.push_back({.after = &after[i]});
      ++result.counts.added;
    } else {
      places.push_back(place);
      note(compare(before[place], after[i]), result);
    }
  }
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (pairing.after_of[i] != kNoRow) continue;
    result.changes.push_back({.before = &before[i]});
    ++result.counts.removed;
  }
  result.counts.reordered = static_cast<std::int64_t>(places.size()) - longest_ascending(places);
  return result;
}

}  // namespace millrace::lists
