#include "core/data/csv_line.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace millrace {
namespace {

std::string_view without_return(std::string_view line) {
  return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
}

bool holds_letter(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isalpha(c) != 0 || c >= 0x80; });
}

/// How to put right a field that is no number, told from what the field looks like.
std::string advice(std::string_view field, bool first_row) {
  if (first_row && holds_letter(field))
    return "CSV for SageMaker has no header row: if this line holds column names, delete it.";
  if (field.find('"') != std::string_view::npos || field.find('\'') != std::string_view::npos)
    return "Quoted fields are not read: write the number without quotes.";
  if (field.find_first_of(";\t |") != std::string_view::npos &&
      field.find_first_not_of("0123456789+-.eE;\t |") == std::string_view::npos)
    return "Separate the columns with commas.";
  return "Write numbers only, such as -1.5 or 3e-4: no text, no units, no thousands separators.";
}

CsvFault fault_of(NumberFlaw flaw, std::string_view field, std::int64_t column, bool first_row) {
  CsvFault fault{.line = 0,
                 .column = column,
                 .given = std::string(field.substr(0, 256)),
                 .expected = "a number",
                 .fix = {}};
  switch (flaw) {
    case NumberFlaw::Empty:
      fault.given.clear();
      fault.expected = "a number, not an empty field";
      fault.fix = "Fill in the missing value, or remove the column or the row.";
      break;
    case NumberFlaw::NotFinite:
      fault.expected = "a finite number";
      fault.fix = "Replace the value or remove the row: this channel takes no nan and no inf.";
      break;
    case NumberFlaw::TooLarge:
      fault.expected = "a number of at most 3.4028235e38 in size";
      fault.fix = "Values are read as float32: scale the column down.";
      break;
    default:
      fault.fix = advice(field, first_row);
  }
  return fault;
}

}  // namespace

bool is_blank(std::string_view line) {
  return trim_field(without_return(line)).empty();
}

std::string columns_text(std::int64_t columns) {
  return std::to_string(columns) + (columns == 1 ? " column" : " columns");
}

std::int64_t count_fields(std::string_view line) {
  return std::count(line.begin(), line.end(), ',') + 1;
}

CsvLine parse_csv_line(std::string_view line, std::int64_t columns, NonFinite policy,
                       bool first_row, float* out, CsvFault& fault) {
  if (is_blank(line)) return CsvLine::Blank;
  line = without_return(line);
  std::string_view rest = line;
  for (std::int64_t column = 0; column < columns; ++column) {
    const std::size_t comma = rest.find(',');
    const std::string_view field = rest.substr(0, comma);
    const NumberFlaw flaw = parse_csv_number(field, policy, out[column]);
    if (flaw != NumberFlaw::None) {
      fault = fault_of(flaw, trim_field(field), column + 1, first_row);
      return CsvLine::Refused;
    }
    const bool last = comma == std::string_view::npos;
    if (last == (column + 1 == columns)) {
      if (!last) rest.remove_prefix(comma + 1);
      continue;
    }
    const std::int64_t given = count_fields(line);
    fault = {.line = 0,
             .column = std::min(given, columns) + 1,
             .given = columns_text(given),
             .expected = columns_text(columns) + ", as every row of the channel has",
             .fix = given < columns
                        ? "Add the missing values."
                        : "Remove what stands after column " + std::to_string(columns) + "."};
    return CsvLine::Refused;
  }
  return CsvLine::Row;
}

}  // namespace millrace
