#pragma once

#include <cstdint>
#include <optional>

#include "trainer/vision/image_batches.h"

namespace millrace {

/// Makes batches of one size out of parts that lack their broken images, as if those had never been
/// among the data. Parts come in the order of the epoch and hold at most a batch each.
class WholeBatches {
 public:
  /// As LoaderOptions have them.
  WholeBatches(std::int64_t batch, bool whole_only) : batch_(batch), whole_only_(whole_only) {}

  /// Forgets what is left of the epoch before.
  void start();
  /// The batch that the part completes.
  std::optional<ImageBatch> add(ImageBatch part);
  /// What remains at the end: a short batch, unless only whole ones are wanted and there were some.
  std::optional<ImageBatch> rest();

 private:
  std::int64_t batch_;
  bool whole_only_;
  bool any_ = false;
  ImageBatch pending_;
};

}  // namespace millrace
