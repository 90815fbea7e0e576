#include <cstdint>
#include <cstdlib>

#include "core/base/error.h"
#include "core/io/zip_archive.h"

/// Any bytes are refused with an Error or give members whose archive gives them back.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto contents = millrace::read_zip({reinterpret_cast<const char*>(data), size}, "input");
    std::vector<millrace::ZipMember> members;
    for (const auto& [name, content] : contents)
      members.push_back({.name = name, .content = content});
    if (millrace::read_zip(millrace::write_zip(members), "output") != contents) std::abort();
  } catch (const millrace::Error& error) {
    if (error.blame() != millrace::Blame::Customer) std::abort();
  }
  return 0;
}
