#pragma once

#include <cstdint>
#include <memory>
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
/// An algorithm says how rows become predictions, and whether a server should compute those of
/// concurrent requests as one batch. Source: Amazon SageMaker Developer Guide, "Common
/// Data Formats for Inference".
class TabularScorer : public Scorer {
 public:
  TabularScorer();
  ~TabularScorer() override;
  TabularScorer(const TabularScorer&) = delete;
  TabularScorer& operator=(const TabularScorer&) = delete;

  std::string answer(const ScoreRequest& request, ByteSource& body, ByteSink& out) final;
  void serve(const Serving& serving) final;
  [[nodiscard]] bool takes_many() const final { return true; }

 protected:
  /// Features a row must have.
  [[nodiscard]] virtual std::int64_t columns() const = 0;
  /// Name of the list in an application/json answer: "predictions", "projections" or "scores".
  [[nodiscard]] virtual std::string_view list_name() const { return "predictions"; }
  /// One prediction for each row of a batch of columns() columns, at least one. `verbose` as the
  /// request's accept has it. Called by one thread at a time if computes_together(), else by any.
  [[nodiscard]] virtual std::vector<Prediction> predict(const TabularBatch& rows,
                                                        bool verbose) const = 0;
  /// Whether rows of several requests cost less as one batch, by more than the two switches of
  /// threads that bring them together, or predict() has threads of its own.
  [[nodiscard]] virtual bool computes_together() const { return false; }

 private:
  class Together;
  std::unique_ptr<Together> together_;  ///< of a server, if computes_together()
};

}  // namespace millrace
