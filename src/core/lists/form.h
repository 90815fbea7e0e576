#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/data/lst.h"

namespace millrace::lists {

/// What the label columns of a list stand for.
enum class Form {
  Empty,       ///< no rows
  Class,       ///< one label: the class
  MultiLabel,  ///< as many columns as there are classes, each above 0 where the picture has it
  Detection,   ///< header and boxes (core/data/detection_labels.h)
  Uneven,      ///< rows with different numbers of labels, and not all of them boxes
};

/// One row of boxes that is broken makes a list Uneven; so does one label too many.
Form form_of(std::span<const LstRow> rows);
/// "one class a row".
std::string_view describe(Form form);

/// Whether the labels are header and boxes, which take seven numbers at least.
bool is_detection(std::span<const float> labels);

/// float32, which labels are, holds all whole numbers up to here: the one above would be this one.
inline constexpr std::int64_t kMaxClassId = 1 << 24;
/// A label as a class id: a whole number from 0 to kMaxClassId; nullopt for another.
std::optional<std::int64_t> class_id(float label);
/// A class id as people write it; nullopt for what is none.
std::optional<std::int64_t> parse_class_id(std::string_view text);

/// The classes of a row, each once, ascending: its label, its columns above 0, or those of its
/// boxes. Labels that are no class ids are left out. `classes` is filled.
void classes_of(const LstRow& row, Form form, std::vector<std::int64_t>& classes);

/// Throws Error(Customer) "<origin>: ..." unless the list has one class a row (or no row); `why`
/// says what is asked for and what to do instead.
void require_classes(Form form, std::string_view origin, std::string_view why);

}  // namespace millrace::lists
