#include <cstdint>
#include <cstdlib>

#include "core/base/error.h"
#include "core/data/detection_labels.h"
#include "core/data/lst.h"

namespace {

std::vector<millrace::LstEntry> read(std::string_view text, bool& refused) {
  std::vector<millrace::LstEntry> entries;
  try {
    millrace::MemorySource source(text);
    millrace::LstReader list(source, "input");
    while (const millrace::LstEntry* entry = list.next()) entries.push_back(*entry);
  } catch (const millrace::Error&) {
    refused = true;
  }
  return entries;
}

std::string write(const std::vector<millrace::LstEntry>& entries) {
  millrace::StringSink sink;
  millrace::LstWriter writer(sink);
  for (const millrace::LstEntry& entry : entries) writer.write(entry);
  return sink.text();
}

bool same(const std::vector<millrace::LstEntry>& a, const std::vector<millrace::LstEntry>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].index != b[i].index || a[i].labels != b[i].labels || a[i].path != b[i].path)
      return false;
  }
  return true;
}

}  // namespace

/// What was read can be written and read again: unchanged lines stay as they stood, and lines in
/// canonical form say the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bool refused = false;
  std::vector<millrace::LstEntry> entries =
      read({reinterpret_cast<const char*>(data), size}, refused);
  std::string lines;
  for (const millrace::LstEntry& entry : entries) {
    lines += entry.text + "\n";
    try {
      const auto labels = millrace::DetectionLabels::parse(entry.labels, "entry");
      for (std::int64_t i = 0; i < labels.objects(); ++i) {
        if (labels.object(i).size() < 5) std::abort();
      }
    } catch (const millrace::Error&) {
      continue;
    }
  }
  if (write(entries) != lines) std::abort();
  for (millrace::LstEntry& entry : entries) entry.text.clear();
  bool refused_again = false;
  if (!same(read(write(entries), refused_again), entries) || refused_again) std::abort();
  return 0;
}
