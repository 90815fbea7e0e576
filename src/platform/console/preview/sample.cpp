#include "platform/console/preview/sample.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "codec/gzip.h"
#include "codec/image_header.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/data/csv_cells.h"
#include "core/data/image_record.h"
#include "core/data/lst.h"
#include "core/data/recordio.h"
#include "core/data/recordio_protobuf.h"
#include "core/io/tar_reader.h"
#include "core/lists/form.h"
#include "core/lists/list.h"
#include "core/lists/list_json.h"
#include "platform/console/preview/limited_source.h"

namespace millrace::console {
namespace {

constexpr std::size_t kHeadBytes = 256 * 1024;
constexpr std::size_t kTextBytes = 64 * 1024;
constexpr std::size_t kHexBytes = 256;
constexpr std::size_t kMaxRows = 100;
constexpr std::size_t kMaxLabels = 32;  ///< of one row
constexpr std::size_t kMaxRecordBytes = std::size_t{64} << 20;
constexpr std::size_t kMaxMembers = 1000;

Json labels_json(std::span<const float> labels) {
  Json json = Json::array();
  for (const float label : labels.first(std::min(labels.size(), kMaxLabels)))
    json.push_back(lists::label_json(label));
  return json;
}

/// A character may be cut off at the end.
bool looks_like_text(std::string_view head) {
  if (head.find('\0') != std::string_view::npos) return false;
  for (int cut = 0; cut < 4; ++cut) {
    if (is_valid_utf8(head)) return true;
    if (head.empty()) return true;
    head.remove_suffix(1);
  }
  return false;
}

/// Whole lines of the beginning of a file, the last one only where the file ends with it.
std::vector<std::string_view> lines_of(std::string_view head, bool whole) {
  if (!whole) head = head.substr(0, head.rfind('\n') + 1);
  std::vector<std::string_view> lines;
  while (!head.empty() && lines.size() < kMaxRows) {
    const std::string_view line = head.substr(0, head.find('\n'));
    head.remove_prefix(std::min(line.size() + 1, head.size()));
    lines.push_back(line.ends_with('\r') ? line.substr(0, line.size() - 1) : line);
  }
  return lines;
}

Json image_json(const ImageHeader& header) {
  return {{"Kind", "image"},
          {"Format", std::string(name_of(header.format))},
          {"Width", header.width},
          {"Height", header.height},
          {"Channels", header.channels}};
}

Json image_records(const OpenFile& file, std::string_view name) {
  const auto stream = file.stream();
  RecordIoReader reader(*stream, std::string(name), kMaxRecordBytes);
  Json records = Json::array();
  while (records.size() < kMaxRows) {
    const std::string_view* payload = reader.next();
    if (payload == nullptr) break;
    const ImageRecord record = parse_image_record(*payload, name);
    Json json{{"n", records.size()},
              {"Offset", reader.record_offset()},
              {"Bytes", record.image.size()},
              {"Id", record.id},
              {"Labels", labels_json(record.labels)}};
    if (const auto header = read_image_header(record.image)) {
      json["Format"] = std::string(name_of(header->format));
      json["Width"] = header->width;
      json["Height"] = header->height;
    }
    records.push_back(std::move(json));
  }
  Json json{{"Kind", "records"}, {"Records", std::move(records)}};
  if (json["Records"].size() == kMaxRows) json["Sampled"] = "the first 100 records";
  return json;
}

Json protobuf_records(const OpenFile& file, std::string_view name) {
  const auto stream = file.stream();
  RecordIoProtobufReader reader(*stream, std::string(name), {});
  Json records = Json::array();
  Row row;
  while (records.size() < kMaxRows && reader.read(row)) {
    records.push_back({{"n", records.size()},
                       {"Labels", labels_json(row.labels)},
                       {"Values", labels_json(row.values)},
                       {"Columns", row.columns}});
  }
  Json json{{"Kind", "protobuf"}, {"Records", std::move(records)}};
  if (json["Records"].size() == kMaxRows) json["Sampled"] = "the first 100 records";
  return json;
}

/// Both kinds of records stand in RecordIO; an image record's payload begins with its header, which
/// a message does not look like.
Json record_sample(const OpenFile& file, std::string_view name) {
  try {
    return protobuf_records(file, name);
  } catch (const Error& error) {
    if (error.blame() != Blame::Customer) throw;
    return image_records(file, name);
  }
}

Json list_sample(const std::vector<std::string_view>& lines, std::string_view name) {
  std::string text;
  for (const std::string_view line : lines) text.append(line).append("\n");
  const lists::List list = lists::List::parse(std::move(text), std::string(name));
  Json rows = Json::array();
  for (const LstRow& row : list.rows()) {
    rows.push_back({{"index", row.index},
                    {"labels", labels_json(row.labels)},
                    {"path", valid_utf8(row.path)}});
  }
  return {{"Kind", "list"},
          {"Form", std::string(lists::describe(lists::form_of(list.rows())))},
          {"Rows", std::move(rows)}};
}

Json archive_sample(const OpenFile& file, std::string_view name, bool packed) {
  const auto stream = file.stream();
  std::optional<GzipSource> unpacked;
  if (packed) unpacked.emplace(*stream, std::string(name));
  LimitedSource limited(packed ? static_cast<ByteSource&>(*unpacked) : *stream, kMaxUnpackedBytes);
  Json members = Json::array();
  Json json{{"Kind", "archive"}};
  try {
    TarReader tar(limited, std::string(name));
    while (const auto member = tar.next_entry()) {
      if (members.size() == kMaxMembers) {
        json["Sampled"] = "the first 1000 members";
        break;
      }
      const bool link = member->kind == TarMember::Kind::SymbolicLink ||
                        member->kind == TarMember::Kind::HardLink;
      members.push_back({{"Name", valid_utf8(member->name)},
                         {"Bytes", member->size},
                         {"Kind", member->kind == TarMember::Kind::Directory ? "folder"
                                  : link                                     ? "link"
                                  : member->kind == TarMember::Kind::File    ? "file"
                                                                             : "other"}});
    }
  } catch (const Error& error) {
    if (limited.reached()) {
      json["Sampled"] = "the members of the first 256 MB";
    } else if (members.empty()) {
      throw;
    } else {
      json["Problem"] = error.what();
    }
  }
  json["Members"] = std::move(members);
  return json;
}

/// A cell without the quotes around it.
std::string cell_text(std::string_view cell) {
  if (cell.size() < 2 || !cell.starts_with('"') || !cell.ends_with('"')) return std::string(cell);
  std::string text(cell.substr(1, cell.size() - 2));
  for (std::size_t at = 0; (at = text.find("\"\"", at)) != std::string::npos; ++at)
    text.erase(at, 1);
  return text;
}

Json table_sample(const std::vector<std::string_view>& lines, std::string_view name) {
  Json rows = Json::array();
  for (const std::string_view line : lines) {
    Json cells = Json::array();
    for (const std::string_view cell : csv_cells(line, name)) cells.push_back(cell_text(cell));
    rows.push_back(std::move(cells));
  }
  return {{"Kind", "table"}, {"Rows", std::move(rows)}};
}

Json plain_sample(const OpenFile& file, std::string_view head) {
  if (!looks_like_text(head)) {
    return {{"Kind", "binary"}, {"Head", to_hex(head.substr(0, kHexBytes))}};
  }
  Json json{{"Kind", "text"}, {"Text", std::string(cut_utf8(head, kTextBytes))}};
  if (file.size > kTextBytes) json["Sampled"] = "the first " + human_bytes(kTextBytes);
  return json;
}

Json sample_by_kind(const OpenFile& file, std::string_view name, std::string_view head) {
  constexpr std::string_view kRecordIo("\x0a\x23\xd7\xce", 4);  // kRecordMagic, little-endian
  constexpr std::string_view kGzip("\x1f\x8b", 2);
  if (const auto header = read_image_header(head)) return image_json(*header);
  if (head.starts_with(kRecordIo)) return record_sample(file, name);
  const std::string lower = to_lower(name);
  if (head.starts_with(kGzip) && (lower.ends_with(".tar.gz") || lower.ends_with(".tgz")))
    return archive_sample(file, name, true);
  if (lower.ends_with(".tar")) return archive_sample(file, name, false);
  if (!looks_like_text(head.substr(0, head.rfind('\n') + 1))) return plain_sample(file, head);
  const auto lines = lines_of(head, head.size() == file.size);
  std::optional<Json> json;
  if (lower.ends_with(".lst")) json = list_sample(lines, name);
  if (lower.ends_with(".csv")) json = table_sample(lines, name);
  if (lower.ends_with(".jsonl") || lower.ends_with(".manifest")) {
    Json texts = Json::array();
    for (const std::string_view line : lines) texts.push_back(std::string(line));
    json = Json{{"Kind", "lines"}, {"Lines", std::move(texts)}};
  }
  if (!json) return plain_sample(file, head);
  if (lines.size() == kMaxRows || head.size() < file.size)
    (*json)["Sampled"] = "the first " + std::to_string(lines.size()) + " lines";
  return *std::move(json);
}

}  // namespace

Json sample(const OpenFile& file, std::string_view name) {
  const std::string head = file.read(0, kHeadBytes);
  Json json;
  try {
    json = sample_by_kind(file, name, head);
  } catch (const Error& error) {
    if (error.blame() != Blame::Customer) throw;
    json = plain_sample(file, head);
    json["Problem"] = error.what();
  }
  json["Bytes"] = file.size;
  json["ContentType"] = file.type;
  json["Version"] = file.version;
  return json;
}

}  // namespace millrace::console
