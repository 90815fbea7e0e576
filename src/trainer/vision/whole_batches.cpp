#include "trainer/vision/whole_batches.h"

#include <algorithm>
#include <utility>

namespace millrace {
namespace {

/// Moves the first `images` images of `from` to the end of `to`.
template <class Value>
void move_front(std::vector<Value>& from, std::int64_t from_count, std::int64_t images,
                std::vector<Value>& to) {
  const auto each = static_cast<std::ptrdiff_t>(from.size()) / from_count;
  const auto end = from.begin() + each * images;
  to.insert(to.end(), from.begin(), end);
  from.erase(from.begin(), end);
}

}  // namespace

void WholeBatches::start() {
  any_ = false;
  pending_ = {};
}

std::optional<ImageBatch> WholeBatches::add(ImageBatch part) {
  if (pending_.count == 0) std::swap(pending_, part);
  if (part.count > 0) {
    const std::int64_t moved = std::min(part.count, batch_ - pending_.count);
    move_front(part.numbers, part.count, moved, pending_.numbers);
    move_front(part.pixels, part.count, moved, pending_.pixels);
    move_front(part.labels, part.count, moved, pending_.labels);
    move_front(part.targets, part.count, moved, pending_.targets);
    pending_.count += moved;
    part.count -= moved;
  }
  if (pending_.count < batch_) return std::nullopt;
  any_ = true;
  return std::exchange(pending_, std::move(part));
}

std::optional<ImageBatch> WholeBatches::rest() {
  if (pending_.count == 0 || (whole_only_ && any_)) return std::nullopt;
  return std::exchange(pending_, {});
}

}  // namespace millrace
