#include "platform/aws/checksum.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/aws/crc64nvme.h"

namespace millrace::aws {
namespace {

constexpr const char* kCheckText = "123456789";

std::string hex_of(ChecksumAlgorithm algorithm, std::string_view bytes) {
  return to_hex(*from_base64(checksum_of(algorithm, bytes)));
}

std::string random_text(std::size_t size) {
  std::minstd_rand generator(7);
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(generator() >> 8);
  return text;
}

// The CRCs' check values are those of the catalogue of parametrised CRC algorithms; the digests are
// FIPS 180's.
TEST(Checksum, HasThePublishedCheckValues) {
  EXPECT_EQ(hex_of(ChecksumAlgorithm::Crc32, kCheckText), "cbf43926");
  EXPECT_EQ(hex_of(ChecksumAlgorithm::Crc32c, kCheckText), "e3069283");
  EXPECT_EQ(hex_of(ChecksumAlgorithm::Crc64Nvme, kCheckText), "ae8b14860a799888");
  EXPECT_EQ(hex_of(ChecksumAlgorithm::Sha1, "abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex_of(ChecksumAlgorithm::Sha256, "abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(md5("abc")), "900150983cd24fb0d6963f7d28e17f72");
}

TEST(Checksum, OfNothingIsWhatS3Says) {
  EXPECT_EQ(checksum_of(ChecksumAlgorithm::Crc32, ""), "AAAAAA==");
  EXPECT_EQ(checksum_of(ChecksumAlgorithm::Crc64Nvme, ""), "AAAAAAAAAAA=");
  EXPECT_EQ(checksum_of(ChecksumAlgorithm::Sha1, ""), "2jmj7l5rSw0yVb/vlWAYkK/YBwk=");
}

TEST(Checksum, DoesNotDependOnHowTheBytesArrive) {
  const std::string text = random_text(100'000);
  for (const ChecksumAlgorithm algorithm : kChecksumAlgorithms) {
    const std::string whole = checksum_of(algorithm, text);
    Checksummer pieces(algorithm);
    for (std::size_t at = 0, step = 1; at < text.size(); at += step, step = step * 3 % 1021 + 1) {
      pieces.update(std::string_view(text).substr(at, step));
    }
    EXPECT_EQ(pieces.finish(), whole) << wire_name(algorithm);
  }
}

TEST(Checksum, StartsAfreshAfterItsEnd) {
  for (const ChecksumAlgorithm algorithm : kChecksumAlgorithms) {
    Checksummer checksummer(algorithm);
    checksummer.update(kCheckText);
    const std::string first = checksummer.finish();
    checksummer.update(kCheckText);
    EXPECT_EQ(checksummer.finish(), first) << wire_name(algorithm);
  }
}

TEST(Checksum, FoldedCrc64EqualsTheTablesAtEveryLengthAndAlignment) {
  const std::string text = random_text(1200);
  for (std::size_t offset = 0; offset < 17; ++offset) {
    for (std::size_t size = 0; size + offset <= text.size(); size += size < 300 ? 1 : 37) {
      const std::string_view bytes = std::string_view(text).substr(offset, size);
      ASSERT_EQ(crc64nvme(0x123456789abcdef, bytes),
                detail::crc64nvme_by_tables(0x123456789abcdef, bytes))
          << size;
    }
  }
}

TEST(Checksum, OfAWholeFollowsFromItsParts) {
  const std::string text = random_text(70'000);
  for (const ChecksumAlgorithm algorithm :
       {ChecksumAlgorithm::Crc32, ChecksumAlgorithm::Crc32c, ChecksumAlgorithm::Crc64Nvme}) {
    std::vector<PartChecksum> parts;
    for (const auto& [from, size] :
         {std::pair<std::size_t, std::size_t>{0, 5000}, {5000, 1}, {5001, 0}, {5001, 64'999}}) {
      parts.push_back({checksum_of(algorithm, std::string_view(text).substr(from, size)), size});
    }
    EXPECT_EQ(full_object_checksum(algorithm, parts), checksum_of(algorithm, text))
        << wire_name(algorithm);
  }
}

TEST(Checksum, OfAWholeCannotBeHadFromDigests) {
  const std::vector<PartChecksum> parts{{checksum_of(ChecksumAlgorithm::Sha256, "a"), 1}};
  EXPECT_THROW(full_object_checksum(ChecksumAlgorithm::Sha256, parts), Error);
  EXPECT_THROW(full_object_checksum(ChecksumAlgorithm::Crc32, parts), Error);
}

TEST(Checksum, CompositeIsTheChecksumOfTheDigestsAndTheirNumber) {
  const std::vector<PartChecksum> parts{{checksum_of(ChecksumAlgorithm::Crc32, "a"), 1},
                                        {checksum_of(ChecksumAlgorithm::Crc32, "b"), 1}};
  const std::string digests = *from_base64(parts[0].value) + *from_base64(parts[1].value);
  EXPECT_EQ(composite_checksum(ChecksumAlgorithm::Crc32, parts),
            checksum_of(ChecksumAlgorithm::Crc32, digests) + "-2");
}

TEST(Checksum, KnowsItsWireNames) {
  for (const ChecksumAlgorithm algorithm : kChecksumAlgorithms) {
    EXPECT_EQ(checksum_algorithm(wire_name(algorithm)), algorithm);
    EXPECT_EQ(checksum_algorithm(to_lower(wire_name(algorithm))), algorithm);
  }
  EXPECT_EQ(checksum_algorithm("CRC64"), std::nullopt);
}

}  // namespace
}  // namespace millrace::aws
