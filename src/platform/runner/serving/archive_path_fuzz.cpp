// A name or a link's target of an archive either is refused or stays inside the directory.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "core/base/error.h"
#include "platform/runner/serving/archive_path.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace fs = std::filesystem;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view name = text.substr(0, text.find('\n'));
  const std::string_view target = name.size() < size ? text.substr(name.size() + 1) : "";
  try {
    const std::string path = millrace::runner::archive_path(name, "model");
    const auto inside = [](const fs::path& place) {
      return place.is_relative() && (place.empty() || *place.begin() != "..");
    };
    if (!inside(fs::path(path).lexically_normal()) || path.find("//") != std::string::npos)
      std::abort();
    millrace::runner::check_archive_link(path, target, "model");
    if (!inside((fs::path(path).parent_path() / target).lexically_normal())) std::abort();
  } catch (const millrace::Error&) {
  }
  return 0;
}
