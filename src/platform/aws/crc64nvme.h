#pragma once

#include <cstdint>
#include <string_view>

namespace millrace::aws {

/// CRC-64/NVME (polynomial 0xad93d23594c93659, reflected; NVM Express NVM Command Set 1.0,
/// section 5.2.1.3.4): the checksum of `bytes` appended to text whose checksum is `before` (0 for
/// none).
std::uint64_t crc64nvme(std::uint64_t before, std::string_view bytes);

namespace detail {
/// The same with tables only, for processors without carry-less multiplication.
std::uint64_t crc64nvme_by_tables(std::uint64_t before, std::string_view bytes);
}  // namespace detail

}  // namespace millrace::aws
