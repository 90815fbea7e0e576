#include "platform/console/preview/record_hop.h"

#include <algorithm>
#include <string_view>

#include "core/base/error.h"
#include "core/data/recordio.h"

namespace millrace::console {
namespace {

std::uint32_t word(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) {
    const auto byte = at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U;
    value = value << 8U | byte;
  }
  return value;
}

[[noreturn]] void refuse_at(std::uint64_t at, const std::string& what) {
  throw Error(Blame::Customer, "ValidationException", "byte " + std::to_string(at) + " " + what);
}

}  // namespace

std::optional<std::pair<std::uint64_t, std::uint64_t>> RecordHop::next() {
  const std::uint64_t begin = at_;
  for (;;) {
    const std::string head = read_(at_, 8);
    if (head.empty() && at_ == begin) return std::nullopt;
    const std::uint32_t length = word(head, 4);
    if (head.size() < 8 || word(head, 0) != kRecordMagic)
      refuse_at(at_, "is not the beginning of a record");
    if (left_-- == 0)
      refuse_at(at_, "is reached only behind more records than are looked through here");
    const std::uint32_t flag = length >> 29U;
    at_ += 8 + ((std::uint64_t{length & 0x1fffffffU} + 3) & ~std::uint64_t{3});
    if (flag == 0 || flag == 3) return std::pair(begin, std::min(at_, size_));
  }
}

}  // namespace millrace::console
