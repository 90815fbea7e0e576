#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/data/predictions.h"
#include "trainer/job/scorer.h"
#include "trainer/tabular/tabular_batch.h"

namespace millrace {

/// Answers requests of rows, for every tabular algorithm alike: text/csv,
/// application/x-recordio-protobuf, application/json and application/jsonlines in, and out
///
///     application/json                   {"predictions":[{"score":0.4},...]}; the default
///     application/jsonlines              {"score":0.4}, one line a row
///     application/x-recordio-protobuf    a record a row, its label map holding the members
///     text/csv                           the members' numbers, one line a row
///
/// An algorithm says how rows become predictions. Source: Amazon SageMaker Developer Guide, "Common
/// Data Formats for Inference".
class TabularScorer : public Scorer {
 public:
  std::string answer(const ScoreRequest& request, ByteSource& body, ByteSink& out) final;

 protected:
  /// Features a row must have.
  [[nodiscard]] virtual std::int64_t columns() const = 0;
  /// Name of the list in an application/json answer: "predictions", "projections" or "scores".
  [[nodiscard]] virtual std::string_view list_name() const { return "predictions"; }
  /// One prediction for each row of a batch of columns() columns. `verbose` as the request's accept
  /// has it.
  [[nodiscard]] virtual std::vector<Prediction> predict(const TabularBatch& rows,
                                                        bool verbose) const = 0;
};

}  // namespace millrace
