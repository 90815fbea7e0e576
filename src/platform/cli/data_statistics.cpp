#include "platform/cli/data_statistics.h"

#include <algorithm>
#include <cstdio>

#include "core/base/text.h"
#include "platform/cli/table.h"

namespace millrace::cli {

void Range::add(double value) {
  ++count_;
  sum_ += value;
  least_ = std::min(least_, value);
  most_ = std::max(most_, value);
}

void Range::add_zeros(std::int64_t count) {
  if (count <= 0) return;
  add(0);
  count_ += count - 1;
}

std::string Range::text() const {
  if (count_ == 0) return "none";
  char mean[32];
  std::snprintf(mean, sizeof mean, "%.6g", sum_ / static_cast<double>(count_));
  return number_text(least_) + " to " + number_text(most_) + ", mean " + mean;
}

void LabelHistogram::add(float label) {
  if (too_many_) return;
  ++counts_[label];
  if (counts_.size() <= kMaxClasses) return;
  too_many_ = true;
  counts_.clear();
}

std::string LabelHistogram::text() const {
  std::int64_t all = 0;
  for (const auto& [label, count] : counts_) all += count;
  std::vector<std::vector<std::string>> rows;
  for (const auto& [label, count] : counts_) {
    char share[16];
    std::snprintf(share, sizeof share, "%.1f %%",
                  100.0 * static_cast<double>(count) / static_cast<double>(all));
    rows.push_back({number_text(static_cast<double>(label)), std::to_string(count), share});
  }
  return rows.empty() ? "" : aligned({"LABEL", "RECORDS", "SHARE"}, rows);
}

void TableStatistics::add(const Row& row) {
  ++rows_;
  sparse_rows_ += row.sparse;
  stored_ += static_cast<std::int64_t>(row.values.size());
  const std::int64_t seen = row.indices.empty() ? 0 : row.indices.back() + 1;
  columns_ = std::max({columns_, row.columns, seen});
  for (const float value : row.values) values_.add(static_cast<double>(value));
  if (row.sparse) values_.add_zeros(row.columns - static_cast<std::int64_t>(row.values.size()));
  labels_ = std::max(labels_, row.labels.size());
  for (const float label : row.labels) label_range_.add(static_cast<double>(label));
  if (!row.labels.empty()) histogram_.add(row.labels[0]);
}

std::string TableStatistics::text() const {
  std::string text = field_text("records", std::to_string(rows_));
  text += field_text("columns", std::to_string(columns_) + " features, " + std::to_string(labels_) +
                                    (labels_ == 1 ? " label" : " labels"));
  if (sparse_rows_ > 0) {
    text += field_text("sparse", std::to_string(sparse_rows_) + " records; " +
                                     std::to_string(stored_) + " values stored");
  }
  text += field_text("values", values_.text());
  if (labels_ == 0) return text;
  text += field_text("labels", label_range_.text());
  return histogram_.too_many() ? text : text + "\n" + histogram_.text();
}

std::string field_text(const std::string& name, const std::string& value) {
  constexpr std::size_t kNameWidth = 16;
  return name + std::string(name.size() < kNameWidth ? kNameWidth - name.size() : 1, ' ') + value +
         "\n";
}

}  // namespace millrace::cli
