#include <cstdint>
#include <cstdlib>

#include "core/base/error.h"
#include "core/data/image_record.h"
#include "core/data/recordio.h"

/// The two readers must accept the same files and find the same records, whatever the bytes; and
/// what they accept must survive being written and read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view file(reinterpret_cast<const char*>(data), size);
  std::vector<std::string> streamed;
  bool stream_refused = false;
  try {
    millrace::MemorySource source(file);
    millrace::RecordIoReader reader(source, "input");
    while (const std::string_view* record = reader.next()) streamed.emplace_back(*record);
  } catch (const millrace::Error&) {
    stream_refused = true;
  }
  bool index_refused = false;
  std::vector<std::string> indexed;
  try {
    std::string scratch;
    for (const millrace::RecordSpan& span : millrace::index_records(file, "input")) {
      indexed.emplace_back(millrace::record_payload(file, span, scratch));
    }
  } catch (const millrace::Error&) {
    index_refused = true;
  }
  if (stream_refused != index_refused) std::abort();
  if (!stream_refused && streamed != indexed) std::abort();

  millrace::StringSink sink;
  millrace::RecordIoWriter writer(sink);
  for (const std::string& record : streamed) writer.write(record);
  millrace::MemorySource again(sink.text());
  millrace::RecordIoReader reader(again, "rewritten");
  for (const std::string& record : streamed) {
    const std::string_view* back = reader.next();
    if (back == nullptr || *back != record) std::abort();
    try {
      (void)millrace::parse_image_record(record, "record");
    } catch (const millrace::Error&) {
      continue;
    }
  }
  return 0;
}
