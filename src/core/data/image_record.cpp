#include "core/data/image_record.h"

#include "core/base/error.h"
#include "core/data/little_endian.h"

namespace millrace {
namespace {

constexpr std::size_t kHeaderBytes = 24;

[[noreturn]] void refuse_short(std::string_view origin, std::size_t have, std::size_t need) {
  throw Error(Blame::Customer,
              Problem{.where = std::string(origin),
                      .given = std::to_string(have) + " bytes",
                      .expected = "an image record: at least " + std::to_string(need) +
                                  " bytes of header and labels",
                      .fix = "Pack the images with MXNet's im2rec or 'millrace data'."});
}

}  // namespace

ImageRecord parse_image_record(std::string_view payload, std::string_view origin) {
  if (payload.size() < kHeaderBytes) refuse_short(origin, payload.size(), kHeaderBytes);
  const auto flag = load_little<std::uint32_t>(payload);
  ImageRecord record;
  record.id = load_little<std::uint64_t>(payload.substr(8));
  record.id2 = load_little<std::uint64_t>(payload.substr(16));
  if (flag == 0) {
    record.labels = {load_little<float>(payload.substr(4))};
    record.image = payload.substr(kHeaderBytes);
    return record;
  }
  if (flag > kMaxRecordLabels) {
    throw Error(Blame::Customer, Problem{.where = std::string(origin),
                                         .given = std::to_string(flag) + " labels",
                                         .expected = "at most " + std::to_string(kMaxRecordLabels),
                                         .fix = "The record's header is damaged: pack it again."});
  }
  const std::size_t labels_end = kHeaderBytes + std::size_t{flag} * sizeof(float);
  if (payload.size() < labels_end) refuse_short(origin, payload.size(), labels_end);
  for (std::size_t at = kHeaderBytes; at < labels_end; at += sizeof(float)) {
    record.labels.push_back(load_little<float>(payload.substr(at)));
  }
  record.image = payload.substr(labels_end);
  return record;
}

std::string format_image_record(const ImageRecord& record) {
  const bool scalar = record.labels.size() == 1;
  std::string bytes;
  bytes.reserve(kHeaderBytes + record.labels.size() * sizeof(float) + record.image.size());
  append_little(bytes, scalar ? 0u : static_cast<std::uint32_t>(record.labels.size()));
  append_little(bytes, scalar ? record.labels[0] : 0.0f);
  append_little(bytes, record.id);
  append_little(bytes, record.id2);
  if (!scalar) {
    for (const float label : record.labels) append_little(bytes, label);
  }
  bytes += record.image;
  return bytes;
}

}  // namespace millrace
