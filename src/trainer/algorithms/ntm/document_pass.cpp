#include "trainer/algorithms/ntm/document_pass.h"

#include "trainer/algorithms/ntm/random_numbers.h"

namespace millrace::ntm {
namespace {

/// RandomPlace::purpose of drawing rows; those of noise and weights are the network's.
constexpr std::uint32_t kDrawing = 0;

}  // namespace

DocumentPass::DocumentPass(TabularChannel& channel, std::int64_t batch_rows, Draw draw,
                           PassCounts& counts)
    : channel_(channel),
      batch_rows_(batch_rows),
      draw_(draw),
      pass_(channel.open()),
      counts_(counts) {}

bool DocumentPass::drawn(std::int64_t row) const {
  if (draw_.part >= 1) return true;
  return static_cast<double>(uniform_at({.seed = draw_.seed,
                                         .purpose = kDrawing,
                                         .epoch = static_cast<std::uint32_t>(draw_.epoch),
                                         .document = document_address(draw_.stream, row)})) <
         draw_.part;
}

const Documents* DocumentPass::next() {
  documents_.clear();
  const auto refuse = [this](std::int64_t row, std::int64_t word, float count) {
    channel_.refuse_feature(row, word, count, kExpectedCount, kCountFix);
  };
  for (;;) {
    while (batch_ != nullptr && row_ < batch_->rows()) {
      if (drawn(batch_->first_row + row_)) documents_.add(*batch_, row_, refuse);
      ++row_;
      if (documents_.rows_taken() == batch_rows_) return &documents_;
    }
    batch_ = pass_->next();
    row_ = 0;
    if (batch_ == nullptr) return documents_.rows_taken() > 0 ? &documents_ : nullptr;
    found_rows_ = true;
    counts_.add(*batch_);
  }
}

}  // namespace millrace::ntm
