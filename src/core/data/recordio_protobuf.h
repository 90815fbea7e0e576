#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/data/dense_batch.h"
#include "core/data/record_message.h"
#include "core/data/recordio.h"
#include "core/data/row.h"
#include "core/data/row_places.h"
#include "core/data/sparse_batch.h"
#include "core/io/byte_source.h"
#include "core/io/named_source.h"

namespace millrace {

/// Width of a sparse record that may be made dense: a damaged shape must not ask for gigabytes.
inline constexpr std::int64_t kMaxDenseColumns = std::int64_t{1} << 24;
/// Values of one dense batch (4 GiB).
inline constexpr std::int64_t kMaxBatchValues = std::int64_t{1} << 30;

struct RecordIoProtobufOptions {
  /// nullopt: as many as the first record has; 0: labels are not looked at.
  std::optional<std::int64_t> label_size;
  /// Features of a record; nullopt: the first record says. When it is given, sparse records may
  /// leave out their shape.
  std::optional<std::int64_t> columns;
};

/// Reads `application/x-recordio-protobuf`: label and feature vector of one record after another.
///
///     RecordIoProtobufReader records(fifo, "channel 'train'", {});
///     SparseBatch batch;
///     while (records.read(batch, 1000)) learner.step(batch);
///
/// The features are features["values"], the labels label["values"], of type float32, float64 or
/// int32. Dense and sparse records may be mixed; each read() gives them in the form asked for.
/// Never seeks and holds one record besides the batch. One record costs one copy of its values.
/// Format: docs/reference/formats/recordio-protobuf.md.
///
/// Throws Error(Customer) naming origin, record and byte of a damaged record, of one without
/// features, of another width than the first, of a value that is not finite as float32, and of a
/// key that is no column or comes twice.
class RecordIoProtobufReader {
 public:
  /// `source` must outlive the reader; messages call it `origin`.
  RecordIoProtobufReader(ByteSource& source, std::string origin, RecordIoProtobufOptions options);
  /// Several files as one stream of records; messages name the file and the record in it.
  RecordIoProtobufReader(NextSource files, RecordIoProtobufOptions options);

  /// Puts up to `max_rows` rows in `batch` and returns false once the stream is exhausted; the last
  /// batch may be short, never empty. Sparse records become dense: zero where nothing is stored.
  bool read(DenseBatch& batch, std::int64_t max_rows);
  /// The same; of dense records the values that are not zero are stored.
  bool read(SparseBatch& batch, std::int64_t max_rows);
  /// The next record as it is, dense or sparse.
  bool read(Row& row);
  /// Files and records of the rows of the last batch, or of the last row.
  [[nodiscard]] const RowPlaces& places() const { return places_; }
  /// The next message, whatever it holds, valid until the following call; nullptr at the end.
  const RecordMessage* next();

  /// float64 and int32 values so far that float32 holds only rounded.
  [[nodiscard]] std::int64_t narrowed() const { return narrowed_; }
  /// Records read as rows so far that hold more: other tensors, uid, metadata, configuration.
  [[nodiscard]] std::int64_t left_out() const { return left_out_; }
  /// Records so far, of all files.
  [[nodiscard]] std::int64_t records() const { return count_; }

 private:
  const Tensor& require_features(const RecordMessage& message) const;
  void add_labels(const RecordMessage& message, std::vector<float>& labels);
  bool is_sparse(const Tensor& tensor) const;
  void check_dense(const Tensor& tensor);
  void check_batch(std::int64_t rows) const;
  void copy_finite(const Tensor& tensor, std::string_view what, float* out);
  void add_sparse(const Tensor& tensor, std::vector<std::int64_t>& indices,
                  std::vector<float>& values);
  void append_finite(const Tensor& tensor, std::string_view what, std::vector<float>& out);
  void check_width(std::int64_t width);
  std::optional<std::int64_t> shape_product(const Tensor& tensor);
  void sort_keys(std::vector<std::int64_t>& indices, std::vector<float>& values, std::size_t begin);
  [[nodiscard]] RecordPlace place() const;
  void note_place(std::int64_t row);

  bool open_next_file();

  NextSource files_;
  std::optional<NamedSource> file_;
  std::optional<RecordIoReader> records_;  ///< of file_, or of the one source
  RecordIoProtobufOptions options_;
  RecordMessage message_;
  RowPlaces::Origin origin_;  ///< of the file that is being read
  RowPlaces places_;
  std::string unmarked_;  ///< a split record without the magics, see next()
  std::vector<std::int64_t> integers_;
  std::int64_t narrowed_ = 0;
  std::int64_t left_out_ = 0;
  std::int64_t count_ = 0;
};

/// Writes `application/x-recordio-protobuf` with float32 tensors, as algorithms want them.
class RecordIoProtobufWriter {
 public:
  /// `sink` must outlive the writer.
  explicit RecordIoProtobufWriter(ByteSink& sink) : records_(sink) {}

  /// A dense row without keys and shape, or a sparse one with both; no label entry when the row has
  /// no labels. Throws Error(Customer) for a sparse row without a width.
  void write(const Row& row);

 private:
  RecordIoWriter records_;
  std::string message_;
};

}  // namespace millrace
