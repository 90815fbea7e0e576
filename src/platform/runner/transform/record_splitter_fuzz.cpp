#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/check.h"
#include "core/base/error.h"
#include "platform/runner/transform/data_processing.h"
#include "platform/runner/transform/mini_batches.h"
#include "platform/runner/transform/record_splitter.h"

namespace {

using namespace millrace;
using namespace millrace::runner;

/// All records as requests carry them, however they are packed: what is sent one by one is what is
/// sent together.
std::string sent(std::string_view input, const char* split, std::size_t max_payload) {
  MemorySource source(input);
  const auto records = split_records(split, source, "input", 4096);
  MiniBatches batches(*records, nullptr, {.many = true, .max_payload = max_payload}, "input");
  std::string all;
  while (const auto batch = batches.next()) {
    MILLRACE_CHECK(batch->payload.size() <= max_payload);
    if (!all.empty()) all += records->separator();
    all += batch->payload;
  }
  return all;
}

}  // namespace

/// The first byte chooses how to split, the second the size of a request; the rest is the object.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  constexpr const char* kSplits[] = {"None", "Line", "RecordIO", "TFRecord"};
  const char* split = kSplits[data[0] % 4];
  const std::size_t max_payload = 16 + data[1];
  const std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
  try {
    MILLRACE_CHECK(sent(input, split, max_payload) == sent(input, split, 1 << 20));
  } catch (const Error& error) {
    MILLRACE_CHECK(error.blame() == Blame::Customer);
  }

  // A record that is joined to itself.
  const bool csv = data[0] % 2 == 0;
  const DataProcessing processing({.format = csv ? DataFormat::Csv : DataFormat::JsonDocument,
                                   .input_filter = csv ? "$[0:2]" : "$.*",
                                   .output_filter = csv ? "$[0,-1]" : "$",
                                   .join = true});
  try {
    for (const std::string_view row : processing.rows_of(input)) {
      static_cast<void>(processing.filtered(row, "row"));
      static_cast<void>(processing.output({std::string(row)}, row, std::nullopt, "row"));
    }
  } catch (const Error&) {
  }
  return 0;
}
