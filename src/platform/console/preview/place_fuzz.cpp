#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/console/preview/place.h"

namespace {

bool leads_up(const millrace::console::Place& place) {
  if (place.kind == millrace::console::Place::Kind::S3) return false;  // keys are no paths
  for (const std::string_view part : millrace::split(place.path, '/')) {
    if (part == ".." || part == "." || part.find('\0') != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace

/// A place, and after a line break a path below it as a row of a list has it, are of whoever asks:
/// neither leads out of its file system, and what policies are asked about is the place's one form.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace;
  using console::Place;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t mark = std::min(input.find('\n'), input.size());
  try {
    const Place place = Place::parse(input.substr(0, mark), "place");
    if (leads_up(place) || Place::parse(place.text(), "place").text() != place.text()) std::abort();
    const Place below = place.below(input.substr(std::min(mark + 1, input.size())));
    if (leads_up(below) || below.container != place.container) std::abort();
  } catch (const Error& error) {
    if (error.blame() != Blame::Customer) throw;
  }
  return 0;
}
