#include "platform/console/lists/list_contents.h"

#include <algorithm>
#include <utility>

#include "core/io/file.h"
#include "platform/aws/authenticate.h"

namespace millrace::console {

ListContents::ListContents(std::filesystem::path directory) : directory_(std::move(directory)) {
  std::filesystem::create_directories(directory_);
}

std::filesystem::path ListContents::path_of(const std::string& hash) const {
  return directory_ / (hash + ".lst");
}

std::string ListContents::put(const std::string& bytes) const {
  const std::string hash = aws::payload_hash(bytes);
  if (!std::filesystem::exists(path_of(hash))) write_file_durably(path_of(hash), bytes, 0600);
  return hash;
}

std::string ListContents::bytes(const std::string& hash) const {
  return read_file(path_of(hash), kMaxListBytes);
}

std::shared_ptr<const ListContent> ListContents::get(const std::string& hash,
                                                     const std::string& origin) {
  const auto known = kept_.with([&](auto& kept) -> std::shared_ptr<const ListContent> {
    const auto found = std::find_if(kept.begin(), kept.end(),
                                    [&](const auto& content) { return content->hash == hash; });
    if (found == kept.end()) return nullptr;
    kept.splice(kept.begin(), kept, found);
    return *found;
  });
  if (known) return known;
  lists::List list = lists::List::parse(bytes(hash), origin);
  const lists::Form form = lists::form_of(list.rows());
  auto content = std::make_shared<const ListContent>(
      ListContent{.hash = hash, .list = std::move(list), .form = form});
  kept_.with([&](auto& kept) {
    kept.push_front(content);
    if (kept.size() > kMaxKept) kept.pop_back();
  });
  return content;
}

}  // namespace millrace::console
