#include "core/data/libsvm.h"

#include <cstdint>
#include <cstdlib>

#include "core/base/error.h"

namespace {

void require(bool fact) {
  if (!fact) std::abort();
}

}  // namespace

/// Rows and batches agree, indices ascend, and what is accepted survives being written and read
/// again. The first byte chooses the index base.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const millrace::LibsvmOptions options{.index_base = data[0] & 1, .columns = {}};
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::vector<millrace::Row> rows;
  bool refused = false;
  try {
    millrace::MemorySource source(text);
    millrace::LibsvmReader reader(source, "input", options);
    for (millrace::Row row; reader.read(row);) rows.push_back(row);
  } catch (const millrace::Error& error) {
    require(error.blame() == millrace::Blame::Customer);
    refused = true;
  }
  std::size_t batch_rows = 0;
  try {
    millrace::MemorySource source(text);
    millrace::LibsvmReader reader(source, "input", options);
    for (millrace::SparseBatch batch; reader.read(batch, 2);) {
      for (std::int64_t row = 0; row < batch.rows; ++row) {
        const auto from = static_cast<std::size_t>(batch.row_starts[static_cast<std::size_t>(row)]);
        const auto to =
            static_cast<std::size_t>(batch.row_starts[static_cast<std::size_t>(row) + 1]);
        for (std::size_t i = from; i < to; ++i) {
          require(batch.indices[i] >= 0 && batch.indices[i] < batch.columns);
          require(i == from || batch.indices[i - 1] < batch.indices[i]);
        }
      }
      batch_rows += static_cast<std::size_t>(batch.rows);
    }
    require(!refused && batch_rows == rows.size());
  } catch (const millrace::Error&) {
    require(refused);
  }

  millrace::StringSink sink;
  millrace::LibsvmWriter writer(sink, options.index_base);
  for (const millrace::Row& row : rows) writer.write(row);
  millrace::MemorySource source(sink.text());
  millrace::LibsvmReader reader(source, "rewritten", options);
  millrace::Row again;
  for (millrace::Row& row : rows) {
    require(reader.read(again));
    std::erase_if(row.values, [](float value) { return value == 0; });
    require(again.labels == row.labels && again.values == row.values);
  }
  require(!reader.read(again));
  return 0;
}
