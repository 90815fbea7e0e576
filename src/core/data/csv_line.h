#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/data/csv_number.h"

namespace millrace {

/// What is wrong with one line, short of where the line is.
struct CsvFault {
  std::int64_t line = 0;    ///< from 1, counted from the start of the text that was parsed
  std::int64_t column = 0;  ///< from 1; 0 when the line as a whole is wrong
  std::string given;
  std::string expected;
  std::string fix;
};

enum class CsvLine {
  Row,      ///< `columns` numbers were written
  Blank,    ///< nothing but spaces, tabs and a carriage return
  Refused,  ///< the fault says why
};

/// Reads one line (without '\n'; a last '\r' is ignored) field by field into out[columns]; the
/// plain path, and the judge of every line that a kernel leaves. Fields are judged from the left,
/// then their number. `first_row` tells the fault that names a header row.
CsvLine parse_csv_line(std::string_view line, std::int64_t columns, NonFinite policy,
                       bool first_row, float* out, CsvFault& fault);

/// Nothing but spaces and tabs before a line end of either kind.
bool is_blank(std::string_view line);

/// "1 column", "2 columns".
std::string columns_text(std::int64_t columns);

/// How many fields a line has: its commas and one.
std::int64_t count_fields(std::string_view line);

}  // namespace millrace
