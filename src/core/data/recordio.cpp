#include "core/data/recordio.h"

#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/data/little_endian.h"
#include "core/data/record_place.h"

namespace millrace {
namespace {

constexpr std::size_t kHeaderBytes = 8;

/// What the upper three bits of the second word say about a chunk.
enum class ChunkFlag : std::uint32_t { Whole = 0, First = 1, Middle = 2, Last = 3 };

struct ChunkHeader {
  ChunkFlag flag{};
  std::size_t length = 0;
  [[nodiscard]] std::size_t padded() const { return (length + 3) / 4 * 4; }
  [[nodiscard]] bool ends_record() const {
    return flag == ChunkFlag::Whole || flag == ChunkFlag::Last;
  }
};

[[noreturn]] void refuse_truncated(const RecordPlace& place, std::size_t have, std::size_t need) {
  refuse_record(place, std::to_string(have) + " bytes up to the end of the file",
                std::to_string(need) + " bytes", "The file is cut off: pack or upload it again.");
}

/// `first` is true when a new record must begin here.
ChunkHeader decode_header(std::string_view bytes, bool first, const RecordPlace& place) {
  const auto magic = load_little<std::uint32_t>(bytes);
  if (magic != kRecordMagic) {
    refuse_record(place, "0x" + to_hex(bytes.substr(0, 4)), "the RecordIO magic 0x0a23d7ce",
                  "Check that the file is RecordIO, as MXNet's im2rec writes it.");
  }
  const auto word = load_little<std::uint32_t>(bytes.substr(4));
  const std::uint32_t flag = word >> 29;
  const bool fits = first ? flag <= 1 : flag == 2 || flag == 3;
  if (!fits) {
    refuse_record(place, "chunk flag " + std::to_string(flag),
                  first ? "0 (whole record) or 1 (first chunk)" : "2 or 3 (continuation)",
                  "The file is damaged: pack it again.");
  }
  return {.flag = static_cast<ChunkFlag>(flag), .length = word & kMaxChunkBytes};
}

std::string_view magic_bytes() {
  static constexpr char kBytes[] = {'\x0a', '\x23', '\xd7', '\xce'};
  return {kBytes, sizeof kBytes};
}

void write_chunk(ByteSink& sink, ChunkFlag flag, std::string_view payload) {
  std::string header;
  append_little(header, kRecordMagic);
  append_little(
      header, static_cast<std::uint32_t>(flag) << 29 | static_cast<std::uint32_t>(payload.size()));
  sink.write(header);
  sink.write(payload);
  const std::string padding((4 - payload.size() % 4) % 4, '\0');
  if (!padding.empty()) sink.write(padding);
}

}  // namespace

RecordIoReader::RecordIoReader(ByteSource& source, std::string origin, std::size_t max_record_bytes)
    : window_(source), origin_(std::move(origin)), max_record_bytes_(max_record_bytes) {}

const std::string_view* RecordIoReader::next() {
  joined_.clear();
  joins_.clear();
  record_offset_ = offset_;
  for (bool first = true;; first = false) {
    const RecordPlace place{origin_, records_, offset_};
    const std::string_view head = window_.at_least(kHeaderBytes);
    if (head.empty() && first) return nullptr;
    if (head.size() < kHeaderBytes) refuse_truncated(place, head.size(), kHeaderBytes);
    const ChunkHeader header = decode_header(head, first, place);
    const std::size_t size = joined_.size() + (first ? 0 : sizeof kRecordMagic) + header.length;
    if (size > max_record_bytes_) {
      refuse_record(place, std::to_string(size) + " bytes",
                    "a record of at most " + std::to_string(max_record_bytes_) + " bytes",
                    "Split the record.");
    }
    const std::size_t size_in_stream = kHeaderBytes + header.padded();
    const std::string_view chunk = window_.at_least(size_in_stream);
    if (chunk.size() < size_in_stream) {
      const std::size_t have = chunk.size() - kHeaderBytes;
      refuse_truncated(place, have, have < header.length ? header.length : header.padded());
    }
    const std::string_view payload = chunk.substr(kHeaderBytes, header.length);
    window_.skip(size_in_stream);
    offset_ += size_in_stream;
    if (header.flag == ChunkFlag::Whole) {
      record_ = payload;
      break;
    }
    if (!first) {
      joins_.push_back(joined_.size());
      joined_ += magic_bytes();
    }
    joined_ += payload;
    if (header.flag == ChunkFlag::Last) {
      record_ = joined_;
      break;
    }
  }
  ++records_;
  return &record_;
}

std::vector<RecordSpan> index_records(std::string_view file, std::string_view origin) {
  std::vector<RecordSpan> spans;
  std::uint64_t start = 0;
  bool first = true;
  for (std::uint64_t offset = 0; offset < file.size();) {
    const RecordPlace place{origin, static_cast<std::int64_t>(spans.size()), offset};
    const std::string_view rest = file.substr(offset);
    if (rest.size() < kHeaderBytes) refuse_truncated(place, rest.size(), kHeaderBytes);
    const ChunkHeader header = decode_header(rest, first, place);
    if (rest.size() - kHeaderBytes < header.padded()) {
      refuse_truncated(place, rest.size() - kHeaderBytes, header.padded());
    }
    offset += kHeaderBytes + header.padded();
    first = header.ends_record();
    if (first) {
      spans.push_back({.offset = start, .size = offset - start});
      start = offset;
    }
  }
  if (!first)
    refuse_truncated({origin, static_cast<std::int64_t>(spans.size()), file.size()}, 0,
                     kHeaderBytes);
  return spans;
}

std::string_view record_payload(std::string_view file, const RecordSpan& span,
                                std::string& scratch) {
  std::string_view rest = file.substr(span.offset, span.size);
  const auto length_of = [](std::string_view chunk) {
    return load_little<std::uint32_t>(chunk.substr(4)) & kMaxChunkBytes;
  };
  if (load_little<std::uint32_t>(rest.substr(4)) >> 29 == 0)
    return rest.substr(kHeaderBytes, length_of(rest));
  scratch.clear();
  for (bool first = true; !rest.empty(); first = false) {
    if (!first) scratch += magic_bytes();
    const std::size_t length = length_of(rest);
    scratch += rest.substr(kHeaderBytes, length);
    rest.remove_prefix(kHeaderBytes + (length + 3) / 4 * 4);
  }
  return scratch;
}

void RecordIoWriter::write(std::string_view record) {
  if (record.size() > kMaxChunkBytes) {
    throw Error(Blame::Customer,
                Problem{.where = "record",
                        .given = std::to_string(record.size()) + " bytes",
                        .expected = "at most " + std::to_string(kMaxChunkBytes) + " bytes",
                        .fix = "Split it."});
  }
  ChunkFlag flag = ChunkFlag::Whole;
  std::size_t begin = 0;
  const std::size_t aligned = record.size() / 4 * 4;
  for (std::size_t at = 0; at < aligned; at += 4) {
    if (load_little<std::uint32_t>(record.substr(at)) != kRecordMagic) continue;
    write_chunk(sink_, flag == ChunkFlag::Whole ? ChunkFlag::First : ChunkFlag::Middle,
                record.substr(begin, at - begin));
    flag = ChunkFlag::Last;
    begin = at + 4;
  }
  write_chunk(sink_, flag, record.substr(begin));
}

}  // namespace millrace
