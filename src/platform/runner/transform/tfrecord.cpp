#include "platform/runner/transform/tfrecord.h"

#include <utility>

#include "core/base/text.h"
#include "core/data/little_endian.h"
#include "core/data/record_place.h"
#include "platform/aws/checksum.h"

namespace millrace::runner {
namespace {

constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kCrcBytes = 4;
constexpr std::size_t kHeaderBytes = kLengthBytes + kCrcBytes;

/// A CRC that is stored beside what it covers is masked, so that a file of files does not hold a
/// CRC of CRCs.
std::uint32_t masked_crc(std::string_view bytes) {
  const std::string digest =
      from_base64(aws::checksum_of(aws::ChecksumAlgorithm::Crc32c, bytes)).value_or("");
  std::uint32_t crc = 0;
  for (const char byte : digest) crc = crc << 8 | static_cast<unsigned char>(byte);
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8U;
}

}  // namespace

TfRecordReader::TfRecordReader(ByteSource& source, std::string origin, std::size_t max_record_bytes)
    : window_(source), origin_(std::move(origin)), max_record_bytes_(max_record_bytes) {}

const TfRecordReader::Found* TfRecordReader::next() {
  const RecordPlace place{.origin = origin_, .record = records_, .byte = offset_};
  const auto refuse_cut = [&](std::size_t have, const std::string& need) {
    refuse_record(place, std::to_string(have) + " bytes up to the end of the file", need,
                  "The file is cut off: write or upload it again.");
  };
  std::string_view ready = window_.at_least(kHeaderBytes);
  if (ready.empty()) return nullptr;
  if (ready.size() < kHeaderBytes) refuse_cut(ready.size(), "12 bytes of length and checksum");
  if (load_little<std::uint32_t>(ready.substr(kLengthBytes)) !=
      masked_crc(ready.substr(0, kLengthBytes))) {
    refuse_record(place, "0x" + to_hex(ready.substr(0, kHeaderBytes)),
                  "the length of a record and its checksum",
                  "Check that the file is TFRecord and not compressed, or set CompressionType.");
  }
  const auto length = load_little<std::uint64_t>(ready);
  if (length > max_record_bytes_) {
    refuse_record(place, "a record of " + human_bytes(length),
                  "at most " + human_bytes(max_record_bytes_), "Split it.");
  }
  const std::size_t whole = kHeaderBytes + static_cast<std::size_t>(length) + kCrcBytes;
  ready = window_.at_least(whole);
  if (ready.size() < whole) refuse_cut(ready.size(), std::to_string(whole) + " bytes");
  found_ = {.data = ready.substr(kHeaderBytes, static_cast<std::size_t>(length)),
            .framed = ready.substr(0, whole)};
  if (load_little<std::uint32_t>(ready.substr(whole - kCrcBytes)) != masked_crc(found_.data)) {
    refuse_record(place, "data of " + std::to_string(length) + " bytes", "data of its checksum",
                  "The file is damaged: write or upload it again.");
  }
  window_.skip(whole);
  offset_ += whole;
  ++records_;
  return &found_;
}

std::string tfrecord_framed(std::string_view data) {
  std::string framed;
  append_little(framed, static_cast<std::uint64_t>(data.size()));
  append_little(framed, masked_crc(framed));
  framed += data;
  append_little(framed, masked_crc(data));
  return framed;
}

}  // namespace millrace::runner
