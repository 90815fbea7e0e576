#include "platform/cli/convert_listed_images.h"

#include "core/contract/cpu_environment.h"
#include "platform/cli/image_list.h"
#include "platform/cli/pack_list.h"
#include "platform/cli/unpack_records.h"

namespace millrace::cli {

std::int64_t pack_listed_images(const std::filesystem::path& list,
                                const std::filesystem::path& folder,
                                const std::filesystem::path& target) {
  // Before hours of packing it is known that no image is missing.
  check_list(list, folder, [&](const LstEntry& entry) { require_image(entry, list, folder); });
  return pack_list({.list = list,
                    .folder = folder,
                    .target = target,
                    .form = {.pass_through = true, .decode_all = true},
                    .threads = available_cpus()})
      .records;
}

std::int64_t unpack_listed_images(const std::filesystem::path& file,
                                  const std::filesystem::path& target,
                                  const std::filesystem::path& list) {
  const Unpacked unpacked =
      unpack_records({.file = file, .target = target, .list = list, .threads = available_cpus()});
  say_what_is_lost(unpacked);
  return unpacked.records;
}

}  // namespace millrace::cli
