#include "platform/cli/unfinished_work.h"

#include "core/base/error.h"
#include "core/io/file.h"
#include "core/io/partial_output.h"

namespace millrace::cli {
UnfinishedWork::UnfinishedWork(const std::filesystem::path& target)
    : path(std::filesystem::absolute(partial_path(target)).string() + ".json") {}

void UnfinishedWork::save(const Json& work, const Json& done) const {
  write_file_durably(path, to_text(Json{{"work", work}, {"done", done}}));
}

void UnfinishedWork::remove() const {
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
}

std::optional<UnfinishedWork::Found> UnfinishedWork::find(const Json& work) const {
  std::error_code failed;
  if (!std::filesystem::is_regular_file(path, failed)) return std::nullopt;
  try {
    const Json saved = parse_json(read_file(path), path.string(), kLimits);
    const Json& theirs = require(saved, "work", path.string());
    Found found;
    for (const auto& [name, value] : work.items()) {
      const bool same = theirs.contains(name) && theirs.at(name) == value;
      if (!same) found.differs += (found.differs.empty() ? "" : ", ") + name;
    }
    if (found.differs.empty()) found.done = to_text(require(saved, "done", path.string()));
    return found;
  } catch (const Error&) {
    return std::nullopt;  // as if it were not there: the work is done anew
  }
}

}  // namespace millrace::cli
