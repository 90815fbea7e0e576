#include "trainer/vision/image_stream.h"

#include <utility>

#include "codec/image.h"
#include "core/base/refuse.h"
#include "core/base/text.h"
#include "core/data/image_record.h"
#include "core/data/little_endian.h"
#include "trainer/vision/class_label.h"

namespace millrace {
namespace {

constexpr const char* kPairs =
    "Let AttributeNames name the image first and its label second, as in [\"source-ref\", "
    "\"class\"].";

/// A label attribute: a number, or the same in quotes.
float label_of(std::string_view text, const std::string& where) {
  std::string_view number = trim(text);
  if (number.size() >= 2 && number.front() == '"' && number.back() == '"')
    number = trim(number.substr(1, number.size() - 2));
  if (number.starts_with('[')) {
    refuse(where, std::string(text), "one class number, because training is not multi-label",
           "Let the attribute hold one class, such as 0, or set multi_label to 1.");
  }
  const std::optional<double> label = parse_double(number);
  if (!label)
    refuse(where, std::string(text), "the label of the image before it, such as 0", kPairs);
  return static_cast<float>(*label);
}

}  // namespace

ImageStream::ImageStream(ByteSource& source, std::string origin, Options options)
    : origin_(std::move(origin)), options_(options), records_(source, origin_, kMaxImageBytes) {}

std::string ImageStream::place() const {
  return origin_ + ", record " + std::to_string(records_.records() - 1) + ", byte " +
         std::to_string(records_.record_offset());
}

ImageStream::Form ImageStream::form_of(std::string_view record) const {
  if (is_jpeg_or_png(record)) return Form::Pairs;
  if (record.size() >= sizeof kRecordMagic && load_little<std::uint32_t>(record) == kRecordMagic) {
    refuse(place(), "RecordIO inside of a record", "an image",
           "Leave RecordWrapperType out: the objects are RecordIO already.");
  }
  return options_.wrapped ? Form::Pairs : Form::ImageRecords;
}

void ImageStream::take_image_record(std::string_view record, StreamedImage& image) const {
  const ImageRecord parsed = parse_image_record(record, image.name);
  image.bytes = parsed.image;
  if (options_.multi_label) {
    if (options_.class_list == ClassListForm::ClassId) {
      refuse(
          image.name, "an image record, with label-format=class-id",
          "an image, then its classes in a record of their own, as an augmented manifest is sent",
          "Remove label-format from the ContentType: records hold a 0 or a 1 for each class.");
    }
    image.classes = present_classes(parsed.labels, options_.classes, image.name);
    return;
  }
  const float label = only_label(parsed.labels, image.name);
  check_label(label, options_.classes, image.name);
  image.label = static_cast<std::int64_t>(label);
}

void ImageStream::take_pair(std::string_view record, StreamedImage& image) {
  image.bytes = record;
  const std::string_view* text = records_.next();
  // What is no image but has a label is a broken image, which the decoder will say. Without one the
  // records are out of step.
  if (!is_jpeg_or_png(image.bytes) && (text == nullptr || is_jpeg_or_png(*text))) {
    refuse(image.name,
           image.bytes.empty() ? "no bytes" : "bytes " + to_hex(image.bytes.substr(0, 8)),
           "a JPEG or PNG image, followed by its label in a record of its own", kPairs);
  }
  if (text == nullptr)
    refuse(image.name, "an image at the end of the stream", "its label after it", kPairs);
  if (is_jpeg_or_png(*text))
    refuse(place(), "an image", "the label of the image before it", kPairs);
  if (options_.multi_label) {
    for (const std::int64_t c :
         parse_class_labels(*text, options_.class_list, options_.classes, place()))
      image.classes.push_back(static_cast<float>(c));
    return;
  }
  const float label = label_of(*text, place());
  check_label(label, options_.classes, place());
  image.label = static_cast<std::int64_t>(label);
}

std::optional<StreamedImage> ImageStream::next() {
  const std::string_view* record = records_.next();
  if (record == nullptr) return std::nullopt;
  if (form_ == Form::Unknown) form_ = form_of(*record);
  StreamedImage image;
  image.number = count_++;
  image.name = place();
  if (form_ == Form::Pairs) {
    take_pair(*record, image);
  } else {
    take_image_record(*record, image);
  }
  return image;
}

}  // namespace millrace
