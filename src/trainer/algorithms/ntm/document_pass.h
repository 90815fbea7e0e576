#pragma once

#include <cstdint>
#include <memory>

#include "trainer/algorithms/ntm/documents.h"
#include "trainer/tabular/pass_counts.h"
#include "trainer/tabular/tabular_channel.h"

namespace millrace::ntm {

/// Which of a channel's rows a pass takes.
struct Draw {
  double part = 1;  ///< of the rows, chosen anew in each epoch
  std::uint64_t seed = 0;
  std::int64_t epoch = 0;
  std::uint32_t stream = 0;  ///< of rows that are numbered alike on several hosts
};

/// A pass over a channel as mini-batches of documents: `batch_rows` of the rows drawn, fewer in the
/// last one. Where all rows are drawn, batches are those of the channel.
///
///     DocumentPass pass(train, 256, {}, counts);
///     while (const Documents* documents = pass.next()) network.set_gradients(*documents, epoch);
class DocumentPass {
 public:
  /// `counts` and `channel` must outlive the pass.
  DocumentPass(TabularChannel& channel, std::int64_t batch_rows, Draw draw, PassCounts& counts);

  /// Valid until the following call; nullptr at the end, and once a stop is requested. Throws what
  /// reading throws, and Error(Customer) for a row that is no document.
  const Documents* next();

  /// Whether the channel had rows so far, be they another host's or not drawn.
  [[nodiscard]] bool found_rows() const { return found_rows_; }

 private:
  [[nodiscard]] bool drawn(std::int64_t row) const;

  const TabularChannel& channel_;
  std::int64_t batch_rows_;
  Draw draw_;
  std::unique_ptr<TabularPass> pass_;
  const TabularBatch* batch_ = nullptr;
  std::int64_t row_ = 0;  ///< the next one of batch_
  bool found_rows_ = false;
  PassCounts& counts_;
  Documents documents_;
};

}  // namespace millrace::ntm
