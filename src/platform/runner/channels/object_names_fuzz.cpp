#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/runner/channels/object_names.h"

/// The first line of the input is the prefix, each further line the rest of a key.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto lines = millrace::split({reinterpret_cast<const char*>(data), size}, '\n');
  const std::string prefix(lines.front());
  std::vector<std::string> keys;
  for (std::size_t i = 1; i < lines.size(); ++i) keys.push_back(prefix + std::string(lines[i]));
  std::vector<millrace::runner::ListedKey> listed;
  for (const std::string& key : keys) listed.push_back({.key = key, .empty = true});
  try {
    for (const auto& object : millrace::runner::name_objects("train", prefix, listed)) {
      const std::filesystem::path path(object.path);
      if (path.empty() || path.is_absolute() || path.lexically_normal() != path) std::abort();
      for (const auto& part : path) {
        if (part == "..") std::abort();
      }
    }
  } catch (const millrace::Error&) {
  }
  return 0;
}
