#pragma once

#include <cstdint>
#include <map>
#include <span>

#include "core/data/lst.h"
#include "core/lists/form.h"

namespace millrace::lists {

/// What a list holds.
struct Summary {
  Form form = Form::Empty;
  std::int64_t rows = 0;
  std::uint64_t least_index = 0;
  std::uint64_t greatest_index = 0;
  std::size_t least_labels = 0;  ///< label columns of a row
  std::size_t most_labels = 0;
  /// Rows of each class; of a multi-label or detection list a row counts for each of its classes.
  /// Labels that are no class ids are left out.
  std::map<std::int64_t, std::int64_t> classes;
  std::map<std::int64_t, std::int64_t> boxes;  ///< of each class; detection lists only
  std::int64_t total_boxes = 0;
  std::int64_t folders = 0;         ///< different ones that pictures lie in
  std::int64_t repeated_paths = 0;  ///< rows whose picture an earlier row has
  std::int64_t without_class = 0;   ///< rows whose labels give no class
};

Summary summarize(std::span<const LstRow> rows);

}  // namespace millrace::lists
