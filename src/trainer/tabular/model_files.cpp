#include "trainer/tabular/model_files.h"

#include "codec/gzip.h"
#include "core/base/error.h"
#include "core/io/file.h"
#include "core/io/tar_reader.h"

namespace millrace {
namespace {

/// A million features times a thousand classes, as float32.
constexpr std::size_t kMaxModelBytes = std::size_t{4} << 30;

}  // namespace

std::optional<std::string> find_model_file(const std::filesystem::path& model,
                                           std::string_view name) {
  if (std::filesystem::is_directory(model)) {
    if (!std::filesystem::exists(model / name)) return std::nullopt;
    return read_file(model / name, kMaxModelBytes);
  }
  FdSource file(open_for_reading(model));
  std::optional<GzipSource> unpacked;
  if (model.extension() != ".tar") unpacked.emplace(file, model.string());
  TarReader tar(unpacked ? static_cast<ByteSource&>(*unpacked) : file, model.string());
  while (const std::optional<TarMember> member = tar.next()) {
    if (std::filesystem::path(member->name).filename() == name)
      return read_all(tar, kMaxModelBytes, member->name);
  }
  return std::nullopt;
}

std::string read_model_file(const std::filesystem::path& model, std::string_view name,
                            std::string_view algorithm) {
  std::optional<std::string> content = find_model_file(model, name);
  if (content) return *std::move(content);
  throw Error(Blame::Customer,
              Problem{.where = model.filename().string(),
                      .given = {},
                      .expected = "a file " + std::string(name) + " inside",
                      .fix = "Use the model.tar.gz of a job of " + std::string(algorithm) + "."});
}

}  // namespace millrace
