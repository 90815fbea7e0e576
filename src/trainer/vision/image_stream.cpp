#include "trainer/vision/image_stream.h"

#include <utility>

#include "codec/image.h"
#include "core/base/refuse.h"
#include "core/base/text.h"
#include "core/data/image_record.h"
#include "core/data/little_endian.h"
#include "trainer/vision/attribute_label.h"
#include "trainer/vision/class_label.h"

namespace millrace {
namespace {

constexpr const char* kPairs =
    "Let AttributeNames name the image first and its label second, as in [\"source-ref\", "
    "\"class\"].";

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
  std::vector<float> classes = classes_of_attribute(*text,
                                                    {.classes = options_.classes,
                                                     .multi_label = options_.multi_label,
                                                     .class_list = options_.class_list},
                                                    place(), kPairs);
  if (options_.multi_label) {
    image.classes = std::move(classes);
    return;
  }
  check_label(classes[0], options_.classes, place());
  image.label = static_cast<std::int64_t>(classes[0]);
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
