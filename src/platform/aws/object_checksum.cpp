#include "platform/aws/object_checksum.h"

#include <algorithm>
#include <iterator>

#include "core/base/text.h"
#include "platform/aws/checksum.h"

namespace millrace::aws {

bool names_object_checksum(const Operation& operation, std::string_view header) {
  if (operation.streaming_input || operation.input == nullptr) return false;
  const bool is_checksum =
      std::any_of(std::begin(kChecksumAlgorithms), std::end(kChecksumAlgorithms),
                  [&](ChecksumAlgorithm algorithm) { return equal_ignoring_case(header, header_name(algorithm)); });
  const std::span<const Member> members = operation.input->members;
  return is_checksum && std::any_of(members.begin(), members.end(), [&](const Member& member) {
           return member.location == Location::Header && equal_ignoring_case(member.wire_name, header);
         });
}

}  // namespace millrace::aws
