#include "platform/runner/transform/mini_batches.h"

#include <iterator>
#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace::runner {

MiniBatches::MiniBatches(RecordSplitter& records, const DataProcessing* processing,
                         const Limits& limits, std::string origin)
    : records_(records),
      processing_(processing),
      many_(limits.many),
      max_payload_(limits.max_payload == 0 ? kMaxRecordBytes : limits.max_payload),
      origin_(std::move(origin)) {}

std::string MiniBatches::place_of(std::int64_t first, std::int64_t last) const {
  const std::string noun = records_.noun();
  if (noun.empty()) return origin_;
  if (first == last) return origin_ + ", " + noun + " " + std::to_string(first);
  return origin_ + ", " + noun + "s " + std::to_string(first) + " to " + std::to_string(last);
}

std::optional<MiniBatches::Packed> MiniBatches::pack() {
  const InputRecord* record = records_.next();
  if (record == nullptr) return std::nullopt;
  Packed packed{.payload = {}, .rows = {}, .number = records_.number()};
  const std::string place = place_of(packed.number, packed.number);
  if (processing_ == nullptr) {
    packed.payload = many_ ? record->framed : record->bare;
  } else {
    for (const std::string_view row : processing_->rows_of(record->bare)) {
      if (!packed.rows.empty()) packed.payload += '\n';
      packed.payload += processing_->filtered(row, place);
      packed.rows.emplace_back(row);
    }
  }
  if (packed.payload.size() > max_payload_) {
    throw Error(Blame::Customer,
                place + ": its " + human_bytes(packed.payload.size()) +
                    " are more than a request may have (MaxPayloadInMB " +
                    std::to_string(max_payload_ >> 20) +
                    "). Split the object into smaller records with SplitType, or raise "
                    "MaxPayloadInMB.");
  }
  return packed;
}

std::optional<MiniBatch> MiniBatches::next() {
  std::optional<Packed> first = held_ ? std::exchange(held_, std::nullopt) : pack();
  if (!first) return std::nullopt;
  MiniBatch batch{
      .payload = std::move(first->payload), .rows = std::move(first->rows), .place = {}};
  std::int64_t last = first->number;
  while (many_ && *records_.noun() != '\0') {
    std::optional<Packed> more = pack();
    if (!more) break;
    const std::string_view separator = records_.separator();
    if (batch.payload.size() + separator.size() + more->payload.size() > max_payload_) {
      held_ = std::move(more);
      break;
    }
    batch.payload += separator;
    batch.payload += more->payload;
    std::move(more->rows.begin(), more->rows.end(), std::back_inserter(batch.rows));
    last = more->number;
  }
  batch.place = place_of(first->number, last);
  return batch;
}

}  // namespace millrace::runner
