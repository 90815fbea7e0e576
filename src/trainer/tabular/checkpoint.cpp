#include "trainer/tabular/checkpoint.h"

#include <utility>

#include "trainer/job/checkpoint_file.h"

namespace millrace {
namespace {

constexpr const char* kArrays = "arrays";

}  // namespace

void write_checkpoint(const std::filesystem::path& directory, const std::string& algorithm,
                      const Checkpoint& checkpoint) {
  std::vector<NamedArray> arrays;
  for (const auto& [name, values] : checkpoint.arrays) {
    if (values.empty()) continue;
    arrays.push_back(
        {.name = name, .shape = {static_cast<std::int64_t>(values.size())}, .values = values});
  }
  write_checkpoint_file(directory, algorithm,
                        {.state = checkpoint.state, .lists = {{kArrays, std::move(arrays)}}});
}

std::optional<Checkpoint> read_checkpoint(const std::filesystem::path& directory,
                                          const std::string& algorithm) {
  std::optional<CheckpointFile> file = read_checkpoint_file(directory, algorithm);
  if (!file) return std::nullopt;
  Checkpoint checkpoint{.state = std::move(file->state), .arrays = {}};
  for (NamedArray& array : file->lists[kArrays])
    checkpoint.arrays[array.name] = std::move(array.values);
  return checkpoint;
}

}  // namespace millrace
