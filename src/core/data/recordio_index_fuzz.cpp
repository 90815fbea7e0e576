#include "core/data/recordio_index.h"

#include <cstdint>
#include <cstdlib>

#include "core/base/error.h"

/// Any text is refused with an Error or survives being written and read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  millrace::MemorySource source({reinterpret_cast<const char*>(data), size});
  millrace::RecordIndexReader index(source, "input");
  std::string written;
  std::size_t count = 0;
  try {
    for (; const millrace::RecordIndexEntry* entry = index.next(); ++count)
      millrace::append_index_line(written, *entry);
  } catch (const millrace::Error& error) {
    if (error.blame() != millrace::Blame::Customer) std::abort();
  }
  millrace::MemorySource again(written);
  millrace::RecordIndexReader reread(again, "rewritten");
  std::string twice;
  for (; const millrace::RecordIndexEntry* entry = reread.next(); --count)
    millrace::append_index_line(twice, *entry);
  if (count != 0 || twice != written) std::abort();
  return 0;
}
