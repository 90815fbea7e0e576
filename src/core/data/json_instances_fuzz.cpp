#include "core/data/json_instances.h"

#include <cstdint>
#include <cstdlib>

#include "core/base/error.h"
#include "core/data/predictions.h"
#include "core/json/json.h"

namespace {

void require(bool fact) {
  if (!fact) std::abort();
}

template <class Body>
void only_customers_errors(Body body) {
  try {
    body();
  } catch (const millrace::Error& error) {
    require(error.blame() == millrace::Blame::Customer);
  }
}

}  // namespace

/// The bytes as lines of a request, as a request document and as an answer: refused with an Error,
/// or the same after being written and read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<millrace::Row> rows;
  only_customers_errors([&] {
    millrace::MemorySource source(text);
    millrace::JsonLinesReader reader(source, "input");
    for (millrace::Row row; reader.read(row);) rows.push_back(row);
  });
  std::string written;
  for (const millrace::Row& row : rows) millrace::append_instance_line(written, row);
  millrace::MemorySource source(written);
  millrace::JsonLinesReader reader(source, "rewritten");
  millrace::Row again;
  for (const millrace::Row& row : rows) {
    require(reader.read(again));
    require(again.sparse == row.sparse && again.columns == row.columns);
    require(again.indices == row.indices && again.values == row.values);
  }
  require(!reader.read(again));

  only_customers_errors([&] { (void)millrace::read_instances(text, "input"); });
  only_customers_errors([&] {
    const auto prediction =
        millrace::parse_prediction(millrace::parse_json(text, "input"), "input");
    std::string line;
    millrace::append_prediction(line, prediction);
    const auto back =
        millrace::parse_prediction(millrace::parse_json(line, "rewritten"), "rewritten");
    require(back.size() == prediction.size());
  });
  return 0;
}
