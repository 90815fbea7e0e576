#include "core/data/recordio_protobuf.h"

#include <algorithm>
#include <bit>
#include <tuple>
#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace {
namespace {

constexpr std::string_view kValues = "values";
constexpr std::size_t kChunkHeaderBytes = 8;
constexpr const char* kFixWriter =
    "Write the records with the SageMaker Python SDK or 'millrace data convert'.";

std::string names_of(const std::vector<NamedTensor>& tensors) {
  constexpr std::size_t kShown = 4;
  std::vector<std::string> names;
  for (const NamedTensor& tensor : tensors) {
    if (names.size() == kShown) break;
    names.emplace_back(tensor.name);
  }
  return join(names, ", ");
}

/// Infinity and NaN have all bits of the exponent set. Looked at as whole numbers and in blocks of
/// a fixed size, since that is a loop which the compiler makes eight wide at -O2.
bool all_finite(const float* values, std::size_t count) {
  constexpr std::uint32_t kExponent = 0x7f800000;
  constexpr std::size_t kBlock = 32;
  const auto bad = [](float value) {
    return static_cast<std::uint32_t>((std::bit_cast<std::uint32_t>(value) & kExponent) ==
                                      kExponent);
  };
  std::uint32_t any = 0;
  std::size_t at = 0;
  for (; at + kBlock <= count; at += kBlock) {
    for (std::size_t i = 0; i < kBlock; ++i) any |= bad(values[at + i]);
  }
  for (; at < count; ++at) any |= bad(values[at]);
  return any == 0;
}

}  // namespace

RecordIoProtobufReader::RecordIoProtobufReader(ByteSource& source, std::string origin,
                                               RecordIoProtobufOptions options)
    : options_(options) {
  records_.emplace(source, origin);
  origin_ = std::make_shared<const std::string>(std::move(origin));
}

RecordIoProtobufReader::RecordIoProtobufReader(NextSource files, RecordIoProtobufOptions options)
    : files_(std::move(files)), options_(options) {}

bool RecordIoProtobufReader::open_next_file() {
  if (!files_) return false;
  records_.reset();
  file_ = files_();
  if (!file_) {
    files_ = nullptr;
    return false;
  }
  records_.emplace(*file_->source, file_->name);
  origin_ = std::make_shared<const std::string>(file_->name);
  return true;
}

RecordPlace RecordIoProtobufReader::place() const {
  return {.origin = records_->origin(),
          .record = records_->records() - 1,
          .byte = records_->record_offset()};
}

/// Records of a file follow each other, so that only the first of a file and of a batch say
/// something.
void RecordIoProtobufReader::note_place(std::int64_t row) {
  const std::int64_t record = records_->records() - 1;
  if (row == 0) places_.clear();
  if (row == 0 || record == 0) places_.add(row, origin_, record);
}

const RecordMessage* RecordIoProtobufReader::next() {
  const std::string_view* payload = nullptr;
  while (!records_ || (payload = records_->next()) == nullptr) {
    if (!open_next_file()) return nullptr;
  }
  ++count_;
  const auto problem = parse_record_message(*payload, message_);
  if (!problem) return &message_;
  if (!records_->joins().empty()) {
    // Some writers (ML-IO's among them) cut a record anywhere, and not where they left a magic out.
    // Then the magics that joined the parts do not belong to the message. A message says the length
    // of each of its parts, so that only one of the two readings parses.
    unmarked_.clear();
    std::size_t from = 0;
    for (const std::size_t join : records_->joins()) {
      unmarked_ += payload->substr(from, join - from);
      from = join + sizeof kRecordMagic;
    }
    unmarked_ += payload->substr(from);
    if (!parse_record_message(unmarked_, message_)) return &message_;
  }
  RecordPlace at = place();
  if (records_->joins().empty()) at.byte += kChunkHeaderBytes + problem->byte;
  refuse_record(at, problem->given, "a protobuf message aialgs.data.Record", kFixWriter);
}

const Tensor& RecordIoProtobufReader::require_features(const RecordMessage& message) const {
  const Tensor* tensor = find_tensor(message.features, kValues);
  if (tensor == nullptr) {
    refuse_record(place(), message.features.empty() ? "no features" : names_of(message.features),
                  "a feature named 'values'", kFixWriter);
  }
  return *tensor;
}

void RecordIoProtobufReader::copy_finite(const Tensor& tensor, std::string_view what, float* out) {
  const std::optional<std::int64_t> narrowed = copy_values(tensor, out);
  if (!narrowed) {
    refuse_record(place(), std::string(tensor_type_name(tensor.type)) + " as " + std::string(what),
                  "a float32_tensor, float64_tensor or int32_tensor", kFixWriter);
  }
  narrowed_ += *narrowed;
  const auto count = static_cast<std::size_t>(value_count(tensor));
  if (all_finite(out, count)) return;
  const float* bad =
      std::find_if(out, out + count, [](float value) { return !all_finite(&value, 1); });
  refuse_record(
      place(), number_text(static_cast<double>(*bad)),
      "a finite float32 as number " + std::to_string(bad - out) + " of the " + std::string(what),
      "Leave the record out or put a number in its place.");
}

void RecordIoProtobufReader::append_finite(const Tensor& tensor, std::string_view what,
                                           std::vector<float>& out) {
  const std::size_t begin = out.size();
  out.resize(begin + static_cast<std::size_t>(value_count(tensor)));
  copy_finite(tensor, what, out.data() + begin);
}

void RecordIoProtobufReader::add_labels(const RecordMessage& message, std::vector<float>& labels) {
  if (options_.label_size == 0) return;
  const Tensor* tensor = find_tensor(message.label, kValues);
  const std::size_t before = labels.size();
  if (tensor != nullptr) {
    if (is_sparse(*tensor)) {
      refuse_record(place(), "a sparse label", "a dense label", kFixWriter);
    }
    append_finite(*tensor, "label", labels);
  }
  const auto count = static_cast<std::int64_t>(labels.size() - before);
  if (!options_.label_size) options_.label_size = count;
  if (count != *options_.label_size) {
    refuse_record(place(), std::to_string(count) + " label values",
                  std::to_string(*options_.label_size),
                  "Give every record as many labels as the first has.");
  }
}

bool RecordIoProtobufReader::is_sparse(const Tensor& tensor) const {
  // A row of zeros is written sparsely as a shape alone.
  return !tensor.keys.empty() || (tensor.values.empty() && !tensor.shape.empty());
}

std::optional<std::int64_t> RecordIoProtobufReader::shape_product(const Tensor& tensor) {
  if (tensor.shape.empty()) return std::nullopt;
  integers_.clear();
  bool fits = append_integers(tensor.shape, integers_).has_value();
  std::int64_t product = 1;
  for (const std::int64_t extent : integers_)
    fits = fits && !__builtin_mul_overflow(product, extent, &product);
  if (!fits) {
    refuse_record(place(), "a shape beyond 2^63", "extents whose product is below 2^63",
                  kFixWriter);
  }
  return product;
}

void RecordIoProtobufReader::check_width(std::int64_t width) {
  if (width == 0) refuse_record(place(), "no values", "at least one feature", kFixWriter);
  if (!options_.columns) options_.columns = width;
  if (width == *options_.columns) return;
  refuse_record(
      place(), std::to_string(width) + " features", std::to_string(*options_.columns),
      "Give every record the same features; a sparse one says their number in its shape.");
}

void RecordIoProtobufReader::check_dense(const Tensor& tensor) {
  const std::int64_t count = value_count(tensor);
  if (const auto shape = shape_product(tensor); shape && *shape != count) {
    refuse_record(place(), std::to_string(count) + " values",
                  std::to_string(*shape) + ", as the shape says", kFixWriter);
  }
  if (tensor.type != TensorType::Bytes && tensor.type != TensorType::None) check_width(count);
}

void RecordIoProtobufReader::add_sparse(const Tensor& tensor, std::vector<std::int64_t>& indices,
                                        std::vector<float>& values) {
  const std::size_t begin = values.size();
  append_finite(tensor, "features", values);
  if (!append_integers(tensor.keys, indices) || indices.size() != values.size()) {
    refuse_record(place(),
                  std::to_string(indices.size() - std::min(begin, indices.size())) + " keys and " +
                      std::to_string(values.size() - begin) + " values",
                  "one key below 2^63 for each value", kFixWriter);
  }
  const std::optional<std::int64_t> shape = shape_product(tensor);
  if (!shape && !options_.columns) {
    refuse_record(place(), "keys without a shape", "a shape: sparse records must say their width",
                  "Set the shape to the number of features, in every record.");
  }
  check_width(shape ? *shape : *options_.columns);
  sort_keys(indices, values, begin);
  for (std::size_t i = begin; i < indices.size(); ++i) {
    if (indices[i] >= *options_.columns) {
      refuse_record(place(), "key " + std::to_string(indices[i]),
                    "a key below " + std::to_string(*options_.columns), kFixWriter);
    }
    if (i > begin && indices[i] == indices[i - 1]) {
      refuse_record(place(), "key " + std::to_string(indices[i]) + " twice", "each key once",
                    kFixWriter);
    }
  }
}

void RecordIoProtobufReader::sort_keys(std::vector<std::int64_t>& indices,
                                       std::vector<float>& values, std::size_t begin) {
  const auto first = indices.begin() + static_cast<std::ptrdiff_t>(begin);
  if (std::is_sorted(first, indices.end())) return;
  std::vector<std::pair<std::int64_t, float>> pairs;
  for (std::size_t i = begin; i < indices.size(); ++i) pairs.emplace_back(indices[i], values[i]);
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t i = begin; i < indices.size(); ++i)
    std::tie(indices[i], values[i]) = pairs[i - begin];
}

bool RecordIoProtobufReader::read(DenseBatch& batch, std::int64_t max_rows) {
  batch.rows = 0;
  batch.labels.clear();
  std::vector<float>& features = batch.features;
  Row sparse;
  for (; batch.rows < max_rows; ++batch.rows) {
    const RecordMessage* message = next();
    if (message == nullptr) break;
    note_place(batch.rows);
    add_labels(*message, batch.labels);
    const Tensor& tensor = require_features(*message);
    const bool dense = !is_sparse(tensor);
    if (dense) {
      check_dense(tensor);
    } else {
      sparse.indices.clear();
      sparse.values.clear();
      add_sparse(tensor, sparse.indices, sparse.values);
      check_batch(batch.rows + 1);
    }
    const auto width = static_cast<std::size_t>(options_.columns.value_or(0));
    const std::size_t begin = static_cast<std::size_t>(batch.rows) * width;
    // The size of the batch before is kept, so that a steady reader writes each value once. Doubled
    // as rows come: max_rows alone must not take memory.
    if (features.size() < begin + width) features.resize(std::max(begin + width, 2 * begin));
    if (dense) {
      copy_finite(tensor, "features", features.data() + begin);
      continue;
    }
    std::fill_n(features.begin() + static_cast<std::ptrdiff_t>(begin), width, 0.0f);
    for (std::size_t i = 0; i < sparse.indices.size(); ++i)
      features[begin + static_cast<std::size_t>(sparse.indices[i])] = sparse.values[i];
  }
  batch.label_columns = options_.label_size.value_or(0);
  batch.columns = options_.columns.value_or(0);
  features.resize(static_cast<std::size_t>(batch.rows * batch.columns));
  return batch.rows > 0;
}

void RecordIoProtobufReader::check_batch(std::int64_t rows) const {
  const std::int64_t width = *options_.columns;
  if (width <= kMaxDenseColumns && rows * width <= kMaxBatchValues) return;
  refuse_record(place(),
                std::to_string(rows) + " sparse records of " + std::to_string(width) + " features",
                "at most " + std::to_string(kMaxDenseColumns) + " features and " +
                    std::to_string(kMaxBatchValues) + " values in a dense batch",
                "Use smaller batches, or an algorithm that takes sparse data.");
}

bool RecordIoProtobufReader::read(SparseBatch& batch, std::int64_t max_rows) {
  batch.rows = 0;
  batch.labels.clear();
  batch.row_starts.assign(1, 0);
  batch.indices.clear();
  batch.values.clear();
  std::vector<float> dense;
  for (; batch.rows < max_rows; ++batch.rows) {
    const RecordMessage* message = next();
    if (message == nullptr) break;
    note_place(batch.rows);
    add_labels(*message, batch.labels);
    const Tensor& tensor = require_features(*message);
    if (is_sparse(tensor)) {
      add_sparse(tensor, batch.indices, batch.values);
    } else {
      check_dense(tensor);
      dense.clear();
      append_finite(tensor, "features", dense);
      for (std::size_t column = 0; column < dense.size(); ++column) {
        if (dense[column] == 0) continue;
        batch.indices.push_back(static_cast<std::int64_t>(column));
        batch.values.push_back(dense[column]);
      }
    }
    batch.row_starts.push_back(static_cast<std::int64_t>(batch.values.size()));
  }
  batch.label_columns = options_.label_size.value_or(0);
  batch.columns = options_.columns.value_or(0);
  return batch.rows > 0;
}

bool RecordIoProtobufReader::read(Row& row) {
  const RecordMessage* message = next();
  if (message == nullptr) return false;
  note_place(0);
  left_out_ += message->features.size() > 1 || message->label.size() > 1 || message->uid ||
               message->metadata || message->configuration;
  row.labels.clear();
  row.indices.clear();
  row.values.clear();
  add_labels(*message, row.labels);
  const Tensor& tensor = require_features(*message);
  row.sparse = is_sparse(tensor);
  if (row.sparse) {
    add_sparse(tensor, row.indices, row.values);
  } else {
    check_dense(tensor);
    append_finite(tensor, "features", row.values);
  }
  row.columns = *options_.columns;
  return true;
}

void RecordIoProtobufWriter::write(const Row& row) {
  if (row.sparse && row.columns == 0) {
    throw Error(Blame::Customer, Problem{.where = "sparse row",
                                         .given = "no width",
                                         .expected = "the number of features",
                                         .fix = "Give the number of features."});
  }
  Float32Tensor features;
  features.values = row.values;
  if (row.sparse) {
    features.keys = row.indices;
    features.shape = {&row.columns, 1};
  }
  Float32Tensor label;
  label.values = row.labels;
  message_.clear();
  append_record_message(message_, {&features, 1},
                        {&label, row.labels.empty() ? std::size_t{0} : std::size_t{1}});
  records_.write(message_);
}

}  // namespace millrace
