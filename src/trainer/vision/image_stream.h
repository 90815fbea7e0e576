#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/data/manifest_labels.h"
#include "core/data/recordio.h"

namespace millrace {

/// One labelled image out of a stream.
struct StreamedImage {
  std::string bytes;           ///< encoded
  std::int64_t label = 0;      ///< 0 to classes - 1; not of a multi-label stream
  std::vector<float> classes;  ///< of a multi-label stream: those the image has, ascending
  std::int64_t number = 0;     ///< from 0, in the order of the stream
  std::string name;            ///< for messages: "channel 'train', epoch 0, record 17, byte 8812"
};

/// Reads labelled images from RecordIO as Pipe mode delivers it, in the form that the first record
/// shows:
///
///   image records   each with MXNet's header in front of the image (core/data/image_record.h);
///   pairs           the image file itself, then its label as text ("3"), as an augmented manifest
///                   with RecordWrapperType RecordIO and AttributeNames [image, label] is sent.
///
/// In a multi-label stream the header has a 0 or a 1 for each class, and the text is a list:
/// "[1, 0, 1]", or "[0, 2]" where Options::class_list says so.
///
/// A header begins with a count of labels that no JPEG or PNG file begins with, so the two cannot
/// be taken for each other.
///
/// All failures are Error(Customer) naming origin, record and byte: damaged RecordIO, a record of
/// more than kMaxImageBytes, a label that is no whole number from 0 to classes - 1, several labels
/// where one is expected, labels of a multi-label image that are not a 0 or a 1 for each class.
class ImageStream {
 public:
  /// An image file larger than this is a mistake; two fit while a record is taken over.
  static constexpr std::size_t kMaxImageBytes = std::size_t{64} << 20;

  struct Options {
    std::int64_t classes = 0;
    bool wrapped = false;  ///< the channel's RecordWrapperType is RecordIO: pairs are expected
    bool multi_label = false;
    ClassListForm class_list = ClassListForm::MultiHot;  ///< of multi-label pairs
  };

  /// `source` must outlive the stream.
  ImageStream(ByteSource& source, std::string origin, Options options);

  /// nullopt at the end.
  std::optional<StreamedImage> next();

 private:
  enum class Form { Unknown, ImageRecords, Pairs };

  [[nodiscard]] std::string place() const;
  [[nodiscard]] Form form_of(std::string_view record) const;
  void take_image_record(std::string_view record, StreamedImage& image) const;
  void take_pair(std::string_view record, StreamedImage& image);

  std::string origin_;
  Options options_;
  RecordIoReader records_;
  Form form_ = Form::Unknown;
  std::int64_t count_ = 0;
};

}  // namespace millrace
