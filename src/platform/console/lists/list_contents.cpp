#include "platform/console/lists/list_contents.h"

#include <algorithm>
#include <utility>

#include "core/io/file.h"
#include "platform/aws/authenticate.h"

namespace millrace::console {

ListContents::ListContents(std::filesystem::path directory, std::size_t max_kept_bytes)
    : directory_(std::move(directory)), max_kept_bytes_(max_kept_bytes) {
  std::filesystem::create_directories(directory_);
}

std::filesystem::path ListContents::path_of(const std::string& hash) const {
  return directory_ / (hash + ".lst");
}

std::string ListContents::bytes(const std::string& hash) const {
  return read_file(path_of(hash), kMaxListBytes);
}

std::size_t ListContents::kept_bytes() const {
  return kept_.with([](const Kept& kept) { return kept.bytes; });
}

std::shared_ptr<const ListContent> ListContents::known(const std::string& hash) {
  return kept_.with([&](Kept& kept) -> std::shared_ptr<const ListContent> {
    const auto found = std::find_if(kept.order.begin(), kept.order.end(),
                                    [&](const auto& content) { return content->hash == hash; });
    if (found == kept.order.end()) return nullptr;
    kept.order.splice(kept.order.begin(), kept.order, found);
    return *found;
  });
}

std::shared_ptr<const ListContent> ListContents::parsed(const std::string& hash, std::string bytes,
                                                        const std::string& origin) {
  std::size_t taken = bytes.size();
  lists::List list = lists::List::parse(std::move(bytes), origin);
  const lists::Form form = lists::form_of(list.rows());
  for (const LstRow& row : list.rows()) taken += sizeof row + row.labels.size_bytes();
  auto content = std::make_shared<const ListContent>(
      ListContent{.hash = hash, .bytes = taken, .list = std::move(list), .form = form});
  kept_.with([&](Kept& kept) {
    kept.order.push_front(content);
    kept.bytes += taken;
    while (kept.bytes > max_kept_bytes_ && kept.order.size() > 1) {
      kept.bytes -= kept.order.back()->bytes;
      kept.order.pop_back();
    }
  });
  return content;
}

std::shared_ptr<const ListContent> ListContents::keep(const std::string& bytes,
                                                      const std::string& origin) {
  const std::string hash = aws::payload_hash(bytes);
  std::shared_ptr<const ListContent> content = known(hash);
  if (!content) content = parsed(hash, bytes, origin);
  if (!std::filesystem::exists(path_of(hash))) write_file_durably(path_of(hash), bytes, 0600);
  return content;
}

std::shared_ptr<const ListContent> ListContents::get(const std::string& hash,
                                                     const std::string& origin) {
  if (auto content = known(hash)) return content;
  return parsed(hash, bytes(hash), origin);
}

}  // namespace millrace::console
