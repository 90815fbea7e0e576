#include "trainer/job/checkpoint_file.h"

#include "core/base/error.h"
#include "core/io/file.h"
#include "core/io/zip_archive.h"

namespace millrace {
namespace {

constexpr const char* kState = "state.json";
constexpr std::string_view kListEnding = ".params";
/// Weights and two moments of the widest model, twice: now and at the best epoch.
constexpr std::size_t kMaxBytes = std::size_t{16} << 30;

std::string file_name(std::string_view algorithm) {
  return std::string(algorithm) + ".checkpoint";
}

}  // namespace

void write_checkpoint_file(const std::filesystem::path& directory, std::string_view algorithm,
                           const CheckpointFile& checkpoint) {
  if (!std::filesystem::is_directory(directory)) return;
  std::vector<ZipMember> members{{kState, to_text(checkpoint.state)}};
  for (const auto& [name, arrays] : checkpoint.lists) {
    StringSink list;
    write_ndarray_list(list, arrays);
    members.push_back({name + std::string(kListEnding), list.text()});
  }
  write_file_durably(directory / file_name(algorithm), write_zip(members));
}

std::optional<CheckpointFile> read_checkpoint_file(const std::filesystem::path& directory,
                                                   std::string_view algorithm) {
  const std::string file = file_name(algorithm);
  if (!std::filesystem::exists(directory / file)) return std::nullopt;
  CheckpointFile checkpoint;
  for (const auto& [name, content] : read_zip(read_file(directory / file, kMaxBytes), file)) {
    const std::string place = file + ", " + name;
    if (name == kState) checkpoint.state = parse_json(content, place);
    if (!name.ends_with(kListEnding)) continue;
    const std::string list = name.substr(0, name.size() - kListEnding.size());
    checkpoint.lists[list] = read_ndarray_list(content, place);
  }
  if (checkpoint.state.is_object()) return checkpoint;
  throw Error(Blame::Customer,
              Problem{.where = file,
                      .given = {},
                      .expected = std::string("an object in ") + kState,
                      .fix = "The checkpoint is damaged: remove it, and training starts anew."});
}

}  // namespace millrace
