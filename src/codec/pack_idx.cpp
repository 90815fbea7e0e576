#include "codec/pack_idx.h"

#include <algorithm>

#include "codec/image.h"
#include "core/base/error.h"
#include "core/data/idx.h"
#include "core/data/image_record.h"
#include "core/data/recordio.h"

namespace millrace {

std::int64_t pack_idx(ByteSource& images, ByteSource& labels, ByteSink& out,
                      const PackIdxOptions& options) {
  const IdxArray pictures = read_idx(images, "images");
  const IdxArray classes = read_idx(labels, "labels");
  if (pictures.shape.size() != 3 || classes.shape.size() != 1 ||
      pictures.shape[0] != classes.shape[0]) {
    throw Error(
        Blame::Customer,
        Problem{.where = "images and labels",
                .given = std::to_string(pictures.shape[0]) + " images with " +
                         std::to_string(pictures.shape.size()) + " dimensions, " +
                         std::to_string(classes.shape[0]) + " labels with " +
                         std::to_string(classes.shape.size()),
                .expected = "as many labels as images, in 3 dimensions and 1",
                .fix = "Give the images file first and the labels file that belongs to it."});
  }
  RecordIoWriter writer(out);
  if (options.first_record < 0 || options.first_record >= pictures.shape[0]) {
    throw Error(Blame::Customer,
                Problem{.where = "first record",
                        .given = std::to_string(options.first_record),
                        .expected = "a number from 0 to " + std::to_string(pictures.shape[0] - 1) +
                                    ", because the data set has " +
                                    std::to_string(pictures.shape[0]) + " images",
                        .fix = {}});
  }
  const std::int64_t count =
      std::min(pictures.shape[0] - options.first_record, options.max_records);
  Image image{.width = pictures.shape[2], .height = pictures.shape[1], .channels = 1, .pixels = {}};
  const auto size = static_cast<std::size_t>(image.width * image.height);
  for (std::int64_t i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(options.first_record + i);
    const auto* begin = reinterpret_cast<const std::uint8_t*>(pictures.values.data()) + at * size;
    image.pixels.assign(begin, begin + size);
    const std::string png = encode_png(image);
    ImageRecord record;
    record.labels = {static_cast<float>(static_cast<unsigned char>(classes.values[at]))};
    record.id = at;
    record.image = png;
    writer.write(format_image_record(record));
  }
  return count;
}

}  // namespace millrace
