#include "core/data/recordio_protobuf.h"

#include <cstdint>
#include <cstdlib>

#include "core/base/error.h"

namespace {

constexpr std::int64_t kRows = 3;
/// Larger shapes are legal and slow; the fuzzer learns nothing from them.
constexpr std::int64_t kMaxWidth = 1 << 16;

template <class Batch>
std::vector<Batch> read_batches(std::string_view file) {
  millrace::MemorySource source(file);
  millrace::RecordIoProtobufReader reader(source, "input", {});
  std::vector<Batch> batches;
  for (Batch batch; reader.read(batch, kRows);) batches.push_back(batch);
  return batches;
}

void require(bool fact) {
  if (!fact) std::abort();
}

}  // namespace

/// Rows, dense and sparse batches agree on what a file holds and on whether it is one, and what
/// they accept survives being written and read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view file(reinterpret_cast<const char*>(data), size);
  std::vector<millrace::Row> rows;
  bool refused = false;
  try {
    millrace::MemorySource source(file);
    millrace::RecordIoProtobufReader reader(source, "input", {});
    for (millrace::Row row; reader.read(row);) rows.push_back(row);
  } catch (const millrace::Error& error) {
    require(error.blame() == millrace::Blame::Customer);
    refused = true;
  }
  if (!rows.empty() && rows[0].columns > kMaxWidth) return 0;

  std::int64_t dense_rows = 0, sparse_rows = 0;
  try {
    for (const auto& batch : read_batches<millrace::DenseBatch>(file)) {
      dense_rows += batch.rows;
      require(static_cast<std::int64_t>(batch.features.size()) == batch.rows * batch.columns);
      require(static_cast<std::int64_t>(batch.labels.size()) == batch.rows * batch.label_columns);
    }
    for (const auto& batch : read_batches<millrace::SparseBatch>(file)) {
      sparse_rows += batch.rows;
      require(static_cast<std::int64_t>(batch.row_starts.size()) == batch.rows + 1);
      require(batch.row_starts.back() == static_cast<std::int64_t>(batch.indices.size()));
      for (const std::int64_t column : batch.indices)
        require(column >= 0 && column < batch.columns);
    }
    require(!refused);
  } catch (const millrace::Error&) {
    require(refused);
    return 0;
  }
  require(dense_rows == static_cast<std::int64_t>(rows.size()) && sparse_rows == dense_rows);

  millrace::StringSink sink;
  millrace::RecordIoProtobufWriter writer(sink);
  for (const millrace::Row& row : rows) writer.write(row);
  millrace::MemorySource source(sink.text());
  millrace::RecordIoProtobufReader reader(source, "rewritten", {});
  millrace::Row again;
  for (const millrace::Row& row : rows) {
    require(reader.read(again));
    require(again.labels == row.labels && again.values == row.values &&
            again.indices == row.indices);
    require(again.sparse == row.sparse && again.columns == row.columns);
  }
  require(!reader.read(again));
  return 0;
}
