#include "trainer/tabular/model_files.h"

#include <algorithm>
#include <utility>

#include "codec/gzip.h"
#include "core/base/error.h"
#include "core/io/file.h"
#include "core/io/tar_reader.h"

namespace millrace {
namespace {

/// A million features times a thousand classes, as float32.
constexpr std::size_t kMaxModelBytes = std::size_t{4} << 30;

using Found = std::optional<std::string>;

std::vector<Found> find_in_directory(const std::filesystem::path& model,
                                     std::span<const std::string_view> names) {
  std::vector<Found> found(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (std::filesystem::exists(model / names[i]))
      found[i] = read_file(model / names[i], kMaxModelBytes);
  }
  return found;
}

std::vector<Found> find_in_archive(const std::filesystem::path& model,
                                   std::span<const std::string_view> names) {
  std::vector<Found> found(names.size());
  std::size_t missing = names.size();
  FdSource file(open_for_reading(model));
  std::optional<GzipSource> unpacked;
  if (model.extension() != ".tar") unpacked.emplace(file, model.string());
  TarReader tar(unpacked ? static_cast<ByteSource&>(*unpacked) : file, model.string());
  while (missing > 0) {
    const std::optional<TarMember> member = tar.next();
    if (!member) break;
    const std::string name = std::filesystem::path(member->name).filename().string();
    const auto at = std::find(names.begin(), names.end(), name) - names.begin();
    if (at == std::ssize(names) || found[static_cast<std::size_t>(at)]) continue;
    found[static_cast<std::size_t>(at)] = read_all(tar, kMaxModelBytes, member->name);
    --missing;
  }
  return found;
}

std::vector<Found> find_model_files(const std::filesystem::path& model,
                                    std::span<const std::string_view> names) {
  return std::filesystem::is_directory(model) ? find_in_directory(model, names)
                                              : find_in_archive(model, names);
}

}  // namespace

std::optional<std::string> find_model_file(const std::filesystem::path& model,
                                           std::string_view name) {
  return std::move(find_model_files(model, {&name, 1})[0]);
}

std::string read_model_file(const std::filesystem::path& model, std::string_view name,
                            std::string_view algorithm) {
  return std::move(read_model_files(model, {&name, 1}, algorithm)[0]);
}

std::vector<std::string> read_model_files(const std::filesystem::path& model,
                                          std::span<const std::string_view> names,
                                          std::string_view algorithm) {
  std::vector<std::string> contents;
  for (Found& found : find_model_files(model, names)) {
    if (!found) {
      throw Error(
          Blame::Customer,
          Problem{.where = model.filename().string(),
                  .given = {},
                  .expected = "a file " + std::string(names[contents.size()]) + " inside",
                  .fix = "Use the model.tar.gz of a job of " + std::string(algorithm) + "."});
    }
    contents.push_back(*std::move(found));
  }
  return contents;
}

}  // namespace millrace
