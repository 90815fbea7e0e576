#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/check.h"
#include "core/base/error.h"
#include "platform/runner/transform/tfrecord.h"

/// The input as data of a record is read back as it was; the input as a file gives records that
/// make up its beginning, or is refused.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace;
  using namespace millrace::runner;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string framed = tfrecord_framed(input) + tfrecord_framed("");
  MemorySource whole(framed);
  TfRecordReader reader(whole, "framed", size);
  const TfRecordReader::Found* first = reader.next();
  MILLRACE_CHECK(first != nullptr && first->data == input);
  MILLRACE_CHECK(reader.next() != nullptr && reader.next() == nullptr && reader.records() == 2);

  MemorySource source(input);
  TfRecordReader foreign(source, "input", 1 << 16);
  std::string read;
  try {
    while (const TfRecordReader::Found* found = foreign.next()) {
      MILLRACE_CHECK(found->framed == tfrecord_framed(found->data));
      read += found->framed;
    }
    MILLRACE_CHECK(read == input);
  } catch (const Error& error) {
    MILLRACE_CHECK(error.blame() == Blame::Customer && input.starts_with(read));
  }
  return 0;
}
