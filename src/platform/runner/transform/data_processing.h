#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/data/content_types.h"
#include "core/json/json_path.h"

namespace millrace::runner {

/// DataProcessing of a transform job: which part of a record the model sees, whether its answer is
/// joined to the record as it was, and which part of that is kept.
///
/// A row of CSV is a list of cells, which are kept as they are written; joined, the answer's cells
/// stand behind the record's. A JSON value gets the answer as member SageMakerOutput; one that is
/// no object becomes {"SageMakerInput": value, "SageMakerOutput": answer}.
///
/// Source: Amazon SageMaker Developer Guide, "Associate Prediction Results with Input Records".
class DataProcessing {
 public:
  struct Order {
    DataFormat format{};  ///< Csv, JsonLines or JsonDocument
    std::string input_filter = "$";
    std::string output_filter = "$";
    bool join = false;
  };

  /// Throws Error(Customer) for a filter that is none, or not for CSV.
  explicit DataProcessing(const Order& order);

  /// The rows of a record: its lines where it is an unsplit object of lines, else itself.
  [[nodiscard]] std::vector<std::string_view> rows_of(std::string_view record) const;
  /// What the model is sent of a row. Throws Error(Customer) "<place>: ...".
  [[nodiscard]] std::string filtered(std::string_view row, std::string_view place) const;
  /// What is stored for the rows that one request was about, joined by line feeds: the model's
  /// answer, which has a line or a value for each. `answer_format` is what its Content-Type says.
  /// Throws Error "<place>: ...": Customer for rows, Algorithm for an answer that does not fit.
  [[nodiscard]] std::string output(const std::vector<std::string>& rows, std::string_view answer,
                                   std::optional<DataFormat> answer_format,
                                   std::string_view place) const;

 private:
  [[nodiscard]] std::string csv_output(std::string_view row, std::string_view answer,
                                       std::string_view place) const;
  [[nodiscard]] std::string json_output(std::string_view row, std::string_view answer,
                                        std::string_view place) const;

  const DataFormat format_;
  const JsonPath input_filter_;
  const JsonPath output_filter_;
  const bool join_;
};

}  // namespace millrace::runner
