#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/base/error.h"
#include "platform/containers/image_documents.h"

/// Any bytes are refused with an Error, or give a document whose digests are digests.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto expect_refusal_or = [](const auto& parse) {
    try {
      parse();
    } catch (const Error& error) {
      if (error.blame() != Blame::Customer) std::abort();
    }
  };
  const auto expect_digests = [](const std::vector<containers::Descriptor>& descriptors) {
    for (const auto& each : descriptors) {
      if (!containers::is_digest(each.digest)) std::abort();
    }
  };
  expect_refusal_or([&] {
    const auto parsed = containers::parse_manifest(text, "input");
    if (const auto* index = std::get_if<containers::Index>(&parsed)) {
      expect_digests(index->manifests);
    } else {
      expect_digests(std::get<containers::Manifest>(parsed).layers);
    }
  });
  expect_refusal_or([&] {
    for (const std::string& digest : containers::parse_config(text, "input").diff_ids) {
      if (!containers::is_digest(digest)) std::abort();
    }
  });
  expect_refusal_or([&] {
    if (containers::parse_saved_images(text, "input").empty()) std::abort();
  });
  return 0;
}
