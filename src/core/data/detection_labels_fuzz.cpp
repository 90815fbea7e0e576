#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "core/base/error.h"
#include "core/data/detection_labels.h"

/// Any array of floats, as a damaged record may carry it, is refused with an Error or wholly
/// divided into a header and objects that lie inside it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<float> array(size / sizeof(float));
  if (!array.empty()) std::memcpy(array.data(), data, array.size() * sizeof(float));
  try {
    const auto labels = millrace::DetectionLabels::parse(array, "input");
    std::size_t seen = labels.header().size();
    if (seen < 2 || labels.header().data() != array.data()) std::abort();
    for (std::int64_t i = 0; i < labels.objects(); ++i) {
      if (labels.object(i).size() < 5 || labels.object(i).data() != array.data() + seen)
        std::abort();
      seen += labels.object(i).size();
    }
    if (labels.objects() < 1 || seen != array.size()) std::abort();
  } catch (const millrace::Error& error) {
    if (error.blame() != millrace::Blame::Customer) std::abort();
  }
  return 0;
}
