#include "core/data/recordio_protobuf.h"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <cstring>
#include <random>

#include "record.pb.h"

namespace millrace {
namespace {

/// Messages of dense float32 rows with one label, as the SageMaker SDK writes them.
std::string random_records(std::int64_t columns, std::size_t bytes) {
  std::mt19937 random(7);
  std::normal_distribution<float> normal;
  Row row{.labels = {1}, .sparse = false, .columns = columns, .indices = {}, .values = {}};
  row.values.resize(static_cast<std::size_t>(columns));
  StringSink sink;
  RecordIoProtobufWriter writer(sink);
  while (sink.text().size() < bytes) {
    for (float& value : row.values) value = normal(random);
    writer.write(row);
  }
  return sink.text();
}

constexpr std::size_t kFileBytes = std::size_t{32} << 20;

void set_rate(benchmark::State& state, const std::string& file) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(file.size()));
}

/// Many short rows, and few long ones in batches that stay in the cache as the rival's one row
/// does.
void ReadDenseRecords(benchmark::State& state) {
  const std::int64_t batch_rows = state.range(1);
  const std::string file = random_records(state.range(0), kFileBytes);
  DenseBatch batch;
  for (auto _ : state) {
    MemorySource source(file);
    RecordIoProtobufReader reader(source, "bench", {});
    while (reader.read(batch, batch_rows)) benchmark::DoNotOptimize(batch.features.data());
  }
  set_rate(state, file);
}
BENCHMARK(ReadDenseRecords)
    ->ArgNames({"columns", "batch"})
    ->Args({10, 1000})
    ->Args({100, 1000})
    ->Args({1000, 100})
    ->Args({100'000, 2});

/// The decoder alone, on records that lie in memory: what is left when nothing is read.
void DecodeDenseMessages(benchmark::State& state) {
  const std::string file = random_records(state.range(0), kFileBytes);
  const std::vector<RecordSpan> spans = index_records(file, "bench");
  std::vector<float> features(static_cast<std::size_t>(state.range(0)));
  RecordMessage message;
  std::string scratch;
  for (auto _ : state) {
    for (const RecordSpan& span : spans) {
      if (parse_record_message(record_payload(file, span, scratch), message)) std::abort();
      copy_values(*find_tensor(message.features, "values"), features.data());
      benchmark::DoNotOptimize(features.data());
    }
  }
  set_rate(state, file);
}
BENCHMARK(DecodeDenseMessages)->ArgName("columns")->Arg(10)->Arg(100)->Arg(1000)->Arg(100'000);

/// The rival: code that protoc generates, the message reused, the values copied into a batch.
void ReadDenseRecordsWithLibprotobuf(benchmark::State& state) {
  const std::string file = random_records(state.range(0), kFileBytes);
  aialgs::data::Record message;
  std::vector<float> features;
  for (auto _ : state) {
    MemorySource source(file);
    RecordIoReader records(source, "bench");
    while (const std::string_view* payload = records.next()) {
      message.ParseFromArray(payload->data(), static_cast<int>(payload->size()));
      const auto& values = message.features().at("values").float32_tensor().values();
      features.assign(values.begin(), values.end());
      benchmark::DoNotOptimize(features.data());
    }
  }
  set_rate(state, file);
}
BENCHMARK(ReadDenseRecordsWithLibprotobuf)
    ->ArgName("columns")
    ->Arg(10)
    ->Arg(100)
    ->Arg(1000)
    ->Arg(100'000);

/// The limit: the bytes copied once, in blocks of one batch of 100 columns.
void CopyTheSameBytes(benchmark::State& state) {
  const std::string file = random_records(100, kFileBytes);
  std::vector<char> batch(std::size_t{400} * 1000);
  for (auto _ : state) {
    for (std::size_t at = 0; at + batch.size() <= file.size(); at += batch.size()) {
      std::memcpy(batch.data(), file.data() + at, batch.size());
      benchmark::DoNotOptimize(batch.data());
      benchmark::ClobberMemory();
    }
  }
  set_rate(state, file);
}
BENCHMARK(CopyTheSameBytes);

}  // namespace
}  // namespace millrace
