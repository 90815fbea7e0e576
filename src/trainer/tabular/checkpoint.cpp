#include "trainer/tabular/checkpoint.h"

#include "core/base/error.h"
#include "core/data/ndarray_list.h"
#include "core/io/file.h"
#include "core/io/zip_archive.h"

namespace millrace {
namespace {

constexpr const char* kState = "state.json";
constexpr const char* kArrays = "arrays.params";
/// Weights and two moments of the widest model, twice: now and at the best epoch.
constexpr std::size_t kMaxBytes = std::size_t{16} << 30;

std::string file_name(const std::string& algorithm) {
  return algorithm + ".checkpoint";
}

}  // namespace

void write_checkpoint(const std::filesystem::path& directory, const std::string& algorithm,
                      const Checkpoint& checkpoint) {
  if (!std::filesystem::is_directory(directory)) return;
  std::vector<NamedArray> arrays;
  for (const auto& [name, values] : checkpoint.arrays) {
    if (values.empty()) continue;
    arrays.push_back(
        {.name = name, .shape = {static_cast<std::int64_t>(values.size())}, .values = values});
  }
  StringSink params;
  write_ndarray_list(params, arrays);
  write_file_durably(directory / file_name(algorithm),
                     write_zip({{kState, to_text(checkpoint.state)}, {kArrays, params.text()}}));
}

std::optional<Checkpoint> read_checkpoint(const std::filesystem::path& directory,
                                          const std::string& algorithm) {
  const std::string name = file_name(algorithm);
  if (!std::filesystem::exists(directory / name)) return std::nullopt;
  auto members = read_zip(read_file(directory / name, kMaxBytes), name);
  Checkpoint checkpoint{.state = parse_json(members[kState], kState), .arrays = {}};
  for (NamedArray& array : read_ndarray_list(members[kArrays], kArrays))
    checkpoint.arrays[array.name] = std::move(array.values);
  return checkpoint;
}

}  // namespace millrace
