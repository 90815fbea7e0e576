#include "platform/runner/transform/data_processing.h"

#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/data/csv_cells.h"
#include "core/data/csv_line.h"
#include "core/json/json.h"
#include "platform/runner/transform/record_splitter.h"

namespace millrace::runner {
namespace {

constexpr JsonLimits kRecordLimits{.max_bytes = kMaxRecordBytes, .max_depth = 64};
constexpr const char* kInput = "SageMakerInput";
constexpr const char* kOutput = "SageMakerOutput";

std::vector<std::string_view> filled_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::string_view line : split(text, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!is_blank(line)) lines.push_back(line);
  }
  return lines;
}

std::string chosen_cells(const std::vector<std::string_view>& cells, const JsonPath& filter,
                         std::string_view place) {
  std::string text;
  for (const std::size_t column : filter.select_columns(cells.size(), place)) {
    text += cells[column];
    text += ',';
  }
  text.pop_back();
  return text;
}

Json parsed_answer(std::string_view text, std::string_view place) {
  try {
    return parse_json(text, std::string(place) + ": the model's answer", kRecordLimits);
  } catch (const Error& error) {
    throw Error(Blame::Algorithm,
                std::string(error.what()) +
                    ". Its Content-Type has to say what it is; Accept asks for another.");
  }
}

bool is_json(DataFormat format) {
  return format == DataFormat::JsonLines || format == DataFormat::JsonDocument;
}

}  // namespace

DataProcessing::DataProcessing(const Order& order)
    : format_(order.format),
      input_filter_(order.input_filter, "DataProcessing.InputFilter"),
      output_filter_(order.output_filter, "DataProcessing.OutputFilter"),
      join_(order.join) {}

std::vector<std::string_view> DataProcessing::rows_of(std::string_view record) const {
  if (format_ == DataFormat::JsonDocument) return {record};
  return filled_lines(record);
}

std::string DataProcessing::filtered(std::string_view row, std::string_view place) const {
  if (input_filter_.is_root()) return std::string(row);
  if (format_ == DataFormat::Csv) return chosen_cells(csv_cells(row, place), input_filter_, place);
  return to_text(input_filter_.select(parse_json(row, place, kRecordLimits), place));
}

std::string DataProcessing::csv_output(std::string_view row, std::string_view answer,
                                       std::string_view place) const {
  std::vector<std::string_view> cells;
  if (join_) cells = csv_cells(row, place);
  for (const std::string_view cell : csv_cells(answer, std::string(place) + ": the model's answer"))
    cells.push_back(cell);
  return chosen_cells(cells, output_filter_, place);
}

std::string DataProcessing::json_output(std::string_view row, std::string_view answer,
                                        std::string_view place) const {
  Json result = parsed_answer(answer, place);
  if (!join_) return to_text(output_filter_.select(result, place));
  Json joined = parse_json(row, place, kRecordLimits);
  if (!joined.is_object()) {
    Json wrapped = Json::object();
    wrapped[kInput] = std::move(joined);
    joined = std::move(wrapped);
  }
  joined[kOutput] = std::move(result);
  return to_text(output_filter_.select(joined, place));
}

std::string DataProcessing::output(const std::vector<std::string>& rows, std::string_view answer,
                                   std::optional<DataFormat> answer_format,
                                   std::string_view place) const {
  const DataFormat answered = answer_format.value_or(format_);
  if (is_json(answered) != is_json(format_)) {
    throw Error(Blame::Algorithm,
                std::string(place) + ": the model answered " +
                    std::string(names_of(answered).media_types.front()) + " to " +
                    std::string(names_of(format_).media_types.front()) +
                    ", and only answers of the records' own format can be joined or filtered. "
                    "Name that in Accept, or leave DataProcessing out.");
  }
  std::vector<std::string_view> answers;
  const bool one_value = is_json(format_) && rows.size() == 1;
  if (one_value) {
    answers = {trim(answer)};
  } else {
    answers = filled_lines(answer);
  }
  if (answers.size() != rows.size()) {
    throw Error(Blame::Algorithm, std::string(place) + ": the model's answer has " +
                                      std::to_string(answers.size()) + " lines for " +
                                      std::to_string(rows.size()) +
                                      " records, so it is not known which belongs to which. Ask "
                                      "one at a time with BatchStrategy SingleRecord.");
  }
  std::string text;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i > 0) text += '\n';
    text += format_ == DataFormat::Csv ? csv_output(rows[i], answers[i], place)
                                       : json_output(rows[i], answers[i], place);
  }
  return text;
}

}  // namespace millrace::runner
