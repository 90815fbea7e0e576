#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "platform/runner/transform/data_processing.h"
#include "platform/runner/transform/record_splitter.h"

namespace millrace::runner {

/// The records of one request to the model.
struct MiniBatch {
  std::string payload;            ///< the request's body
  std::vector<std::string> rows;  ///< as they came, where DataProcessing will need them
  std::string place;              ///< "s3://b/x.csv, lines 3 to 9"
};

/// Packs the records of one object into requests: one into each, or as many as fit.
class MiniBatches {
 public:
  struct Limits {
    bool many = true;             ///< MultiRecord
    std::size_t max_payload = 0;  ///< bytes of a request; 0: kMaxRecordBytes
  };

  /// All must outlive this. `processing` may be null. `origin` begins messages.
  MiniBatches(RecordSplitter& records, const DataProcessing* processing, const Limits& limits,
              std::string origin);

  /// nullopt at the end. Throws Error(Customer) naming object and record for one that is larger
  /// than a request may be, besides what splitter and filter throw.
  std::optional<MiniBatch> next();

 private:
  /// A record as a request carries it.
  struct Packed {
    std::string payload;
    std::vector<std::string> rows;
    std::int64_t number = 0;
  };
  std::optional<Packed> pack();
  [[nodiscard]] std::string place_of(std::int64_t first, std::int64_t last) const;

  RecordSplitter& records_;
  const DataProcessing* processing_;
  const bool many_;
  const std::size_t max_payload_;
  const std::string origin_;
  std::optional<Packed> held_;  ///< did not fit into the last one
};

}  // namespace millrace::runner
