#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace millrace {

/// Where rows were read, for messages: runs of rows that stand one behind the other in one file.
/// Holds a run a file, and one a gap between rows, whatever the number of rows; of very many runs
/// the latest.
class RowPlaces {
 public:
  using Origin = std::shared_ptr<const std::string>;

  struct Place {
    const std::string& origin;  ///< the file or stream
    std::int64_t number;        ///< of the line, from 1, or of the record, from 0
  };

  static constexpr std::size_t kMostRuns = 8192;

  void clear() { runs_.clear(); }
  /// Row `row`, and those behind it up to the next run, stand at `number` of `origin` and behind.
  /// Rows ascend. Costs nothing where that continues the last run.
  void add(std::int64_t row, const Origin& origin, std::int64_t number);
  /// The runs of rows that follow `rows_before` others.
  void append(const RowPlaces& others, std::int64_t rows_before);
  /// Of a row that was added or stands behind one; nullopt before the first run. Valid until the
  /// next change.
  [[nodiscard]] std::optional<Place> of(std::int64_t row) const;

 private:
  struct Run {
    std::int64_t row;
    Origin origin;
    std::int64_t number;
  };

  std::vector<Run> runs_;
};

}  // namespace millrace
